"""The gate, applied: who is let on, who is counted, and what a refusal tells an app."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.core.errors import MfaRequired
from lingauth.models import Backend, Tally
from lingauth.services import gate
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

ENROLL = "Set up an authenticator app, then confirm a code."
CONFIRM = "Confirm a code from the authenticator app."


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def rule(**values: Any) -> None:
    Backend.objects.update(**values)


def refused(ann: Person, **values: Any) -> MfaRequired:
    with pytest.raises(MfaRequired) as error:
        gate.check(me=ann.me(), **values)
    return error.value


def counted() -> list[tuple[Any, ...]]:
    return list(Tally.objects.values_list("backend__ref", "day", "kind", "count"))


def test_where_nothing_is_asked_nobody_is_counted(ann: Person) -> None:
    gate.check(me=ann.me())
    assert counted() == []


@pytest.mark.parametrize("how", ["observe", "not yet", "grace"])
def test_whoever_would_be_refused_is_counted(ann: Person, how: str) -> None:
    now = clock.now()
    if how == "observe":
        rule(mfa_mode="observe")
    elif how == "not yet":
        rule(mfa_mode="required", mfa_starts_at=now + timedelta(seconds=1))
    else:
        rule(mfa_mode="required", mfa_grace=60)
    gate.check(me=ann.me())
    gate.check(me=ann.me())
    assert counted() == [("acme", now.date(), "would_refuse", 2)]


def test_they_are_counted_by_the_day_of_the_moment_that_is_judged(ann: Person) -> None:
    rule(mfa_mode="observe")
    then = clock.now() + timedelta(days=1)
    gate.check(me=ann.me(), now=then)
    assert counted() == [("acme", then.date(), "would_refuse", 1)]


def test_a_refusal_says_what_comes_next_and_where(ann: Person) -> None:
    rule(mfa_mode="required", policy_version=7)
    error = refused(ann)
    assert (error.code, error.status) == ("mfa_required", 403)
    assert error.message == "This backend requires two-step verification."
    assert error.hint == ENROLL
    assert error.details == {
        "next": "enroll",
        "deadline": None,
        "policy_version": 7,
        "url": "http://127.0.0.1:8000/b/acme/mfa/setup",
    }
    ann.enrol()
    ann.grant = ann.sign_in()
    error = refused(ann)
    assert error.hint == CONFIRM
    assert error.details == {
        "next": "challenge",
        "deadline": None,
        "policy_version": 7,
        "url": "http://127.0.0.1:8000/b/acme/mfa/verify",
    }
    assert counted() == []


def test_it_names_the_day_on_which_the_grace_was_over(ann: Person, moved: Clock) -> None:
    ends = ann.account.created_at + timedelta(seconds=60)
    rule(mfa_mode="required", mfa_grace=60)
    moved.shift(59)
    gate.check(me=ann.me())
    moved.shift(1)
    error = refused(ann)
    assert error.details["deadline"] == ends.isoformat()
    assert error.details["next"] == "enroll"


def test_the_moment_that_is_judged_may_be_another_than_now(ann: Person) -> None:
    rule(mfa_mode="required", mfa_grace=60)
    gate.check(me=ann.me())
    refused(ann, now=clock.now() + timedelta(seconds=60))


def test_an_aal2_is_let_on_as_long_as_it_lasts(ann: Person) -> None:
    ann.enrol()
    rule(mfa_mode="required")
    now = clock.now()
    gate.check(me=ann.me(), now=now + timedelta(seconds=3599))
    refused(ann, now=now + timedelta(seconds=3600))
    assert counted() == []


def asked(ann: Person, seconds: int = 0, max_age: timedelta | None = None) -> MfaRequired | None:
    try:
        gate.require_aal2(
            me=ann.me(), max_age=max_age, now=clock.now() + timedelta(seconds=seconds)
        )
    except MfaRequired as error:
        return error
    return None


def test_some_acts_ask_for_aal2_whatever_the_backend_does(ann: Person) -> None:
    rule(policy_version=7)
    error = asked(ann)
    assert error is not None
    assert error.hint == ENROLL
    assert error.details == {
        "next": "enroll",
        "deadline": None,
        "policy_version": 7,
        "url": "http://127.0.0.1:8000/b/acme/mfa/setup",
    }
    ann.enrol()
    assert asked(ann) is None
    assert asked(ann, 3599) is None
    error = asked(ann, 3600)
    assert error is not None
    assert (error.hint, error.details["next"]) == (CONFIRM, "challenge")


def test_and_for_a_recent_one(ann: Person, moved: Clock) -> None:
    ann.enrol()
    minute = timedelta(minutes=1)
    assert asked(ann, 60, minute) is None
    error = asked(ann, 61, minute)
    assert error is not None
    assert error.details["url"] == "http://127.0.0.1:8000/b/acme/mfa/verify"
    gate.require_aal2(me=ann.me(), max_age=minute)
    moved.shift(61)
    gate.require_aal2(me=ann.me())
    with pytest.raises(MfaRequired):
        gate.require_aal2(me=ann.me(), max_age=minute)


def test_a_recent_code_of_an_aal2_that_is_over_is_not_enough(ann: Person) -> None:
    ann.enrol()
    rule(aal2_max_idle=300)
    assert asked(ann, 300, timedelta(minutes=10)) is not None
