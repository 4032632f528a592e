"""Whom requiring two-step verification would concern."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from lingauth.core import clock
from lingauth.models import Account, Backend, Session, TotpFactor
from lingauth.services import factors, policy
from lingauth.services.policy import Impact
from tests.lingauth.api.people import Clock
from tests.support.people import CLIENT, Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(moved: Clock) -> Backend:
    return new_backend().backend


@pytest.fixture
def ann(backend: Backend) -> Person:
    """With a factor, at ``aal2`` here and at ``aal1`` on another device."""
    person = Person.sign_up(backend, "ann@example.com").enrol()
    person.another_session()
    return person


def impact(backend: Backend) -> Impact:
    return policy.impact(backend=Backend.objects.get(pk=backend.pk))


def test_nobody(backend: Backend) -> None:
    assert impact(backend) == Impact(0, 0, 0, 0, capped=False)


def test_who_has_no_factor_and_what_is_below(backend: Backend, ann: Person) -> None:
    Person.sign_up(backend)
    begun = Person.sign_up(backend)
    factors.enroll(me=begun.me(), client=CLIENT)
    Person.sign_up(new_backend("bravo").backend).enrol()
    assert impact(backend) == Impact(
        accounts=3, without_factor=2, open_sessions=4, below_aal2=3, capped=False
    )


def test_two_factors_are_one_account(backend: Backend, ann: Person) -> None:
    row = TotpFactor.objects.get()
    row.pk = row.id = None
    row.uuid, row.name = uuid4(), "Second"
    row.save(force_insert=True)
    assert impact(backend) == Impact(1, 0, 2, 1, capped=False)


def test_who_is_gone_does_not_count(backend: Backend, ann: Person) -> None:
    Account.objects.update(deleted_at=clock.now())
    Session.objects.filter(pk=ann.session.pk).update(ended_at=clock.now())
    assert impact(backend) == Impact(0, 0, 1, 1, capped=False)


@pytest.mark.parametrize(
    ("setting", "column"), [("max_age", "verified_at"), ("max_idle", "refreshed_at")]
)
def test_a_proof_counts_as_long_as_it_lasts(
    backend: Backend, ann: Person, setting: str, column: str
) -> None:
    Backend.objects.update(**{f"aal2_{setting}": 1000})
    for age, below in ((999, 1), (1000, 2)):
        at = clock.now() - timedelta(seconds=age)
        Session.objects.exclude(verified_at=None).update(**{column: at})
        assert impact(backend).below_aal2 == below


def test_a_session_counts_while_it_is_open(backend: Backend, ann: Person) -> None:
    session = Session.objects.filter(pk=ann.session.pk)
    session.update(expires_at=clock.now() + timedelta(seconds=1))
    assert impact(backend).open_sessions == 2
    session.update(expires_at=clock.now())
    assert impact(backend).open_sessions == 1


@pytest.mark.parametrize(
    ("cap", "people", "sessions", "expected"),
    [
        (3, 2, 2, Impact(2, 2, 2, 2, capped=False)),
        (3, 3, 0, Impact(3, 3, 0, 0, capped=True)),
        (3, 1, 3, Impact(1, 1, 3, 3, capped=True)),
        (3, 4, 4, Impact(3, 3, 3, 3, capped=True)),
    ],
)
def test_beyond_a_cap_nobody_is_counted(
    backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    cap: int,
    people: int,
    sessions: int,
    expected: Impact,
) -> None:
    assert policy.COUNT_CAP == 10_000, "what the console says"
    monkeypatch.setattr(policy, "COUNT_CAP", cap)
    made = [Person.sign_up(backend) for _ in range(people)]
    while Session.objects.count() < sessions:
        made[0].another_session()
    if not sessions:
        Session.objects.all().delete()
    assert impact(backend) == expected
