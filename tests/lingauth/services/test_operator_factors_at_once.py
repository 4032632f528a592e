"""Set-ups of one operator at the same moment, and what a caller's transaction would take back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from lingauth.core import clock
from lingauth.core.errors import FactorExists
from lingauth.models import TotpFactor
from lingauth.services import limits, operator_factors
from tests.lingauth.api.people import Clock
from tests.support.acts import CLIENT
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(moved: Clock) -> Any:
    return get_user_model()._default_manager.create_user("ben@example.com")


def code(secret: str) -> str:
    return code_for(secret, clock.now().timestamp())


def test_of_two_set_ups_that_are_proven_together_one_is_a_factor(
    ben: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked for again when it is one's turn."""
    made = operator_factors.enroll(ben)
    hold = operator_factors._hold

    def and_meanwhile(user: Any) -> None:
        other = TotpFactor(user=ben, name="Other", confirmed=True)
        other.seal(b"12345678901234567890")
        other.save()
        hold(user)

    monkeypatch.setattr(operator_factors, "_hold", and_meanwhile)
    with pytest.raises(FactorExists) as refused:
        operator_factors.confirm(ben, code(made.secret), CLIENT)
    assert str(refused.value) == "This operator has an authenticator already."
    assert not TotpFactor.objects.get(pk=made.factor.pk).confirmed


def test_a_code_of_a_factor_that_stands_waits_for_nobody(
    ben: Any, moved: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = operator_factors.enroll(ben).secret
    operator_factors.confirm(ben, code(secret), CLIENT)
    moved.shift(30)
    held: list[Any] = []
    monkeypatch.setattr(operator_factors, "_hold", held.append)
    operator_factors.verify(ben, code(secret), CLIENT)
    assert held == []


def test_a_set_up_waits_for_its_turn_before_it_replaces_another(
    ben: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = operator_factors.enroll(ben).factor
    seen: list[tuple[Any, bool]] = []

    def held(user: Any) -> None:
        seen.append((user, TotpFactor.objects.filter(pk=before.pk).exists()))

    monkeypatch.setattr(operator_factors, "_hold", held)
    operator_factors.enroll(ben)
    assert seen == [(ben, True)]


def test_one_waits_by_the_users_own_row(ben: Any) -> None:
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        operator_factors._hold(ben)
    asked = [found["sql"] for found in captured if found["sql"].startswith("SELECT")]
    assert len(asked) == 1
    assert f'"auth_user"."id" = {ben.pk}' in asked[0]
    assert ("FOR UPDATE" in asked[0]) is (connection.vendor == "postgresql")


def test_it_commits_by_itself(ben: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guess, and then what it opens."""
    made = operator_factors.enroll(ben)
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            operator_factors.enroll(ben)
        with pytest.raises(RuntimeError):
            operator_factors.confirm(ben, code(made.secret), CLIENT)
        monkeypatch.setattr(limits, "must_commit_at_once", lambda: None)
        with pytest.raises(RuntimeError):
            operator_factors.confirm(ben, code(made.secret), CLIENT)
