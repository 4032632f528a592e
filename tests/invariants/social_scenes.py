"""The scenes of what providers cause."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from lingauth.models import Account, Backend, Identity, Provider
from lingauth.services import providers
from lingauth.services.events import Kind
from lingauth.services.social import decision, linking
from lingauth.services.social.profile import Profile
from tests.support.people import ACTOR, CLIENT, Person

Act = Callable[[], object]


def _accepted(backend: Backend, **changes: Any) -> Provider:
    values = {"client_id": "Iv1.1", "secret": "a secret", **changes}
    return providers.save(backend=backend, name="github", changes=values, actor=ACTOR)


def _arrive(backend: Backend, email: str = "new@example.com") -> Act:
    profile = Profile("https://github.com/login/oauth", "4711", email, (email,), {})
    provider = _accepted(backend)
    return partial(decision.account_for, provider=provider, profile=profile, client=CLIENT)


def _joins(backend: Backend) -> Act:
    """The provider has proven the address of somebody who has proven it too."""
    person = Person.sign_up(backend)
    Account.objects.filter(pk=person.account.pk).update(auto_confirmed=False)
    return _arrive(backend, person.email)


def _unlink(backend: Backend) -> Act:
    person = Person.sign_up(backend)
    more = Identity.objects.create(
        backend=backend, account=person.account, provider="github", subject="4711"
    )
    return partial(linking.unlink, me=person.me(), identity_uuid=more.uuid, client=CLIENT)


def _removed(backend: Backend) -> Act:
    _accepted(backend)
    return partial(providers.remove, backend=backend, name="github", actor=ACTOR)


SCENES: dict[Kind, list[Callable[[Backend], Act]]] = {
    Kind.SIGNED_UP: [_arrive],
    Kind.IDENTITY_LINKED: [_joins],
    Kind.IDENTITY_UNLINKED: [_unlink],
    Kind.PROVIDER_CHANGED: [lambda backend: partial(_accepted, backend), _removed],
}
