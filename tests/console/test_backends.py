"""The list of backends."""

from __future__ import annotations

from pytest_django import DjangoAssertNumQueries

from lingauth.models import Backend
from tests.console.conftest import MakeAccount, new_backend, operator_with
from tests.console.support import Operator, text


def test_it_shows_each_backend_with_its_rule_its_accounts_and_my_role(
    owner: Operator, other: Backend, make_account: MakeAccount
) -> None:
    operator_with("owner", new_backend("empty", "Empty"))
    Backend.objects.filter(ref="empty").update(mfa_mode="required")
    make_account("a@app.test")
    make_account("b@app.test")
    make_account("c@app.test", backend=other)
    words = text(owner.get("/backends"))
    assert "Demo demo Not required 2 Owner" in words
    assert "Empty empty Required 0 Owner" in words
    assert "Other" not in words


def test_it_costs_the_same_however_many_there_are(
    owner: Operator, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        operator_with("owner", new_backend(f"b{number}", f"B {number}"))
    with django_assert_max_num_queries(6):
        assert "B 11" in text(owner.get("/backends"))


def test_it_says_how_to_add_one(owner: Operator) -> None:
    assert 'python manage.py create_backend REF --name "Name"' in text(owner.get("/backends"))


def test_a_backend_opens_on_its_first_screen(owner: Operator) -> None:
    assert owner.get("/backends/demo")["Location"] == "/backends/demo/authentication"


def test_a_slash_that_was_typed_is_forgiven(owner: Operator) -> None:
    assert owner.get("/backends/")["Location"] == "/backends"
