"""What the calls are made against: a backend with people in every state, another one beside it, a
provider; and every secret that any of it holds.

Made once in a process, at a time that stands still: so a code stays one code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings

from lingauth import keyring
from lingauth.core import clock
from lingauth.models import Backend, Identity
from lingauth.services.backends import NewBackend
from lingauth.services.social import discovery
from reliability.fuzz import people
from reliability.fuzz.isolation import connected, undone
from reliability.fuzz.people import Somebody
from tests.lingauth.api.people import create
from tests.lingauth.api.social.people import APP, CHALLENGE, accept, query_of
from tests.support.app import App
from tests.support.mailbox import newest
from tests.support.openid import OpenId, running

OPEN = {
    "redirect_urls": ["https://app.example.com/**"],
    "anonymous_enabled": True,
    "mail_cooldown": 0,
    "mails_per_hour": 1000,
}
MOODS: dict[str, dict[str, Any]] = {
    "open": {},
    "careful": {"auto_confirm": False, "one_step_links": True, "mfa_mode": "required"},
    "closed": {
        "signup_enabled": False,
        "anonymous_enabled": False,
        "manual_linking_enabled": False,
        "mail_sign_in_enabled": False,
        "mail_cooldown": 60,
        "single_session": True,
    },
}
"""Settings of the backend that a call may meet, besides those it was made with."""


class Lasting(dict[str, dict[str, str]]):
    """The provider's codes. A call is undone in our database, and so it has to be here."""

    def pop(self, key: str, default: Any = None) -> Any:
        return self.get(key, default)


@dataclass
class World:
    """``headers`` is what each caller sends along."""

    made: NewBackend
    rival: NewBackend
    provider: OpenId
    people: dict[str, Somebody] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    flow: dict[str, str] = field(default_factory=dict)
    notes: list[int] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return self.made.backend.ref


@contextmanager
def world() -> Iterator[World]:
    """The database is as it was afterwards."""
    keyring.forget()
    discovery.forget()
    allowed = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True, "MAIL_DELIVERY": "inline"}
    with (
        undone(),
        running(OpenId(codes=Lasting())) as provider,
        override_settings(LINGAUTH=allowed),
        time_machine.travel(clock.now() + timedelta(seconds=1), tick=False),
    ):
        here = _made(provider)
        with connected():
            yield here
    keyring.forget()
    discovery.forget()
    mail.outbox.clear()


def _made(provider: OpenId) -> World:
    here = World(_backend("acme"), _backend("rival"), provider)
    accept(here.made, provider)
    accept(here.made, provider, "github", client_id="Iv1.8a61f9b3a7aba766", issuer="")
    for name in ("aal1", "half", "pending", "aal2", "bare", "mailed"):
        here.people[name] = people.signed_up(here.made, name)
    here.people["stranger"] = people.signed_up(here.rival, "stranger")
    for name in ("aal2", "bare", "half", "stranger"):
        people.reach_aal2(here.people[name], with_codes=name != "bare")
    people.second_factor(here.people["aal2"])
    for name in ("half", "aal1"):
        people.sign_in_again(here.people[name])
    people.challenged(here.people["half"])
    pending = here.people["pending"]
    pending.factor = pending.app.enroll("Phone")["id"]
    people.challenged(pending)
    people.mailed(here.people["mailed"])
    people.mailed(here.people["stranger"])
    _begin_flows(here)
    here.notes = [people.note(here.people[name], name) for name in ("aal1", "aal2", "half")]
    _callers(here)
    mail.outbox.clear()
    return here


def _backend(ref: str) -> NewBackend:
    made = create(ref)
    Backend.objects.filter(pk=made.backend.pk).update(**OPEN)
    made.backend.refresh_from_db()
    return made


def _begin_flows(here: World) -> None:
    """A flow by mail with its code, one on its way through the provider, two tickets."""
    app, http = here.people["aal1"].app, Client()
    here.flow["auth_code"] = _code_of_a_flow(here, app)
    sent = {"provider": "corp", "redirect_to": APP, **CHALLENGE}
    left = http.get(f"/b/{app.ref}/auth/v1/authorize", sent)
    here.flow |= here.provider.consent(left["Location"])
    here.flow["cookie"] = left.cookies[f"lingauth-flow-{app.ref}"].value
    here.flow["nonce"] = query_of(left["Location"])["nonce"]
    person = here.people["aal2"].app
    link = person.auth("GET", f"user/identities/authorize?provider=corp&redirect_to={APP}")
    step = here.people["half"].app.auth("POST", "mfa/step-up", {"redirect_to": APP, **CHALLENGE})
    for name, answer in (("link_ticket", link), ("step_ticket", step)):
        here.flow[name] = query_of(answer.json()["url"])["ticket"]
    account = here.people["aal2"].id
    row = Identity.objects.get(account__uuid=account, provider="email")
    more = Identity(backend_id=row.backend_id, account_id=row.account_id, subject="4711")
    more.provider = "github"
    more.save()
    here.flow["identity_id"] = str(more.uuid)


def _code_of_a_flow(here: World, app: App) -> str:
    backend = Backend.objects.filter(pk=here.made.backend.pk)
    backend.update(one_step_links=True)
    app.auth("POST", "otp", {"email": app.email, **CHALLENGE}, anonymous=True)
    back = Client().get(f"/b/{app.ref}/auth/v1/verify?{urlsplit(newest(app.email).link).query}")
    backend.update(one_step_links=False)
    return query_of(back["Location"])["code"]


def _callers(here: World) -> None:
    key = {"apikey": here.made.anon_key}
    service = {"apikey": here.made.service_key}
    here.headers = {"nobody": {}, "app": key}
    for name, somebody in here.people.items():
        here.headers[name] = somebody.headers(here.made.anon_key)
    here.headers["server"] = service | {"Authorization": f"Bearer {here.made.service_key}"}
