"""Ending all that an account has open, and taking turns at what may end it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lingauth.core import clock
from lingauth.core.errors import AccountBanned, SessionGone
from lingauth.models import Account, Backend, Flow, MailToken, Session
from lingauth.services import endings, flows, mail_tokens, turns
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend
from tests.support.statements import executed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


@pytest.fixture
def bob(ann: Person) -> Person:
    return Person.sign_up(Backend.objects.get(), "bob@example.com")


def flow(**whose: Any) -> Flow:
    return flows.begin(
        backend=Backend.objects.get(),
        provider="github",
        pkce=None,
        redirect_to="",
        now=clock.now(),
        **whose,
    )


def opened(person: Person) -> list[Flow]:
    """A flow of each kind, one of them over, and mail on its way."""
    account = person.account
    mail_tokens.mint(account=account, purpose=MailToken.Purpose.RECOVERY, email=person.email)
    return [
        flow(account=account),
        flow(account=account, used_at=clock.now(), code_digest=uuid4().hex),
        flow(link_to=account),
    ]


def test_every_session_ends_and_what_is_under_way_is_dropped(
    ann: Person, bob: Person, moved: Clock
) -> None:
    over = ann.another_session()
    Session.objects.filter(pk=over.pk).end(now=over.created_at, reason="revoked")
    others = ann.another_session(), ann.grant.session
    opened(ann)
    kept = opened(bob)
    now = over.created_at + timedelta(seconds=9)
    assert endings.end_all(ann.account, now=now, reason="deleted") == 2
    rows = {row.pk: (row.ended_at, row.end_reason) for row in Session.objects.all()}
    assert rows == {
        over.pk: (over.created_at, "revoked"),
        **{each.pk: (now, "deleted") for each in others},
        bob.grant.session.pk: (None, ""),
    }
    assert MailToken.objects.get().account == bob.account
    assert {each.pk for each in Flow.objects.all()} == {each.pk for each in kept}


def test_whoever_has_its_turn_reads_anew_who_it_is(ann: Person) -> None:
    me = ann.me()
    Account.objects.update(user_metadata={"changed": True})
    anew = turns.take(me)
    assert (anew.session, anew.account, anew.backend) == (me.session, me.account, me.backend)
    assert anew.account.user_metadata == {"changed": True}


def test_it_waits_by_holding_the_account_before_it_reads(ann: Person) -> None:
    me = ann.me()
    with executed() as statements:
        turns.take(me)
    (held, values), (read, _) = statements
    assert held.startswith('UPDATE "lingauth_account" SET "created_at"')
    assert values == (me.account.pk,)
    assert read.startswith("SELECT")


def test_what_was_lost_in_between_is_told(ann: Person) -> None:
    me = ann.me()
    Account.objects.update(deleted_at=clock.now())
    with pytest.raises(AccountBanned):
        turns.take(me)
    Account.objects.update(deleted_at=None)
    Session.objects.update(ended_at=clock.now())
    with pytest.raises(SessionGone):
        turns.take(me)
