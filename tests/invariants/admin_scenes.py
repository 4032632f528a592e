"""The events of the service key's acts, as ``scenes`` has those of others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from lingauth.models import Account, Backend
from lingauth.services.admin import deleting, factors, invitations, links, users
from lingauth.services.admin.by import By
from lingauth.services.admin.values import Given
from lingauth.services.context import Actor
from lingauth.services.events import Kind
from tests.support.people import CLIENT, Person

Act = Callable[[], object]
Scene = Callable[[Backend], Act]


def by(backend: Backend) -> By:
    return By(backend, Actor("service", "lk_service_…test"), CLIENT)


def _create(backend: Backend) -> Act:
    given = Given(email="ann@example.com", ban_duration="1h", email_confirm=True)
    return partial(users.create, by=by(backend), given=given)


def _update(**members: object) -> Scene:
    def scene(backend: Backend) -> Act:
        person = Person.sign_up(backend).enrol()
        return _change(backend, person.account, **members)

    return scene


def _change(backend: Backend, account: Account, **members: object) -> Act:
    given = Given(**members)  # type: ignore[arg-type]  # one scene's own members
    act = partial(users.update, by=by(backend), account_uuid=account.uuid, given=given)
    return act


def _unban(backend: Backend) -> Act:
    account = Person.sign_up(backend).account
    _change(backend, account, ban_duration="1h")()
    lift = _change(backend, account, ban_duration="none")

    def twice() -> None:
        lift()
        lift()

    return twice


def _confirm(backend: Backend) -> Act:
    made = users.create(by=by(backend), given=Given(email="ann@example.com"))
    return _change(backend, made.account, email_confirm=True)


def _delete(*, soft: bool) -> Scene:
    def scene(backend: Backend) -> Act:
        person = Person.sign_up(backend).enrol().make_codes()
        uuid = person.account.uuid
        delete = partial(deleting.delete, by=by(backend), account_uuid=uuid, soft=soft)

        def act() -> None:
            delete()
            if soft:
                delete()

        return act

    return scene


def _link(backend: Backend) -> Act:
    email = Person.sign_up(backend).email
    return partial(links.generate, by=by(backend), type="recovery", email=email)


def _invite(backend: Backend) -> Act:
    return partial(invitations.invite, by=by(backend), email="ann@example.com")


def _invite_again(backend: Backend) -> Act:
    _invite(backend)()
    return _invite(backend)


def _rename(backend: Backend) -> Act:
    person = Person.sign_up(backend).enrol()
    rename = partial(factors.rename, by=by(backend), account_uuid=person.account.uuid, name="Old")
    return partial(rename, factor_uuid=person.factor)


def _remove(backend: Backend) -> Act:
    person = Person.sign_up(backend).enrol().make_codes()
    remove = partial(factors.remove, by=by(backend), account_uuid=person.account.uuid)
    return partial(remove, factor_uuid=person.factor)


def _remove_codes(backend: Backend) -> Act:
    person = Person.sign_up(backend).enrol().make_codes()
    account = Account.objects.select_related("recovery_set").get(pk=person.account.pk)
    remove = partial(factors.remove, by=by(backend), account_uuid=account.uuid)
    return partial(remove, factor_uuid=account.recovery_set.uuid)


SCENES: dict[Kind, list[Scene]] = {
    Kind.ACCOUNT_CREATED: [_create],
    Kind.ACCOUNT_INVITED: [_invite, _invite_again],
    Kind.ACCOUNT_UPDATED: [_update(user_metadata={"a": 1}, app_metadata={"b": 2})],
    Kind.ACCOUNT_BANNED: [_update(ban_duration="1h")],
    Kind.ACCOUNT_UNBANNED: [_unban],
    Kind.ACCOUNT_DELETED: [_delete(soft=False), _delete(soft=True)],
    Kind.LINK_GENERATED: [_link],
    Kind.EMAIL_CHANGED: [_update(email="new@example.com")],
    Kind.EMAIL_CONFIRMED: [_confirm],
    Kind.PASSWORD_CHANGED: [_update(password="another horse battery")],
    Kind.FACTOR_RENAMED: [_rename],
    Kind.FACTOR_REMOVED: [_remove],
    Kind.RECOVERY_CODES_REMOVED: [_remove_codes],
}
