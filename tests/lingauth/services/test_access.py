"""What a request may rely on: whose session it is, and which of its parts still count."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.core.errors import (
    AccountBanned,
    DomainError,
    InsufficientLevel,
    NotFound,
    SessionGone,
)
from lingauth.core.gate import SessionState
from lingauth.models import Account, ApiKey, Backend, Session
from lingauth.services import access
from lingauth.services.access import Access, SignedIn
from lingauth.services.backends import NewBackend
from lingauth.services.first_statement import Depth
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(moved: Clock) -> NewBackend:
    return new_backend()


@pytest.fixture
def ann(made: NewBackend) -> Person:
    return Person.sign_up(made.backend, "ann@example.com")


def read(person: Person, depth: Depth = Depth.ROWS) -> Access:
    return access.read(ref="acme", session_id=person.grant.session.pk, depth=depth)


def told(kind: type[DomainError], found: Access) -> tuple[str, str, int]:
    with pytest.raises(kind) as refused:
        found.signed_in()
    return refused.value.code, refused.value.message, refused.value.status


GONE = ("session_not_found", "Session from session_id claim in JWT does not exist", 403)
BANNED = ("user_banned", "User is banned", 403)


def test_a_live_session_hands_on_all_that_was_read(ann: Person) -> None:
    ann.enrol().make_codes()
    found = read(ann, Depth.WHOLE)
    me = found.signed_in()
    assert me.backend is found.backend
    assert me.session is found.session
    assert me.account is found.account
    assert me.has_factor is True
    assert me.factors is found.factors
    assert me.identities is found.identities
    assert [factor.uuid for factor in me.factors or ()] == [ann.factor]
    assert [identity.provider for identity in me.identities or ()] == ["email"]


def test_what_is_not_asked_for_is_not_read(ann: Person) -> None:
    me = read(ann).signed_in()
    assert (me.has_factor, me.factors, me.identities) == (False, None, None)
    found = access.read(ref="acme")
    assert (found.backend.ref, found.key, found.session, found.account) == (
        "acme",
        None,
        None,
        None,
    )


def test_who_was_just_signed_in_brings_nothing_along(ann: Person) -> None:
    me = SignedIn(ann.account.backend, ann.grant.session, ann.account, has_factor=True)
    assert (me.factors, me.identities) == (None, None)


def test_by_an_address_the_whole_account_is_read(ann: Person) -> None:
    ann.enrol()
    found = access.read(ref="acme", email_key="ann@example.com", depth=Depth.GATE)
    assert found.account == ann.account
    assert found.session is None
    assert [factor.uuid for factor in found.factors or ()] == [ann.factor]
    assert found.has_factor
    assert told(SessionGone, found) == GONE


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_session_is_gone_at_the_moment_of_its_end(
    ann: Person, moved: Clock, seconds: int
) -> None:
    Session.objects.update(expires_at=clock.now() + timedelta(seconds=60))
    moved.shift(59)
    found = read(ann)
    found.signed_in()
    moved.shift(1 + seconds)
    assert told(SessionGone, found) == GONE
    found.signed_in(clock.now() - timedelta(seconds=1 + seconds))  # as of then it lived


def test_what_was_ended_or_never_was_is_gone(ann: Person) -> None:
    assert told(SessionGone, access.read(ref="acme", session_id=UUID(int=7))) == GONE
    found = read(ann)
    assert told(SessionGone, replace(found, account=None)) == GONE
    assert told(SessionGone, replace(found, session=None)) == GONE
    Session.objects.update(ended_at=clock.now())
    assert told(SessionGone, read(ann)) == GONE


@pytest.mark.parametrize(("seconds", "banned"), [(1, True), (0, False)])
def test_a_ban_is_told_until_it_is_over(ann: Person, seconds: int, banned: bool) -> None:
    Account.objects.update(banned_until=clock.now() + timedelta(seconds=seconds))
    found = read(ann)
    if banned:
        assert told(AccountBanned, found) == BANNED
    else:
        found.signed_in()


def test_a_deleted_account_may_not_be_used(ann: Person) -> None:
    Account.objects.update(deleted_at=clock.now())
    assert told(AccountBanned, read(ann)) == BANNED


@pytest.mark.parametrize("depth", Depth)
def test_nor_one_whose_host_user_is_inactive(ann: Person, depth: Depth) -> None:
    read(ann, depth).signed_in()
    get_user_model().objects.update(is_active=False)
    assert told(AccountBanned, read(ann, depth)) == BANNED


def test_the_user_counts_where_it_was_read_along(ann: Person) -> None:
    """A user whom the host has at hand is newer than what the request began with."""
    account = Account.objects.get()
    assert not access.is_barred(account, clock.now())  # nothing is known of its user
    account.user.is_active = False
    assert access.is_barred(account, clock.now())
    account.user.is_active = True
    account.user_is_active = False  # type: ignore[attr-defined]  # as the first statement says it
    assert not access.is_barred(account, clock.now())


def test_a_host_user_that_knows_no_such_thing_is_active(ann: Person) -> None:
    account = Account.objects.get()

    class Bare:
        """A host's own kind of user."""

    account._state.fields_cache["user"] = Bare()
    assert not access.is_barred(account, clock.now())


