"""What an admin call gives, judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lingauth.core.errors import ValidationFailed, WeakPassword
from lingauth.models import Backend
from lingauth.services.admin import values
from lingauth.services.admin.by import By
from lingauth.services.admin.values import Given
from tests.support.hashes import BCRYPT

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def hashed(by: By, **members: Any) -> str | None:
    return values.hashed(Given(**members), backend=by.backend, email_key="ann@example.com")


def test_nothing_given_is_nothing(by: By) -> None:
    assert [values.account_id(None), values.account_id("")] == [None, None]
    assert [values.ban(None), values.ban("")] == [None, None]
    assert values.banned_until(None, NOON) is None
    assert hashed(by) is None
    assert values.app_metadata({"a": 1, "provider": "email"}, None) == {"a": 1, "provider": "email"}


def test_an_id() -> None:
    text = "5b6a7c8d-1111-4222-8333-444455556666"
    assert values.account_id(text) == UUID(text)
    for given, sentence in (
        ("x", "ID must conform to the uuid v4 format"),
        ("00000000-0000-0000-0000-000000000000", "ID cannot be a nil uuid"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            values.account_id(given)
        assert str(refused.value) == sentence
        assert refused.value.__cause__ is None


def test_a_ban_lasts_and_none_ends_one() -> None:
    assert values.ban("1h30m") == timedelta(minutes=90)
    assert values.ban("none") == timedelta(0)
    assert values.ban("0") == timedelta(0)
    assert values.banned_until(timedelta(minutes=90), NOON) == NOON.replace(hour=13, minute=30)
    assert values.banned_until(timedelta(0), NOON) is None
    with pytest.raises(ValidationFailed):
        values.ban("None")


@pytest.mark.parametrize("both", ["x", ""])
def test_not_a_password_and_a_hash(by: By, both: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        hashed(by, password=both, password_hash=both)
    assert str(refused.value) == "Only a password or a password hash should be provided"


def test_a_hash_is_taken_as_it_is_and_its_kind_is_remembered(by: By) -> None:
    """So that a refusal costs as much for everybody from now on."""
    stored = f"bcrypt$$2b${BCRYPT.hash[4:]}"
    assert hashed(by, password_hash=BCRYPT.hash) == stored
    assert Backend.objects.get().old_hashes == ["bcrypt$$2b$04$" + 53 * "."]


def test_a_password_is_normalised_and_has_to_be_strong(by: By) -> None:
    from django.contrib.auth.hashers import check_password

    made = hashed(by, password="Ame\u0301lie's horse")
    assert made is not None
    assert check_password("Am\u00e9lie's horse", made)
    for weak, reason in (("short", "length"), ("ann@example.com", "pwned"), ("acme123", "length")):
        with pytest.raises(WeakPassword) as refused:
            hashed(by, password=weak)
        assert refused.value.reasons == [reason]
    with pytest.raises(ValidationFailed):
        hashed(by, password="")


def test_what_says_which_identities_there_are_is_ours() -> None:
    current = {"provider": "email", "providers": ["email"], "plan": "free", "old": 1}
    given = {"provider": "x", "providers": ["x"], "plan": "pro", "old": None, "new": [1]}
    assert values.app_metadata(current, given) == {
        "provider": "email",
        "providers": ["email"],
        "plan": "pro",
        "new": [1],
    }
    assert current["plan"] == "free", "what was handed over stays as it was"
