"""INV-9: what ends a session ends it at once: refresh tokens, access tokens, cookies.

Long, because each ending has its scene.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from lingauth.core.clock import now
from lingauth.core.errors import DomainError, RefreshRefused, SessionGone
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Flow, Session
from lingauth.services import (
    access,
    accounts,
    cookies,
    factors,
    flows,
    mail_tokens,
    passwords,
    policy,
    recovery,
    redemption,
    sessions,
    signin,
    verification,
)
from lingauth.services.access import Access
from lingauth.services.admin import deleting, users
from lingauth.services.admin.values import Given
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Minted, Purpose
from tests.invariants import admin_scenes
from tests.invariants.actions import app_of, require_mfa, second_factors
from tests.support.app import PASSWORD
from tests.support.people import ACTOR, CLIENT, Person

pytestmark = pytest.mark.django_db

PKCE = Pkce("v" * 43, "plain")
End = Callable[[Person, Session], object]
"""Ends the given session of the person, who acts from another one (at fresh ``aal2``)."""


def _ban(person: Person, session: Session) -> None:
    until = now() + timedelta(hours=1)
    Account.objects.filter(pk=person.account.pk).update(banned_until=until)


def _delete(person: Person, session: Session) -> None:
    Account.objects.filter(pk=person.account.pk).update(deleted_at=now())


def _deactivate(person: Person, session: Session) -> None:
    users = get_user_model()._default_manager
    users.filter(pk=person.account.user_id).update(is_active=False)


def _sign_in_again(person: Person, session: Session) -> None:
    """Where an account has one session at a time."""
    one = {"single_session": True}
    policy.change(backend_id=person.account.backend_id, changes=one, actor=ACTOR)
    person.sign_in()


def _leave_alone(person: Person, session: Session) -> None:
    """For as long as the backend allows a pause to last."""
    pause = {"session_max_idle": 3600}
    policy.change(backend_id=person.account.backend_id, changes=pause, actor=ACTOR)
    Session.objects.filter(pk=session.pk).update(refreshed_at=now() - timedelta(hours=1))


def _by_server(act: str, **given: Any) -> End:
    """The same by the backend's own server, with its service key."""

    def end(person: Person, session: Session) -> None:
        by, uuid = admin_scenes.by(person.account.backend), person.account.uuid
        if act == "delete":
            deleting.delete(by=by, account_uuid=uuid, **given)
        else:
            users.update(by=by, account_uuid=uuid, given=Given(**given))

    return end


ENDS: dict[str, End] = {
    "its own sign-out": lambda person, session: sessions.sign_out(
        me=person.me(session), scope="local", client=CLIENT
    ),
    "a sign-out everywhere": lambda person, session: sessions.sign_out(
        me=person.me(), scope="global", client=CLIENT
    ),
    "a sign-out of the others": lambda person, session: sessions.sign_out(
        me=person.me(), scope="others", client=CLIENT
    ),
    "a revocation": lambda person, session: sessions.revoke(
        me=person.me(), session_id=session.pk, client=CLIENT
    ),
    "a new password": lambda person, session: accounts.update(
        me=person.me(), password="a new horse", current_password=PASSWORD, client=CLIENT
    ),
    "a newer sign-in": _sign_in_again,
    "too long a pause": _leave_alone,
    "a ban": _ban,
    "a deletion": _delete,
    "a host that deactivates the user": _deactivate,
    "a password that a server set": _by_server("update", password="a new horse"),
    "an address that a server set": _by_server("update", email="new@example.com"),
    "a server's ban": _by_server("update", ban_duration="1h"),
    "a server's deletion": _by_server("delete"),
    "a server's soft deletion": _by_server("delete", soft=True),
}


@pytest.mark.parametrize("mode", ["optional", "required"])
@pytest.mark.parametrize("end", ENDS)
def test_afterwards_nothing_of_it_works(made: NewBackend, end: str, mode: str) -> None:
    person = Person.sign_up(made.backend).enrol()
    grant = person.sign_in()
    cookie = cookies.cookie_for(grant.session)
    app = app_of(made, person)
    app.session = {"access_token": grant.access_token, "refresh_token": grant.refresh_token}
    assert app.data().status_code == 200
    assert cookies.session_from(ref=made.backend.ref, cookie=cookie) is not None
    require_mfa(made.backend, mode)
    ENDS[end](person, grant.session)
    assert app.data().status_code == 401
    assert app.data("POST", "notes", {"title": "x"}).status_code == 401
    assert app.auth("GET", "user").status_code == 403
    assert app.refresh().status_code == 400
    assert app.refresh(key="k").status_code == 400
    assert cookies.session_from(ref=made.backend.ref, cookie=cookie) is None


OF_THE_ACCOUNT = [name for name in ENDS if "server" in name or name in ("a new password", "a ban")]


@pytest.mark.parametrize("end", OF_THE_ACCOUNT)
def test_nor_does_anything_that_was_mailed_before(made: NewBackend, end: str) -> None:
    """A link, its code, and the code of a flow that a link had led to."""
    person = Person.sign_up(made.backend).enrol()
    session = person.another_session()
    flow = flows.begin(backend=made.backend, provider="email", pkce=PKCE, redirect_to="", now=now())
    followed = _mailed(person, Purpose.MAGICLINK, flow=flow)
    issued = redemption.with_link(
        backend=made.backend, type="magiclink", token=followed.link, client=CLIENT
    )
    assert isinstance(issued, redemption.CodeIssued)
    letter = _mailed(person, Purpose.RECOVERY)
    ENDS[end](person, session)
    backend = Backend.objects.get(pk=made.backend.pk)
    given: dict[str, Any] = {"backend": backend, "client": CLIENT}
    with pytest.raises(DomainError):
        redemption.with_link(type="recovery", token=letter.link, **given)
    with pytest.raises(DomainError):
        redemption.with_code(type="recovery", email=person.email, code=letter.code, **given)
    with pytest.raises(DomainError):
        flows.exchange(auth_code=issued.code, code_verifier="v" * 43, **given)
    living = Session.objects.filter(account=person.account, ended_at=None)
    assert living.count() <= 2, "nothing began"


