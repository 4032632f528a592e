"""Finding the account that an admin call names, and waiting for one's turn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from lingauth.core import clock
from lingauth.core.errors import AccountNotFound, NotAdmin
from lingauth.models import Account, Operator
from lingauth.services.admin import finding
from lingauth.services.admin.by import By
from tests.support.people import Person, new_backend

Users: Any = get_user_model()._default_manager


@pytest.fixture
def ann(by: By) -> Person:
    return Person.sign_up(by.backend, "Ann@example.com")


def test_what_is_found_knows_its_backend_and_its_user(
    by: By, ann: Person, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found = finding.by_email(backend=by.backend, email="aNN@example.com")
        assert found is not None
        assert (found.backend, found.user.pk) == (by.backend, ann.account.user_id)
    with django_assert_num_queries(1):
        assert finding.find(backend=by.backend, account_uuid=found.uuid).user == found.user
    bravo = new_backend("bravo").backend
    assert finding.by_email(backend=bravo, email="ann@example.com") is None


def test_one_waits_for_ones_turn_before_anything_is_read(
    by: By, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    manager = Account.objects
    monkeypatch.setattr(manager, "hold", held.append, raising=False)
    fresh = finding.take(backend=by.backend, account=ann.account)
    assert held == [ann.account.pk]
    assert fresh is not ann.account
    Account.objects.update(deleted_at=clock.now())
    with pytest.raises(AccountNotFound):
        finding.take(backend=by.backend, account=fresh)
    assert finding.take(backend=by.backend, account=fresh, deleted=True) == fresh


@pytest.mark.parametrize("why", ["nothing", "is_staff", "is_superuser", "operator"])
def test_who_runs_the_site(by: By, ann: Person, why: str) -> None:
    if why == "operator":
        Operator.objects.create(user=ann.account.user, backend=by.backend, role="viewer")
    elif why != "nothing":
        Users.update(**{why: True})
    other = Person.sign_up(by.backend, "ben@example.com").account
    account = Account.objects.get(pk=ann.account.pk)
    assert finding.is_staff(account) is (why != "nothing")
    assert finding.is_staff(other) is False
    finding.must_not_be_staff(other)
    if why != "nothing":
        with pytest.raises(NotAdmin) as refused:
            finding.must_not_be_staff(account)
        assert str(refused.value) == "This account belongs to somebody who runs the site."


@pytest.mark.parametrize(
    ("user", "is_staff"),
    [({}, False), ({"is_staff": True}, True), ({"is_superuser": True}, True),
     ({"is_staff": False, "is_superuser": False}, False)],
)  # fmt: skip
def test_a_hosts_users_may_have_no_such_marks(
    monkeypatch: pytest.MonkeyPatch, user: dict[str, bool], is_staff: bool
) -> None:
    nobody = SimpleNamespace(filter=lambda **_: SimpleNamespace(exists=lambda: False))
    monkeypatch.setattr(finding, "Operator", SimpleNamespace(objects=nobody))
    account: Any = SimpleNamespace(user=SimpleNamespace(**user))
    assert finding.is_staff(account) is is_staff
