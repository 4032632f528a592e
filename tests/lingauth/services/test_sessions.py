"""Listing one's sessions and ending them: which, when, and what is written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from lingauth.core.errors import NotFound, ValidationFailed
from lingauth.models import Backend, Event, Session
from lingauth.services import sessions
from lingauth.services.access import SignedIn
from tests.lingauth.api.people import Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend
from tests.support.statements import executed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


@pytest.fixture
def bob(ann: Person) -> Person:
    """Somebody else at the same backend."""
    return Person.sign_up(Backend.objects.get(), "bob@example.com")


def ending(session: Session) -> tuple[datetime | None, str]:
    row = Session.objects.get(pk=session.pk)
    return row.ended_at, row.end_reason


OPEN = (None, "")


def test_the_open_ones_the_newest_first(ann: Person, bob: Person, moved: Clock) -> None:
    made = [ann.grant.session]
    for _ in range(3):
        moved.shift(1)
        made.append(ann.another_session())
    Session.objects.filter(pk=made[1].pk).update(ended_at=made[1].created_at)
    me = ann.me()
    listed = sessions.list_open(me=me)
    assert listed == [made[3], made[2], made[0]]
    for session in listed:
        assert session.backend is me.backend
        assert session.account is me.account


def test_what_is_over_is_not_open(ann: Person, moved: Clock) -> None:
    """The session that asks was just read: it is listed by the clock of now all the same."""
    me = ann.me()
    Backend.objects.update(session_max_idle=600)
    me.backend.refresh_from_db()
    moved.shift(599)
    assert sessions.list_open(me=me) == [me.session]
    moved.shift(1)
    assert sessions.list_open(me=me) == []
    Session.objects.update(refreshed_at=me.session.created_at + timedelta(days=1))
    assert sessions.list_open(me=me) == [me.session]
    Session.objects.update(expires_at=me.session.created_at + timedelta(seconds=600))
    assert sessions.list_open(me=me) == []


def test_ending_one_ends_that_one_and_says_who_did(ann: Person, moved: Clock) -> None:
    phone, me = ann.another_session(), ann.me()
    moved.shift(5)
    sessions.revoke(me=me, session_id=phone.pk, client=CLIENT)
    assert ending(phone) == (phone.created_at + timedelta(seconds=5), "revoked")
    assert ending(me.session) == OPEN
    assert events.last() == events.by(me, "session_revoked") | {"session_id": phone.pk}


def test_whatever_is_not_ones_own_or_over_is_not_found(ann: Person, bob: Person) -> None:
    over = ann.another_session()
    Session.objects.filter(pk=over.pk).end(now=over.created_at, reason="signed_out")
    before = Event.objects.count()
    for session_id in (bob.grant.session.pk, over.pk, uuid4()):
        with pytest.raises(NotFound) as refused:
            sessions.revoke(me=ann.me(), session_id=session_id, client=CLIENT)
        assert refused.value.code == "session_not_found"
        assert refused.value.message == "There is no such session."
        assert refused.value.status == 404
    assert ending(bob.grant.session) == OPEN
    assert ending(over) == (over.created_at, "signed_out")
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("scope", "ends"),
    [
        ("global", [True, True, True]),
        ("local", [True, False, False]),
        ("others", [False, True, True]),
    ],
)
def test_signing_out_by_its_scopes(
    ann: Person, bob: Person, moved: Clock, scope: str, ends: list[bool]
) -> None:
    made = [ann.grant.session, ann.another_session(), ann.another_session()]
    over = ann.another_session()
    Session.objects.filter(pk=over.pk).end(now=over.created_at, reason="revoked")
    me = ann.me()
    moved.shift(5)
    assert sessions.sign_out(me=me, scope=scope, client=CLIENT) == sum(ends)
    then = me.session.created_at + timedelta(seconds=5)
    assert [ending(each) for each in made] == [
        (then, "signed_out") if is_over else OPEN for is_over in ends
    ]
    assert ending(over) == (over.created_at, "revoked")
    assert ending(bob.grant.session) == OPEN
    assert events.last() == events.by(me, "signed_out", scope=scope, sessions=sum(ends))


@pytest.mark.parametrize("scope", ["", "Global", "all"])
def test_there_is_no_other_scope(ann: Person, scope: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        sessions.sign_out(me=ann.me(), scope=scope, client=CLIENT)
    assert refused.value.message == "Unsupported logout scope"
    assert (refused.value.code, refused.value.status) == ("validation_failed", 400)
    assert ending(ann.grant.session) == OPEN


def test_who_ends_several_holds_the_account_first(ann: Person) -> None:
    """Two acts that end the same rows in another order would wait for each other."""
    me = ann.me()
    with executed() as statements:
        sessions.sign_out(me=me, scope="global", client=CLIENT)
    written = [each for each in statements if each[0].startswith("UPDATE")]
    assert [sql.split()[1] for sql, _ in written] == ['"lingauth_account"', '"lingauth_session"']
    assert written[0][1] == (me.account.pk,)


def revoke(me: SignedIn) -> None:
    sessions.revoke(me=me, session_id=me.session.pk, client=CLIENT)


def sign_out(me: SignedIn) -> None:
    sessions.sign_out(me=me, scope="global", client=CLIENT)


@pytest.mark.parametrize("act", [revoke, sign_out])
def test_an_ending_is_not_part_of_what_may_be_rolled_back(
    ann: Person, act: Callable[[SignedIn], None]
) -> None:
    me = ann.me()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        act(me)
