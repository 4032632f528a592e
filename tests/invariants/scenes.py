"""For each kind of event the acts that leave one row of it. Long, because the list is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import override_settings

from lingauth.core import clock
from lingauth.core import recovery as shape
from lingauth.core.errors import DomainError
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, MailJob
from lingauth.services import (
    access,
    accounts,
    adoption,
    anonymous,
    api_keys,
    backends,
    confirmation,
    factors,
    importing,
    keys,
    mail_asks,
    operator_factors,
    operators,
    outbox,
    policy,
    reauthentication,
    recovery,
    redemption,
    sessions,
    verification,
)
from lingauth.services.events import Kind
from lingauth.services.imported_rows import Row
from lingauth.services.importing import Import
from lingauth.services.mail_tokens import Purpose
from tests.invariants import admin_scenes, social_scenes
from tests.support.app import PASSWORD
from tests.support.mailbox import newest, other_than
from tests.support.people import ACTOR, CLIENT, Person
from tests.support.totp import code_for

Act = Callable[[], object]
Scene = Callable[[Backend], Act]
"""Sets the scene and answers the one act that is to leave one row."""


def refused(act: Act) -> Act:
    def attempt() -> None:
        with pytest.raises(DomainError):
            act()

    return attempt


def _enrolled(backend: Backend) -> Person:
    return Person.sign_up(backend).enrol()


def _verify(person: Person, code: str) -> Act:
    me = person.me(person.another_session())
    return partial(verification.verify_any, me=me, code=code, client=CLIENT)


def _wrong(person: Person) -> str:
    near = {person.code(step) for step in range(-12, 4)}
    return next(text for n in range(100) if (text := f"{n:06}") not in near)


def _nth_wrong(backend: Backend, number: int) -> Act:
    person = _enrolled(backend)
    act = refused(_verify(person, _wrong(person)))
    for _ in range(number - 1):
        act()
    return act


def _used_code(backend: Backend) -> Act:
    person = _enrolled(backend)
    _verify(person, person.code())()
    return refused(_verify(person, person.code()))


def _right_code_while_locked(backend: Backend) -> Act:
    person = _enrolled(backend)
    act = refused(_verify(person, _wrong(person)))
    for _ in range(5):
        act()
    return refused(_verify(person, person.code()))


def _set_up(backend: Backend) -> Act:
    person = Person.sign_up(backend)
    made = factors.enroll(me=person.me(), client=CLIENT)
    code = code_for(made.secret)
    return partial(verification.verify_any, me=person.me(), code=code, client=CLIENT)


def _replay(backend: Backend) -> Act:
    person = Person.sign_up(backend)
    refresh = partial(
        sessions.refresh,
        read=lambda session_id: access.read(ref=person.ref, session_id=session_id),
        token=person.grant.refresh_token,
        idempotency_key=None,
        client=CLIENT,
    )
    refresh()

    def many() -> None:
        for _ in range(3):  # the family ends once
            refused(refresh)()

    return many


def _waiting(act: Act) -> Act:
    """Mail is left in the outbox: that it is sent is an event of its own."""

    def without_mail() -> None:
        with override_settings(LINGAUTH={**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}):
            act()

    return without_mail


def _sign_up(backend: Backend) -> Act:
    backend.auto_confirm = False
    return partial(
        accounts.sign_up, backend=backend, email="new@example.com", password=PASSWORD, client=CLIENT
    )


def _confirm(backend: Backend) -> Act:
    _sign_up(backend)()
    row = redemption.peek(backend=backend, token=newest().token)
    assert row is not None
    confirm = partial(confirmation.confirm, row, CLIENT, clock.now())

    def twice() -> None:  # the owner may have asked for a link to sign in as well
        confirm()
        confirm()

    return twice


def _mailed(backend: Backend, purpose: Purpose) -> Act:
    person = Person.sign_up(backend)
    return partial(
        mail_asks.ask, backend=backend, purpose=purpose, email=person.email, client=CLIENT
    )


def _redeem_wrongly(backend: Backend, number: int = 1) -> Act:
    _mailed(backend, Purpose.RECOVERY)()
    act = refused(
        partial(
            redemption.with_code,
            backend=backend,
            type="recovery",
            email=newest().to,
            code=other_than(newest().code),
            client=CLIENT,
        )
    )
    for _ in range(number - 1):
        act()
    return act


def _wrong_link(backend: Backend) -> Act:
    return refused(
        partial(redemption.with_link, backend=backend, type="recovery", token="none", client=CLIENT)
    )


def _wrong_nonce(backend: Backend) -> Act:
    me = Person.sign_up(backend).me()
    return refused(
        partial(accounts.update, me=me, password="a new horse", nonce="000000", client=CLIENT)
    )


def _move(backend: Backend, person: Person) -> Act:
    return partial(accounts.update, me=person.me(), email="moved@example.com", client=CLIENT)


def _start_move(backend: Backend) -> Act:
    person = Person.sign_up(backend)
    Backend.objects.filter(pk=backend.pk).update(auto_confirm=False)
    return _waiting(_move(backend, person))


def _confirm_move(backend: Backend, person: Person) -> Act:
    """The last of its links, of an app that trades a code for the session afterwards."""
    changes = {"auto_confirm": False, "secure_email_change": False}
    Backend.objects.filter(pk=backend.pk).update(**changes)
    backend.refresh_from_db()
    pkce = Pkce.parse("c" * 43, "s256")
    email = "moved@example.com"
    accounts.update(me=person.me(), email=email, client=CLIENT, pkce=pkce)
    link = newest(email).token
    return partial(
        redemption.with_link, backend=backend, type="email_change", token=link, client=CLIENT
    )


def _nobody(backend: Backend) -> Person:
    Backend.objects.filter(pk=backend.pk).update(anonymous_enabled=True)
    backend.refresh_from_db()
    return Person(backend.ref, "", anonymous.sign_in(backend=backend, client=CLIENT))


def _revoke(backend: Backend) -> Act:
    person = Person.sign_up(backend)
    other = person.another_session()
    end = partial(sessions.revoke, me=person.me(), session_id=other.pk, client=CLIENT)

    def twice() -> None:
        end()
        refused(end)()

    return twice


def _revoke_key(backend: Backend) -> Act:
    key_id = api_keys.list_all(backend=backend)[0].pk
    end = partial(api_keys.revoke, backend=backend, key_id=key_id, actor=ACTOR)

    def twice() -> None:
        end()
        refused(end)()

    return twice


def _sign_out(backend: Backend) -> Act:
    person = Person.sign_up(backend)
    person.another_session()
    return partial(sessions.sign_out, me=person.me(), scope="global", client=CLIENT)


def _password(backend: Backend, current: str) -> Act:
    me = Person.sign_up(backend).me()
    return partial(
        accounts.update, me=me, password="a new horse", current_password=current, client=CLIENT
    )


def _locked_password(backend: Backend) -> Act:
    act = refused(_password(backend, "not this one"))
    for _ in range(10):
        act()
    return act


def _adopt(backend: Backend) -> Act:
    get_user_model()._default_manager.create_user("u", "u@example.com", PASSWORD)
    return partial(adoption.adopt_users, backend=backend, actor=ACTOR)


def _import_user(backend: Backend) -> Act:
    row = Row(2, {"id": str(uuid4()), "email": "u@example.com", "encrypted_password": ""})
    job = Import(backend, ACTOR, refuse=lambda line, id, reason: None)
    return partial(importing.import_users, job, [row])


def _operator(backend: Backend) -> operators.NewOperator:
    return operators.create(email="op@example.com", backend=backend, role="owner", actor=ACTOR)


def _operator_reset(backend: Backend) -> Act:
    _operator(backend)
    return partial(
        operators.create,
        email="op@example.com",
        backend=backend,
        role="admin",
        reset=True,
        actor=ACTOR,
    )


def _operator_sign_in(backend: Backend) -> Act:
    password = _operator(backend).password
    assert password is not None
    return partial(operators.sign_in, email="op@example.com", password=password, client=CLIENT)


def _operator_code(backend: Backend, *, enrolled: bool, right: bool = True) -> Act:
    user = _operator(backend).operator.user
    made = operator_factors.enroll(user)
    near = {code_for(made.secret, _time() + 30 * step) for step in range(-12, 4)}
    wrong = next(text for n in range(100) if (text := f"{n:06}") not in near)
    if not enrolled:
        return partial(operator_factors.confirm, user, code_for(made.secret), CLIENT)
    operator_factors.confirm(user, code_for(made.secret, _time() - 30), CLIENT)
    if right:
        return partial(operator_factors.verify, user, code_for(made.secret), CLIENT)
    return refused(partial(operator_factors.verify, user, wrong, CLIENT))


def _time() -> float:
    return clock.now().timestamp()


def _recovery(backend: Backend, code: str | None) -> Act:
    person = _enrolled(backend).make_codes()
    me = person.me(person.another_session())
    act = partial(recovery.verify, me=me, code=code or person.codes[0], client=CLIENT)
    return refused(act) if code else act


def _mail_failed(backend: Backend) -> Act:
    """The last try of a mail that nobody knows how to write."""
    outbox.put(backend=backend, kind="unknown", payload={})
    MailJob.objects.update(tries=outbox.MAX_TRIES - 1, due_at=clock.now())
    return outbox.drain


SCENES: dict[Kind, list[Scene]] = {
    Kind.SIGNED_UP: [lambda backend: _waiting(_sign_up(backend))],
    Kind.EMAIL_CONFIRMED: [_confirm],
    Kind.SIGNED_IN: [lambda backend: Person.sign_up(backend).sign_in],
    Kind.SIGN_IN_FAILED: [
        lambda backend: refused(partial(Person.sign_up(backend).sign_in, "not this one")),
        lambda backend: refused(_barred(backend).sign_in),
    ],
    Kind.SIGNED_OUT: [_sign_out],
    Kind.SESSION_REVOKED: [_revoke],
    Kind.MAIL_FAILED: [_mail_failed],
    Kind.MAIL_SENT: [
        lambda backend: _mailed(backend, Purpose.MAGICLINK),
        lambda backend: _mailed(backend, Purpose.RECOVERY),
        lambda backend: partial(
            reauthentication.ask, me=Person.sign_up(backend).me(), client=CLIENT
        ),
    ],
    Kind.MAIL_CODE_REFUSED: [
        _redeem_wrongly,
        lambda backend: _redeem_wrongly(backend, 6),
        lambda backend: _redeem_wrongly(backend, 11),
        _wrong_link,
        _wrong_nonce,
    ],
    Kind.EMAIL_CHANGE_STARTED: [_start_move],
    Kind.EMAIL_CHANGED: [
        lambda backend: _move(backend, Person.sign_up(backend)),
        lambda backend: _confirm_move(backend, Person.sign_up(backend)),
    ],
    Kind.ACCOUNT_CONVERTED: [
        lambda backend: _move(backend, _nobody(backend)),
        lambda backend: _confirm_move(backend, _nobody(backend)),
    ],
    Kind.PASSWORD_CHANGED: [lambda backend: _password(backend, PASSWORD)],
    Kind.PASSWORD_REFUSED: [
        lambda backend: refused(_password(backend, "not this one")),
        _locked_password,
    ],
    Kind.ACCOUNT_ADOPTED: [_adopt],
    Kind.ACCOUNT_IMPORTED: [_import_user],
    Kind.FACTOR_ENROLMENT_STARTED: [
        lambda backend: partial(factors.enroll, me=Person.sign_up(backend).me(), client=CLIENT)
    ],
    Kind.FACTOR_ENROLLED: [_set_up],
    Kind.FACTOR_CHALLENGED: [
        lambda backend: _by(_enrolled(backend), verification.challenge),
    ],
    Kind.FACTOR_VERIFIED: [lambda backend: _right(_enrolled(backend))],
    Kind.FACTOR_REFUSED: [
        lambda backend: _nth_wrong(backend, 1),
        lambda backend: _nth_wrong(backend, 4),
        _used_code,
        _right_code_while_locked,
    ],
    Kind.FACTOR_LOCKED: [lambda backend: _nth_wrong(backend, 5)],
    Kind.FACTOR_RENAMED: [lambda backend: _by(_enrolled(backend), factors.rename, name="Mine")],
    Kind.FACTOR_REMOVED: [
        lambda backend: _by(_enrolled(backend), factors.unenroll),
        lambda backend: _by(
            _enrolled(backend).make_codes(), factors.unenroll, with_recovery_codes=True
        ),
    ],
    Kind.RECOVERY_CODES_MADE: [
        lambda backend: partial(recovery.generate, me=_enrolled(backend).me(), client=CLIENT),
        lambda backend: partial(
            recovery.regenerate, me=_enrolled(backend).make_codes().me(), client=CLIENT
        ),
    ],
    Kind.RECOVERY_CODES_REMOVED: [
        lambda backend: partial(
            recovery.delete, me=_enrolled(backend).make_codes().me(), client=CLIENT
        )
    ],
    Kind.RECOVERY_CODE_USED: [lambda backend: _recovery(backend, None)],
    Kind.RECOVERY_CODE_REFUSED: [lambda backend: _recovery(backend, shape.new_codes()[0])],
    Kind.REFRESH_REPLAYED: [_replay],
    Kind.BACKEND_CREATED: [
        lambda backend: partial(backends.create_backend, ref="more", name="More", actor=ACTOR)
    ],
    Kind.POLICY_CHANGED: [
        lambda backend: partial(
            policy.change, backend_id=backend.pk, changes={"mfa_mode": "required"}, actor=ACTOR
        )
    ],
    Kind.KEYS_ROTATED: [
        lambda backend: partial(keys.rotate, backend=backend, actor=ACTOR),
        lambda backend: partial(
            keys.revoke,
            backend=backend,
            kid=keys.jwks(backend=backend)["keys"][0]["kid"],
            actor=ACTOR,
        ),
    ],
    Kind.API_KEY_CREATED: [
        lambda backend: partial(api_keys.create, backend=backend, role="service", actor=ACTOR),
        lambda backend: partial(
            api_keys.rotate,
            backend=backend,
            key_id=api_keys.list_all(backend=backend)[0].pk,
            actor=ACTOR,
        ),
    ],
    Kind.API_KEY_REVOKED: [_revoke_key],
    Kind.OPERATOR_ADDED: [lambda backend: partial(_operator, backend)],
    Kind.OPERATOR_PASSWORD_RESET: [_operator_reset],
    Kind.OPERATOR_SIGNED_IN: [_operator_sign_in],
    Kind.OPERATOR_SIGNED_OUT: [
        lambda backend: partial(
            operators.sign_out, user=_operator(backend).operator.user, client=CLIENT
        )
    ],
    Kind.OPERATOR_SIGN_IN_FAILED: [
        lambda backend: refused(
            partial(operators.sign_in, email="nobody@example.com", password="no", client=CLIENT)
        )
    ],
    Kind.OPERATOR_FACTOR_ENROLLED: [lambda backend: _operator_code(backend, enrolled=False)],
    Kind.OPERATOR_VERIFIED: [lambda backend: _operator_code(backend, enrolled=True)],
    Kind.OPERATOR_REFUSED: [lambda backend: _operator_code(backend, enrolled=True, right=False)],
}


def _by(person: Person, service: Callable[..., object], **more: object) -> Act:
    return partial(service, me=person.me(), factor_uuid=person.factor, client=CLIENT, **more)


def _right(person: Person) -> Act:
    return _verify(person, person.code())


def _barred(backend: Backend) -> Person:
    person = Person.sign_up(backend)
    until = clock.now() + timedelta(hours=1)
    Account.objects.filter(pk=person.account.pk).update(banned_until=until)
    return person


ALONGSIDE = {Kind.OPERATOR_PASSWORD_RESET: [Kind.OPERATOR_ADDED]}
"""Acts that are two events: the command that resets an operator also says their role anew."""

for _kind, _scenes in (*admin_scenes.SCENES.items(), *social_scenes.SCENES.items()):
    SCENES[_kind] = [*SCENES.get(_kind, []), *_scenes]