def test_an_unknown_backend_is_not_found(made: NewBackend) -> None:
    with pytest.raises(NotFound) as refused:
        access.read(ref="nobody")
    assert refused.value.message == "There is no such backend."
    assert (refused.value.code, refused.value.status) == ("not_found", 404)


def test_a_key_counts_until_its_end(made: NewBackend, moved: Clock) -> None:
    ApiKey.objects.filter(role="anon").update(expires_at=clock.now() + timedelta(seconds=60))
    moved.shift(59)
    found = access.read(ref="acme", api_key=made.anon_key)
    assert found.key == ApiKey.objects.get(role="anon")
    moved.shift(1)
    assert access.read(ref="acme", api_key=made.anon_key).key is None
    assert access.read(ref="acme", api_key="unknown").key is None
    assert access.read(ref="acme").key is None


def test_of_a_key_its_digest_is_stored(made: NewBackend) -> None:
    assert access.key_digest("\u00e9") == sha256(b"\xc3\xa9").hexdigest()
    assert access.key_digest("\ud800") == sha256(b"?").hexdigest()  # what no text can be
    stored = ApiKey.objects.get(role="anon").digest
    assert stored == sha256(made.anon_key.encode()).hexdigest()


def test_what_the_gate_is_told(ann: Person, moved: Clock) -> None:
    created = ann.account.created_at
    assert ann.me().gate_state(clock.now()) == SessionState(
        level=Level.AAL1, has_factor=False, ever_enrolled=False, account_created_at=created
    )
    ann.enrol()
    assert ann.me().gate_state(clock.now()) == SessionState(
        level=Level.AAL2, has_factor=True, ever_enrolled=True, account_created_at=created
    )
    later = clock.now() + timedelta(hours=1)
    assert ann.me().gate_state(later).level == "aal1"
    assert ann.me().level(later) == "aal1"


def asked(me: SignedIn, **more: int) -> InsufficientLevel | None:
    try:
        me.require_fresh(clock.now(), "Confirm a code to do this.", **more)
    except InsufficientLevel as error:
        return error
    return None


def test_without_a_factor_nothing_fresh_is_asked_for(ann: Person, moved: Clock) -> None:
    moved.shift(3600)
    assert asked(ann.me()) is None


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (600, True), (601, False)])
def test_a_code_is_fresh_for_ten_minutes(
    ann: Person, moved: Clock, seconds: int, fresh: bool
) -> None:
    ann.enrol()
    moved.shift(seconds)
    error = asked(ann.me())
    if fresh:
        assert error is None
        return
    assert error is not None
    assert error.message == "Confirm a code again to do this."
    assert (error.code, error.status, error.details) == ("insufficient_aal", 403, {"max_age": 600})


def test_a_session_below_aal2_is_asked_for_the_first_code(ann: Person) -> None:
    """However new its sign-in is."""
    ann.enrol()
    error = asked(ann.me(ann.another_session()), status=401)
    assert error is not None
    assert error.message == "Confirm a code to do this."
    assert (error.code, error.status, error.details) == ("insufficient_aal", 401, None)
    error = asked(ann.me(ann.another_session()))
    assert error is not None
    assert error.status == 403


def test_an_aal2_that_is_over_is_none(ann: Person, moved: Clock) -> None:
    ann.enrol()
    Backend.objects.update(aal2_max_idle=300)
    moved.shift(300)
    error = asked(ann.me())
    assert error is not None
    assert error.message == "Confirm a code to do this."
    assert error.details is None


def test_what_a_request_changed_itself_is_renewed_and_the_rest_stays(ann: Person) -> None:
    me = ann.me()
    assert me.after(has_factor=True) == replace(me, has_factor=True)
    assert me.after(has_factor=True).has_factor
    assert not me.has_factor
