"""What the console shows of a backend's people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingauth.core import clock
from lingauth.models import Account, Backend, Session, Tally
from lingauth.services import factors, overview, policy
from tests.lingauth.api.people import Clock
from tests.support.acts import ANN
from tests.support.people import CLIENT, Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(moved: Clock) -> Backend:
    return new_backend().backend


@pytest.fixture
def five(backend: Backend) -> list[str]:
    """Their addresses, the newest first."""
    names = [f"u{number}@example.com" for number in range(5)]
    for name in names:
        Person.sign_up(backend, name)
    return names[::-1]


def emails(page: overview.AccountPage) -> list[str]:
    return [row.account.email for row in page.rows]


def rows(backend: Backend, **asked: Any) -> overview.AccountPage:
    return overview.account_rows(backend=backend, **asked)


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6])
def test_pages_follow_upon_each_other_by_key(backend: Backend, five: list[str], limit: int) -> None:
    seen, after, pages = [], None, 0
    while pages == 0 or after is not None:
        with CaptureQueriesContext(connection) as captured:
            page = rows(backend, limit=limit, after=after)
        assert len(page.rows) <= limit
        assert any(f"LIMIT {limit + 1}" in one["sql"] for one in captured), "one to look ahead"
        seen += emails(page)
        after, pages = page.next, pages + 1
    assert seen == five
    assert pages == {1: 5, 2: 3, 4: 2, 5: 1, 6: 1}[limit]


def test_a_page_has_fifty(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Person.sign_up(backend).account
    for _ in range(50):
        user = type(account.user)._default_manager.create(username=uuid4().hex)
        Account.objects.create(backend=backend, user=user, email_key=uuid4().hex)
    page = rows(backend)
    assert len(page.rows) == 50
    assert page.next == page.rows[-1].account.uuid
    last = rows(backend, after=page.next)
    assert ([row.account for row in last.rows], last.next) == ([account], None)


def test_a_mark_that_is_nobodys_begins_anew(backend: Backend) -> None:
    first = Person.sign_up(backend).account
    theirs = Person.sign_up(new_backend("bravo").backend).account
    both = [Person.sign_up(backend).account.email, first.email]
    for after in (uuid4(), theirs.uuid):
        assert emails(rows(backend, after=after)) == both


def test_the_deleted_and_those_of_others_are_not_among_them(
    backend: Backend, five: list[str]
) -> None:
    Person.sign_up(new_backend("bravo").backend, "u9@example.com")
    Account.objects.filter(email=five[0]).update(deleted_at=clock.now())
    assert emails(rows(backend)) == five[1:]
    assert emails(rows(backend, query="u")) == five[1:]


def test_what_each_has(backend: Backend, moved: Clock, django_assert_num_queries: Any) -> None:
    ann = Person.sign_up(backend, "ann@example.com").enrol("One")
    ann.another_session()
    moved.shift(30)
    ann.enrol("Two")
    factors.enroll(me=ann.me(), name="Begun", client=CLIENT)
    Person.sign_up(backend, "ben@example.com")
    with django_assert_num_queries(2):
        page = rows(backend)
    assert [(row.account.email, row.factors, row.sessions) for row in page.rows] == [
        ("ben@example.com", 0, 1), ("ann@example.com", 2, 1),
    ]  # fmt: skip
    ann.another_session()
    ann.another_session()
    assert rows(backend).rows[1].sessions == 3
    Session.objects.filter(pk=ann.session.pk).update(expires_at=clock.now())
    assert rows(backend).rows[1].sessions == 2
    Session.objects.filter(account=ann.account).update(
        expires_at=clock.now() + timedelta(seconds=1), ended_at=clock.now()
    )
    assert rows(backend).rows[1].sessions == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [("u3", ["u3@example.com"]), (" U3@Example ", ["u3@example.com"]), ("nobody", []), ("%", [])],
)
def test_a_part_of_an_address(
    backend: Backend, five: list[str], query: str, found: list[str]
) -> None:
    assert emails(rows(backend, query=query)) == found


def test_who_has_no_factor(backend: Backend, five: list[str]) -> None:
    Person.sign_up(backend, "ann@example.com").enrol()
    begun = Person.sign_up(backend, "ben@example.com")
    factors.enroll(me=begun.me(), client=CLIENT)
    assert emails(rows(backend, without_mfa=True)) == ["ben@example.com", *five]
    assert emails(rows(backend, without_mfa=True, query="ann")) == []
    assert emails(rows(backend))[:2] == ["ben@example.com", "ann@example.com"]


def test_how_many_each_backend_has(
    backend: Backend, five: list[str], django_assert_num_queries: Any
) -> None:
    bravo, empty, other = (new_backend(ref).backend for ref in ("bravo", "charlie", "delta"))
    for of in (bravo, other):
        Person.sign_up(of)
    Account.objects.filter(email=five[0]).update(deleted_at=clock.now())
    with django_assert_num_queries(1):
        counts = overview.account_counts(backends=[backend, bravo, empty])
    assert counts == {backend.pk: 4, bravo.pk: 1}


def test_what_passed_today_only_because_the_rule_does_not_bite(backend: Backend) -> None:
    today = clock.now().date()
    assert overview.would_refuse_today(backend=backend) == 0
    for of, day, kind, count in (
        (backend, today, "other", 11),
        (backend, today - timedelta(days=1), "would_refuse", 12),
        (new_backend("bravo").backend, today, "would_refuse", 13),
        (backend, today, "would_refuse", 7),
    ):
        Tally.objects.create(backend=of, day=day, kind=kind, count=count)
    assert overview.would_refuse_today(backend=backend) == 7


def test_the_latest_changes(backend: Backend) -> None:
    other = new_backend("bravo").backend
    for of, number in ((other, 9), *((backend, number) for number in range(10, 62))):
        policy.change(backend_id=of.pk, changes={"mails_per_hour": number}, actor=ANN)
    found = overview.policy_history(backend=backend)
    assert [row.version for row in found] == list(range(53, 3, -1))
    two = overview.policy_history(backend=backend, limit=2)
    assert [row.after for row in two] == [{"mails_per_hour": 61}, {"mails_per_hour": 60}]
