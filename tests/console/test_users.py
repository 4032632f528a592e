"""The list of a backend's accounts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from lingauth.models import Backend
from tests.console.conftest import MakeAccount
from tests.console.support import Operator, dangers, text

PAGE = "/backends/demo/users"

CORPUS = [
    "<script>alert(1)</script>@x.test",
    '"><img src=x onerror=alert(1)>@x.test',
    "'-alert(1)-'@x.test",
    "</th></table><svg onload=alert(1)>@x.test",
    "{{ 7*7 }}{% now %}@x.test",
    "javascript:alert(1)//@x.test",
    "\u202egnirts@x.test",
    "&lt;b&gt;@x.test",
]


def test_each_row_says_in_words_how_it_stands(owner: Operator, make_account: MakeAccount) -> None:
    make_account("bare@app.test", sessions=3)
    make_account(
        "safe@app.test", factors=2, last_sign_in_at=datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    )
    words = text(owner.get(PAGE))
    assert "bare@app.test Not set up 3 Never 24 Nov 2026" in words
    assert "safe@app.test On · 2 0 23 Nov 2026, 09:05 UTC 24 Nov 2026" in words


def test_the_filter_is_a_link(owner: Operator, make_account: MakeAccount) -> None:
    make_account("bare@app.test")
    make_account("safe@app.test", factors=1)
    page = owner.get(f"{PAGE}?mfa=none")
    assert "bare@app.test" in text(page)
    assert "safe@app.test" not in text(page)
    assert b'href="?mfa=none" aria-current="page"' in page.content


def test_search_finds_parts_whatever_the_case_and_keeps_the_filter(
    owner: Operator, make_account: MakeAccount
) -> None:
    for name in ("ann", "hannes"):
        make_account(f"{name}@app.test")
        make_account(f"{name}.safe@app.test", factors=1)
    make_account("bert@app.test")
    found = text(owner.get(f"{PAGE}?q=ANN&mfa=none"))
    assert "ann@app.test" in found
    assert "hannes@app.test" in found
    assert "safe" not in found
    assert "bert" not in found
    assert b'name="mfa" value="none"' in owner.get(f"{PAGE}?q=ANN&mfa=none").content


def test_pages_hold_everybody_once(owner: Operator, make_account: MakeAccount) -> None:
    for number in range(120):
        make_account(f"person{number:03}@app.test")
    address, seen, pages = PAGE, [], 0
    while address:
        body = owner.get(address).content.decode()
        seen += re.findall(r"person\d{3}", body)
        following = re.search(r'href="([^"]+)" rel="next"', body)
        address = PAGE + following[1].replace("&amp;", "&") if following else ""
        pages += 1
    assert pages == 3
    assert sorted(seen) == [f"person{number:03}" for number in range(120)]


def test_other_backends_and_deleted_accounts_are_not_shown(
    owner: Operator, other: Backend, make_account: MakeAccount
) -> None:
    make_account("theirs@app.test", backend=other)
    make_account("gone@app.test", deleted_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert "No users yet They appear here when somebody signs up." in text(owner.get(PAGE))


def test_empty_is_explained(owner: Operator, make_account: MakeAccount) -> None:
    make_account("safe@app.test", factors=1)
    assert "Everyone has MFA" in text(owner.get(f"{PAGE}?mfa=none"))
    assert "No email contains “zzz”" in text(owner.get(f"{PAGE}?q=zzz"))
    assert "No email without MFA contains “zzz”" in text(owner.get(f"{PAGE}?q=zzz&mfa=none"))


@pytest.mark.parametrize(
    "query", ["after=x", "after=0", "q=%00", "q=%FF", "q=" + "x" * 5000, "mfa=x"]
)
def test_nonsense_in_the_address_is_no_error(owner: Operator, query: str) -> None:
    assert owner.get(f"{PAGE}?{query}").status_code == 200


@pytest.mark.parametrize("payload", CORPUS)
def test_what_people_call_themselves_is_shown_and_never_run(
    owner: Operator, demo: Backend, make_account: MakeAccount, payload: str
) -> None:
    make_account(payload)
    Backend.objects.filter(pk=demo.pk).update(name=payload[:80])
    for address in (PAGE, f"{PAGE}?mfa=none", "/backends", "/backends/demo/authentication"):
        assert dangers(owner.get(address)) == []
    assert f"<bdi>{escape(payload)}</bdi>" in owner.get(PAGE).content.decode()


@pytest.mark.parametrize("payload", CORPUS)
def test_what_is_searched_for_is_shown_and_never_run(owner: Operator, payload: str) -> None:
    page = owner.client.get(PAGE, {"q": payload})
    assert dangers(page) == []
    assert escape(payload) in page.content.decode()


def test_a_page_costs_the_same_however_many_rows_it_has(
    owner: Operator,
    make_account: MakeAccount,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(60):
        make_account(f"p{number}@app.test", factors=1, sessions=1)
    with django_assert_max_num_queries(8):
        owner.get(PAGE)
