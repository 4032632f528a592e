"""Rows of Supabase Auth's tables in our terms, or a reason why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from lingauth.services.imported_factors import factor
from lingauth.services.imported_rows import ImportedUser, LeftOut, Refused, Row, identity, user
from tests.support.hashes import BCRYPT

pytestmark = pytest.mark.once

ID = "00000001-3a51-4b0e-9d52-0242ac120001"
OWN = {"id": ID, "email": "ada@example.com"}
FACTOR = {
    "id": ID,
    "user_id": ID,
    "factor_type": "totp",
    "status": "verified",
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
}


def read(**values: Any) -> ImportedUser:
    return user(Row(2, OWN | values), anonymous=False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-06 07:08:09.1+00", datetime(2024, 5, 6, 7, 8, 9, 100_000, UTC)),
        ("2024-05-06 07:08:09+05:30", datetime(2024, 5, 6, 1, 38, 9, tzinfo=UTC)),
        ("2024-05-06T07:08:09.123456Z", datetime(2024, 5, 6, 7, 8, 9, 123_456, UTC)),
        ("2024-05-06 07:08:09", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("infinity", datetime(9999, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_times_are_read_as_postgresql_and_json_write_them(
    written: object, meant: datetime | None
) -> None:
    found = read(banned_until=written).times["banned_until"]
    assert found == meant
    assert found is None or found.astimezone(timezone(timedelta(0))) == meant


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"id": None}, "its id is not a UUID"),
        ({"id": "1"}, "its id is not a UUID"),
        ({"email": "nobody"}, "its email is not an address"),
        ({"email": 3}, "its email cannot be stored"),
        ({"created_at": "yesterday"}, "its created_at is not a time"),
        ({"is_anonymous": "maybe"}, "neither true nor false"),
        ({"raw_user_meta_data": "{"}, "is not JSON"),
        ({"raw_user_meta_data": "[]"}, "cannot be stored"),
        ({"raw_user_meta_data": '{"a": "\\u0000"}'}, "cannot be stored"),
        ({"raw_app_meta_data": {"a": "x" * 70_000}}, "larger than 64 KiB"),
        ({"encrypted_password": "secret"}, "cannot be verified here"),
        ({"is_sso_user": "t"}, "SAML"),
        ({"email": "", "phone": "4915112345678"}, "nobody signs in by phone"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(values: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        read(**values)
    assert "secret" not in str(refused.value)


def test_who_only_comes_by_a_provider_has_no_identity_of_the_address() -> None:
    google = {"provider": "google", "providers": ["google"]}
    assert not read(raw_app_meta_data=google).signs_in_by_mail
    assert read(raw_app_meta_data=google, encrypted_password=BCRYPT.hash).signs_in_by_mail
    assert read().signs_in_by_mail


def test_who_comes_by_a_provider_without_an_address_is_taken() -> None:
    found = read(email=None, raw_app_meta_data={"provider": "x", "providers": ["x"]})
    assert (found.email, found.email_key) == ("", ID)


def test_identities_from_before_they_had_ids_of_their_own() -> None:
    found = identity(Row(2, {"id": "1132", "user_id": ID, "provider": "google"}))
    assert (found.uuid, found.subject, found.user) == (None, "1132", UUID(ID))


@pytest.mark.parametrize("provider", ["phone", "sso:7d0ad6a3"])
def test_identities_that_nobody_can_use_are_left_out(provider: str) -> None:
    with pytest.raises(LeftOut):
        identity(Row(2, {"id": ID, "provider_id": "x", "user_id": ID, "provider": provider}))


def test_a_secret_without_padding_and_in_small_letters() -> None:
    found = factor(Row(2, FACTOR | {"secret": "jbswy3dpehpk3pxpjbswy3dpeh"}))
    assert len(found.secret) == 16
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("JBSWY3DP", "not of 16 to 64 bytes"),
        ("1" * 32, "not base32"),
        ("", "not of 16 to 64 bytes"),
        ('{"key_id": "x"}', "encrypted"),
    ],
)
def test_a_secret_that_cannot_be_taken_says_why_and_whose(secret: str, told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        factor(Row(2, FACTOR | {"secret": secret}))
    assert ID in str(refused.value)
    assert not secret or secret not in str(refused.value)
