"""The session that a step-up ends with: whose it is, and what becomes of the one that asked."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import AccountBanned, DomainError, InsufficientLevel, SessionGone
from lingauth.models import Account, Event, Flow, Session
from lingauth.services import stand_ins
from lingauth.services.context import Actor
from lingauth.services.grants import Grant
from tests.lingauth.api.people import Clock
from tests.support import acts
from tests.support.acts import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com").enrol()


@pytest.fixture
def asker(ann: Person, moved: Clock) -> Session:
    """The app's own session, older than the one that stands in for it."""
    session = ann.another_session()
    Session.objects.filter(pk=session.pk).update(expires_at=clock.now() + timedelta(days=3))
    moved.shift(5)
    return session


@pytest.fixture
def flow(ann: Person, asker: Session) -> Flow:
    """Its stand-in is the session that was verified."""
    flow = Flow.objects.create(
        backend=ann.account.backend,
        provider="step_up",
        expires_at=clock.now(),
        link_to=ann.account,
        link_session_id=asker.pk,
        session_id=ann.grant.session.pk,
        account=ann.account,
        code_digest="d",
        code_expires_at=clock.now() + timedelta(seconds=60),
    )
    return Flow.objects.select_related("backend", "account").get(pk=flow.pk)


def give(flow: Flow) -> Grant:
    return stand_ins.give(flow, CLIENT)


def row(session: Session) -> dict[str, Any]:
    return dict(Session.objects.filter(pk=session.pk).values().get())


def test_the_stand_in_becomes_the_apps_session(ann: Person, asker: Session, flow: Flow) -> None:
    stands_in, before, kept = row(ann.session), row(asker), Flow.objects.values().get()
    ends, count = before["expires_at"], Event.objects.count()
    grant = give(flow)
    assert grant.session.pk == ann.session.pk
    assert grant.session.expires_at == ends
    assert grant.expires_in == 300
    assert row(ann.session) == stands_in | {"expires_at": ends}
    assert row(asker) == before | {"ended_at": clock.now(), "end_reason": "stepped_up"}
    assert Flow.objects.values().get() == kept | {"used_at": clock.now()}
    account = ann.account
    actor = Actor("account", str(account.uuid))
    revoked = acts.event(
        "session_revoked",
        backend=account.backend,
        actor=actor,
        account=account,
        by="step_up",
        next=str(ann.session.pk),
    )
    assert acts.written()[count:] == [revoked | {"session_id": asker.pk}]


def nothing_happened(act: Any, *sessions: Session) -> DomainError:
    before = [row(session) for session in sessions], Flow.objects.values().get()
    count = Event.objects.count()
    with pytest.raises(DomainError) as refused:
        act()
    assert ([row(session) for session in sessions], Flow.objects.values().get()) == before
    assert Event.objects.count() == count
    return refused.value


def test_its_code_is_spent_once(ann: Person, asker: Session, flow: Flow) -> None:
    Flow.objects.update(used_at=clock.now())
    error = nothing_happened(lambda: give(flow), ann.session, asker)
    assert (error.code, error.status) == ("flow_state_not_found", 404)


def test_its_code_is_good_for_a_minute(
    ann: Person, asker: Session, flow: Flow, moved: Clock
) -> None:
    moved.shift(59)
    Flow.objects.update(used_at=None)
    moved.shift(1)
    error = nothing_happened(lambda: give(flow), ann.session, asker)
    assert error.code == "flow_state_not_found"


def test_a_stand_in_that_lost_its_level(ann: Person, asker: Session, flow: Flow) -> None:
    Session.objects.filter(pk=ann.session.pk).update(verified_at=None)
    error = nothing_happened(lambda: give(flow), ann.session, asker)
    assert isinstance(error, InsufficientLevel)
    assert (error.code, error.message) == ("insufficient_aal", "AAL2 required")


@pytest.mark.parametrize("ended", ["asker", "stand-in"])
def test_a_session_that_ended_meanwhile(
    ann: Person, asker: Session, flow: Flow, ended: str
) -> None:
    gone = asker if ended == "asker" else ann.session
    Session.objects.filter(pk=gone.pk).end(now=clock.now(), reason="signed_out")
    assert isinstance(nothing_happened(lambda: give(flow), ann.session, asker), SessionGone)


def test_a_stand_in_that_ends_at_the_same_moment(
    ann: Person, asker: Session, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session.objects, "prolong", lambda *_, **__: False)
    assert isinstance(nothing_happened(lambda: give(flow), ann.session, asker), SessionGone)


def test_an_account_that_is_banned(ann: Person, asker: Session, flow: Flow) -> None:
    Account.objects.update(banned_until=clock.now() + timedelta(days=1))
    assert isinstance(nothing_happened(lambda: give(flow), ann.session, asker), AccountBanned)


def test_a_first_factor_has_ended_who_asked_and_that_is_no_hindrance(
    ann: Person, asker: Session, flow: Flow
) -> None:
    ended = clock.now()
    Session.objects.filter(pk=asker.pk).end(now=ended, reason="factor_enrolled")
    count, before = Event.objects.count(), row(asker)
    assert give(flow).session.expires_at == before["expires_at"]
    assert row(asker) == before
    assert Event.objects.count() == count


def test_who_asks(ann: Person, asker: Session, flow: Flow) -> None:
    for reason in ("", "factor_enrolled"):
        if reason:
            Session.objects.filter(pk=asker.pk).end(now=clock.now(), reason=reason)
        me = stand_ins.asker_of(flow, clock.now())
        assert (me.backend, me.session, me.account) == (ann.account.backend, asker, ann.account)
        assert me.has_factor
    Session.objects.filter(pk=asker.pk).update(end_reason="revoked")
    with pytest.raises(SessionGone):
        stand_ins.asker_of(flow, clock.now())
    Session.objects.filter(pk=asker.pk).delete()
    with pytest.raises(SessionGone):
        stand_ins.asker_of(flow, clock.now())


def test_a_session_is_judged_at_the_moment_that_is_given(asker: Session, flow: Flow) -> None:
    ends = row(asker)["expires_at"]
    assert stand_ins.asker_of(flow, ends - timedelta(seconds=1)).session == asker
    with pytest.raises(SessionGone):
        stand_ins.asker_of(flow, ends)


@pytest.mark.parametrize("first", ["asker", "stand-in"])
def test_both_are_judged_at_one_moment(
    ann: Person, asker: Session, flow: Flow, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """However long the answers take in between."""
    then = clock.now() + timedelta(hours=1)
    for session, name in ((asker, "asker"), (ann.session, "stand-in")):
        ends = then if name == first else then + timedelta(hours=1)
        Session.objects.filter(pk=session.pk).update(expires_at=ends)
    monkeypatch.setattr(stand_ins, "clock", SimpleNamespace(now=lambda: then))
    with pytest.raises(SessionGone):
        give(flow)


def test_it_holds_the_account_first(
    ann: Person, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    monkeypatch.setattr(Account.objects, "hold", held.append)
    give(flow)
    assert held == [ann.account.pk]


def test_it_is_not_part_of_what_may_be_rolled_back(flow: Flow) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        give(flow)