def _mailed(person: Person, purpose: Purpose, flow: Flow | None = None) -> Minted:
    account = Account.objects.select_related("user", "backend").get(pk=person.account.pk)
    return mail_tokens.mint(account=account, purpose=purpose, email=person.email, flow=flow)


UNDER_WAY: dict[str, Callable[[Person, Access], object]] = {
    "a code": lambda person, read: verification.verify_any(
        me=read.signed_in(), code=person.code(), client=CLIENT
    ),
    "a recovery code": lambda person, read: recovery.verify(
        me=read.signed_in(), code=person.codes[0], client=CLIENT
    ),
    "a refresh": lambda person, read: sessions.refresh(
        read=lambda _: read, token=person.grant.refresh_token, idempotency_key=None, client=CLIENT
    ),
    "a new set-up": lambda person, read: factors.enroll(
        me=read.signed_in(), name="New", client=CLIENT
    ),
    "a new password": lambda person, read: accounts.update(
        me=read.signed_in(), password="a new horse", client=CLIENT
    ),
    "new recovery codes": lambda person, read: recovery.regenerate(
        me=read.signed_in(), client=CLIENT
    ),
    "a removal": lambda person, read: factors.unenroll(
        me=read.signed_in(), factor_uuid=person.factor, client=CLIENT, with_recovery_codes=True
    ),
}


@pytest.mark.parametrize("act", UNDER_WAY)
def test_a_request_that_was_under_way_gets_nothing_and_spends_nothing(
    made: NewBackend, act: str
) -> None:
    """It was read while the session lived; the session ended before it came to act."""
    person = Person.sign_up(made.backend).enrol().make_codes()
    read = access.read(ref=person.ref, session_id=person.grant.session.pk)
    sessions.sign_out(me=person.me(), scope="local", client=CLIENT)
    before = second_factors(person)
    with pytest.raises((SessionGone, RefreshRefused)):
        UNDER_WAY[act](person, read)
    assert second_factors(person) == before
    row = Session.objects.get(pk=person.grant.session.pk)
    assert (row.end_reason, row.elevations, row.generation) == ("signed_out", 1, 2)
    person.sign_in()


def test_a_first_factor_ends_the_sessions_that_never_proved_it(made: NewBackend) -> None:
    person = Person.sign_up(made.backend)
    grant = person.sign_in()
    person.enrol()
    app = app_of(made, person)
    assert app.data(token=grant.access_token).status_code == 401
    assert app.refresh(grant.refresh_token).status_code == 400
    assert app.data().status_code == 200


def test_a_removed_factor_takes_aal2_from_every_session_at_once(made: NewBackend) -> None:
    person = Person.sign_up(made.backend).enrol()
    require_mfa(made.backend)
    app = app_of(made, person)
    assert app.data().status_code == 200
    factors.unenroll(me=person.me(), factor_uuid=person.factor, client=CLIENT)
    assert app.data().json()["code"] == "mfa_required"
    app.keep(app.refresh())
    assert app.data().json()["code"] == "mfa_required"


def test_the_tokens_from_before_a_verification_are_dead(made: NewBackend) -> None:
    person = Person.sign_up(made.backend)
    before = person.grant
    cookie = cookies.cookie_for(before.session)
    person.enrol()
    app = app_of(made, person)
    assert app.refresh(before.refresh_token).status_code == 400
    assert cookies.session_from(ref=made.backend.ref, cookie=cookie) is None
    assert app.refresh().status_code == 200, "a token that was overtaken is no replay"


def test_thirty_days_end_a_session_however_busy(
    made: NewBackend, clock: time_machine.Traveller
) -> None:
    app = app_of(made, Person.sign_up(made.backend))
    for _ in range(30):
        clock.shift(timedelta(days=1) - timedelta(seconds=1))
        app.keep(app.refresh())
    last = app.session["access_token"]
    assert app.data().status_code == 200
    clock.shift(30)
    assert app.data(token=last).status_code == 401
    assert app.refresh().json()["code"] == "session_expired"


def test_a_hash_that_is_upgraded_never_brings_an_old_password_back(made: NewBackend) -> None:
    """A sign-in that read the old hash and upgrades it after the password was changed."""
    person = Person.sign_up(made.backend)
    users = get_user_model()._default_manager
    weak = make_password(PASSWORD, hasher="pbkdf2_sha256")
    users.filter(pk=person.account.user_id).update(password=weak)
    stale = access.read(ref=person.ref, email_key=person.email).account
    assert stale is not None
    accounts.update(me=person.me(), password="a new horse", client=CLIENT)
    assert passwords.matches(stale.user, PASSWORD)
    person.sign_in("a new horse")
    with pytest.raises(Exception, match="Invalid login credentials"):
        person.sign_in(PASSWORD)


def test_a_sign_in_that_read_the_old_password_gets_no_session(made: NewBackend) -> None:
    person = Person.sign_up(made.backend)
    stale = access.read(ref=person.ref, email_key=person.email)
    accounts.update(me=person.me(), password="a new horse", client=CLIENT)
    with pytest.raises(Exception, match="Invalid login credentials"):
        signin.with_password(
            read=lambda key: stale, email=person.email, password=PASSWORD, client=CLIENT
        )
    assert Session.objects.filter(ended_at=None).count() == 1
