"""Pages of accounts: which, in which order, and with what of theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.core.errors import ValidationFailed
from lingauth.models import Account, Backend, Identity, TotpFactor
from lingauth.services.admin import listing
from lingauth.services.admin.by import By
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend


@pytest.fixture
def ten(by: By, moved: Clock) -> list[str]:
    """The addresses of ten accounts, the oldest first, a minute apart."""
    names = [f"u{number}@example.com" for number in (3, 1, 4, 0, 5, 9, 2, 6, 8, 7)]
    for name in names:
        Person.sign_up(by.backend, name)
        moved.shift(60)
    return names


def page(by: By, **asked: str) -> listing.UserPage:
    return listing.page(backend=by.backend, **asked)


def emails(found: listing.UserPage) -> list[str]:
    return [profile.account.email for profile in found.profiles]


def refusal(by: By, **asked: str) -> str:
    with pytest.raises(ValidationFailed) as refused:
        page(by, **asked)
    return str(refused.value)


def test_without_a_wish_it_is_fifty_of_the_newest(by: By, ten: list[str]) -> None:
    found = page(by)
    assert (found.number, found.size, found.total, found.last) == (1, 50, 10, 1)
    assert emails(found) == ten[::-1]


@pytest.mark.parametrize(
    ("number", "size", "first", "count", "last"),
    [("1", "5", 0, 5, 2), ("2", "5", 5, 5, 2), ("3", "5", 10, 0, 2), ("2", "9", 9, 1, 2),
     ("10", "1", 9, 1, 10), ("11", "1", 10, 0, 10), ("1", "11", 0, 10, 1)],
)  # fmt: skip
def test_pages(
    by: By, ten: list[str], number: str, size: str, first: int, count: int, last: int
) -> None:
    found = page(by, number=number, size=size)
    assert emails(found) == ten[::-1][first : first + count]
    assert (found.number, found.size, found.last) == (int(number), int(size), last)
    assert found.total == 10


def test_beyond_the_last_nothing_is_read(by: By, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        found = page(by)
    assert (found.profiles, found.total, found.last) == ([], 0, 1)


def test_a_thousand_cost_as_many_statements_as_one(
    by: By, ten: list[str], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):
        page(by)


@pytest.mark.parametrize(
    "size", [("999", 999), ("1000", 1000), ("1001", 1000), ("999999999", 1000)]
)
def test_a_page_has_a_thousand_at_most(by: By, size: tuple[str, int]) -> None:
    assert page(by, size=size[0]).size == size[1]


def test_numbers(by: By) -> None:
    assert page(by, number="1000000000").number == 1000000000
    assert page(by, number="0000000002").number == 2
    for bad in ("0", "-1", "x", "1.5", " 1", "1000000001", "00000000001", "\u0661", "\u00b2"):
        assert refusal(by, number=bad) == "page is a whole number from 1."
        assert refusal(by, size=bad) == "per_page is a whole number from 1."


def test_each_account_comes_with_all_of_its_own(by: By, moved: Clock) -> None:
    ann = Person.sign_up(by.backend, "ann@example.com").enrol("Second").make_codes()
    ben = Person.sign_up(by.backend, "ben@example.com").enrol("Other")
    early, late = (TotpFactor(user=ann.account.user, account=ann.account) for _ in range(2))
    for row, name, age in ((early, "First", 60), (late, "Third", 0)):
        row.name, row.confirmed = name, name == "First"
        row.created_at = TotpFactor.objects.get(name="Second").created_at - timedelta(seconds=age)
        row.seal(b"12345678901234567890")
        row.save()
    made = Identity.objects.create(
        backend=by.backend, account=ann.account, provider="x", subject="1",
        created_at=clock.now() + timedelta(seconds=1),
    )  # fmt: skip
    first, second = sorted(page(by).profiles, key=lambda profile: profile.account.email)
    assert [factor.name for factor in first.factors] == ["First", "Second", "Third"]
    assert [factor.name for factor in second.factors] == ["Other"]
    assert [row.provider for row in first.identities] == ["email", "x"]
    assert first.identities[1] == made
    assert [row.account_id for row in second.identities] == [ben.account.pk]
    assert first.recovery is not None
    assert first.recovery.account_id == ann.account.pk
    assert second.recovery is None


def test_those_softly_deleted_are_among_them_and_those_of_others_are_not(
    by: By, ten: list[str]
) -> None:
    Person.sign_up(new_backend("bravo").backend, "foreign@example.com")
    Account.objects.filter(email=ten[0]).update(deleted_at=clock.now())
    assert emails(page(by)) == ten[::-1]
    assert emails(page(by, filter="example")) == ten[::-1]


FILTERS = {
    "u3": ["u3@example.com"],
    " U3@Example ": ["u3@example.com"],
    "ada": ["u4@example.com", "u1@example.com"],
    "KING": ["u4@example.com"],
    "rome": [],
    "%": [],
}


@pytest.mark.parametrize("text", FILTERS)
def test_a_part_of_an_address_or_of_a_name(by: By, ten: list[str], text: str) -> None:
    for email, metadata in (
        ("u1@example.com", {"name": "Ada Lovelace"}),
        ("u4@example.com", {"full_name": "Ada King"}),
        ("u5@example.com", {"city": "Rome"}),
    ):
        Account.objects.filter(email=email).update(user_metadata=metadata)
    found = page(by, filter=text)
    assert (emails(found), found.total) == (FILTERS[text], len(FILTERS[text]))


def test_a_filter_has_254_characters(by: By) -> None:
    """As many as an address may have (RFC 5321, 4.5.3.1.3)."""
    assert page(by, filter=254 * "x").total == 0
    for bad in (255 * "x", "a\x00"):
        assert refusal(by, filter=bad) == "filter is a part of an address or of a name."


SORTED = {
    "": [9, 8, 7, 6],
    "created_at": [9, 8, 7, 6],
    "created_at desc": [9, 8, 7, 6],
    "created_at asc": [0, 1, 2, 3],
    " created_at : ASC ": [0, 1, 2, 3],
    ":asc": [0, 1, 2, 3],
    "email": [5, 8, 9, 7],
    "email asc": [3, 1, 6, 0],
    "updated_at": [4, 9, 8, 7],
    "updated_at asc": [0, 1, 2, 3],
    "last_sign_in_at": [9, 8, 7, 6],
    "last_sign_in_at asc": [2, 0, 1, 3],
}


@pytest.mark.parametrize("sort", SORTED)
def test_order(by: By, ten: list[str], sort: str) -> None:
    """Who never signed in is last of the newest, and first of the oldest."""
    Account.objects.filter(email=ten[4]).update(updated_at=clock.now())
    Account.objects.filter(email=ten[2]).update(last_sign_in_at=None)
    assert emails(page(by, sort=sort, size="4")) == [ten[number] for number in SORTED[sort]]


def test_addresses_are_in_order_whatever_their_case(by: By) -> None:
    for email in ("a@example.com", "C@example.com", "b@example.com", "D@example.com"):
        Person.sign_up(by.backend, email)
    found = emails(page(by, sort="email asc"))
    assert found == ["a@example.com", "b@example.com", "C@example.com", "D@example.com"]


def test_what_is_empty_has_its_place_on_every_database() -> None:
    assert listing._order("last_sign_in_at asc")[0].nulls_first is True
    assert listing._order("last_sign_in_at desc")[0].nulls_last is True


def test_last_of_the_newest(by: By, ten: list[str]) -> None:
    Account.objects.filter(email=ten[6]).update(last_sign_in_at=None)
    assert emails(page(by, sort="last_sign_in_at"))[-1] == ten[6]


@pytest.mark.parametrize("way", ["asc", "desc"])
def test_of_those_alike_the_later_one_is_the_newer(by: By, ten: list[str], way: str) -> None:
    Account.objects.update(created_at=clock.now())
    assert emails(page(by, sort=f"created_at {way}")) == (ten if way == "asc" else ten[::-1])


@pytest.mark.parametrize(
    "sort",
    ["password", "user__password", "email up", "-email", "EMAIL", "email asc desc", "email,"],
)
def test_no_order(by: By, sort: str) -> None:
    sentence = "sort is one of created_at, updated_at, last_sign_in_at, email, then asc or desc."
    assert refusal(by, sort=sort) == sentence


def test_it_asks_for_its_backend_alone(by: By) -> None:
    assert listing.page(backend=Backend(pk=by.backend.pk + 1)).total == 0
