"""A set-up that is finished: whether it still may be, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.core.errors import InsufficientLevel, TooManyFactors
from lingauth.models import Account, Session, TotpFactor
from lingauth.services import factors
from tests.lingauth.api.people import Clock
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend)


def add(person: Person, count: int) -> None:
    for number in range(count):
        TotpFactor.objects.create(
            user_id=person.account.user_id,
            account=person.account,
            backend=person.session.backend,
            name=f"Key {number}",
            confirmed=True,
            secret=b"",
        )


def may(me: Any) -> None:
    factors.may_still_confirm(me, clock.now())


def test_a_first_factor_may_be_finished_at_any_level(person: Person) -> None:
    may(person.me())


def test_another_needs_aal2_though_it_need_not_be_fresh(person: Person, moved: Clock) -> None:
    me = person.me()
    add(person, 1)
    with pytest.raises(InsufficientLevel) as refused:
        may(me)
    assert refused.value.message == "AAL2 required to enroll a new factor"
    assert (refused.value.status, refused.value.details) == (403, None)
    Session.objects.update(verified_at=clock.now() - timedelta(minutes=30))
    may(me)


def test_the_tenth_may_be_finished_and_no_more(person: Person) -> None:
    Session.objects.update(verified_at=clock.now())
    add(person, 9)
    may(person.me())
    TotpFactor.objects.create(
        user_id=person.account.user_id, account=person.account, name="Key 9", confirmed=True
    )
    with pytest.raises(TooManyFactors):
        may(person.me())


@pytest.mark.parametrize("before", [None, timedelta(days=1)])
def test_the_account_counts_as_enrolled_from_its_first_factor_on(
    person: Person, before: timedelta | None
) -> None:
    neighbour = Person.sign_up(person.session.backend)
    since = clock.now() - before if before else clock.now()
    if before:
        Account.objects.filter(pk=person.account.pk).update(mfa_enrolled_at=since)
    me = person.me()
    factors.confirmed_side_effects(me, TotpFactor(), clock.now())
    assert me.account.mfa_enrolled_at == since
    assert person.me().account.mfa_enrolled_at == since
    assert neighbour.me().account.mfa_enrolled_at is None


def test_sessions_that_are_not_at_aal2_end(person: Person) -> None:
    """Its own is raised in the same transaction; of others counts what they are at this moment."""
    now = clock.now()
    neighbour = Person.sign_up(person.session.backend)
    limits = person.me().backend.limits
    fresh = {"verified_at": now, "refreshed_at": now}
    cases: dict[str, dict[str, Any]] = {
        "never proven": {"verified_at": None},
        "at aal2": fresh,
        "at its last moment": {
            "verified_at": now - limits.max_age + timedelta(microseconds=1),
            "refreshed_at": now - limits.max_idle + timedelta(microseconds=1),
        },
        "too old": fresh | {"verified_at": now - limits.max_age},
        "too idle": fresh | {"refreshed_at": now - limits.max_idle},
        "over before": {"ended_at": now - timedelta(days=1), "end_reason": "signed_out"},
    }
    sessions = {name: person.another_session() for name in cases}
    for name, values in cases.items():
        Session.objects.filter(pk=sessions[name].pk).update(**values)
    factors.confirmed_side_effects(person.me(), TotpFactor(), now)
    ended = {}
    for name, session in sessions.items():
        session.refresh_from_db()
        ended[name] = (session.ended_at, session.end_reason)
    assert ended == {
        "never proven": (now, "factor_enrolled"),
        "at aal2": (None, ""),
        "at its last moment": (None, ""),
        "too old": (now, "factor_enrolled"),
        "too idle": (now, "factor_enrolled"),
        "over before": (now - timedelta(days=1), "signed_out"),
    }
    assert (person.session.ended_at, neighbour.session.ended_at) == (None, None)


def test_other_set_ups_of_its_session_are_dropped(person: Person) -> None:
    """Two can be there at once where two requests began them at the same moment."""
    made = factors.enroll(me=person.me(), client=CLIENT).factor
    aside = factors.enroll(me=person.me(person.another_session()), client=CLIENT).factor
    neighbours = factors.enroll(
        me=Person.sign_up(person.session.backend).me(), client=CLIENT
    ).factor
    twin = TotpFactor.objects.create(
        user_id=made.user_id, account=made.account, session=made.session, confirmed=False
    )
    factors.confirmed_side_effects(person.me(), made, clock.now())
    left = set(TotpFactor.objects.values_list("uuid", flat=True))
    assert left == {made.uuid, aside.uuid, neighbours.uuid}
    assert twin.uuid not in left
