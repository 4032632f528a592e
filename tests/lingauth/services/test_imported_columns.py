"""Rows of Supabase Auth's tables, column by column: what is read, and each reason why not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from lingauth.services.imported_rows import (
    ImportedIdentity,
    ImportedUser,
    LeftOut,
    Refused,
    Row,
    an_object,
    identity,
    truth,
    user,
)
from tests.support.hashes import BCRYPT

pytestmark = pytest.mark.once
ID, OTHER = "00000001-3a51-4b0e-9d52-0242ac120001", "00000002-3a51-4b0e-9d52-0242ac120001"
DAY = {n: datetime(2024, 5, n, tzinfo=UTC) for n in range(1, 9)}
ADA = {"id": ID, "email": "Ada@example.com"}
DELETED = {"deleted_at": "2024-05-08", "encrypted_password": BCRYPT.hash}
IDENTITY = {"id": ID, "user_id": OTHER, "provider": "google", "provider_id": "7"}


def a_user(**values: Any) -> ImportedUser:
    return user(Row(2, ADA | values), anonymous=False)


def an_identity(**values: Any) -> ImportedIdentity:
    return identity(Row(2, IDENTITY | values))


@pytest.mark.parametrize(
    ("value", "is_true"),
    [
        *((true, True) for true in ("t", "true", "TRUE", "1", True)),
        *((false, False) for false in ("f", "false", "False", "0", "", None, False)),
    ],
)
def test_truth_as_the_ways_to_export_a_table_write_it(value: object, is_true: bool) -> None:
    row = Row(2, ADA | {"is_anonymous": value})
    assert truth(row, "is_anonymous") is is_true


def test_a_user_without_more_than_an_address() -> None:
    assert a_user() == ImportedUser(
        line=2,
        uuid=UUID(ID),
        email="Ada@example.com",
        email_key="ada@example.com",
        password=None,
        app_metadata={"provider": "email", "providers": ["email"]},
        user_metadata={},
        is_anonymous=False,
        times=dict.fromkeys(
            (
                "email_confirmed_at",
                "invited_at",
                "last_sign_in_at",
                "banned_until",
                "deleted_at",
                "created_at",
                "updated_at",
            )
        ),
    )


def test_each_time_is_read_from_its_column() -> None:
    columns = [
        *("email_confirmed_at", "invited_at", "last_sign_in_at", "banned_until"),
        *("created_at", "updated_at"),
    ]
    written = {name: f"2024-05-0{n} 00:00:00+00" for n, name in enumerate(columns, 1)}
    expected = {name: DAY[n] for n, name in enumerate(columns, 1)}
    assert a_user(**written).times == {**expected, "deleted_at": None}


def test_older_columns_stand_in_for_newer_ones() -> None:
    times = a_user(confirmed_at="2024-05-01", created_at="2024-05-02").times
    assert times["email_confirmed_at"] == DAY[1]
    assert (times["created_at"], times["updated_at"]) == (DAY[2], DAY[2])


def test_of_one_who_was_deleted_no_address_and_no_password_is_taken() -> None:
    found = a_user(**DELETED, email_confirmed_at="2024-05-01")
    assert (found.email, found.email_key, found.password) == ("", ID, None)
    assert (found.times["deleted_at"], found.times["email_confirmed_at"]) == (DAY[8], None)


@pytest.mark.parametrize(
    ("providers", "signs_in"),
    [
        (["email"], True),
        (["google", "email"], True),
        (["google"], False),
        ([], False),
        (None, True),
        ("google", True),
    ],
)
def test_who_signs_in_by_mail(providers: object, signs_in: bool) -> None:
    assert a_user(raw_app_meta_data={"providers": providers}).signs_in_by_mail == signs_in


REASONS: list[tuple[dict[str, Any], str]] = [
    ({"id": "1"}, "its id is not a UUID"),
    ({"email": "nobody"}, "its email is not an address"),
    ({"email": 3}, "its email cannot be stored"),
    ({"email": "a\x00@example.com"}, "its email cannot be stored"),
    ({"banned_until": "yesterday"}, "its banned_until is not a time"),
    ({"banned_until": "2024-13-01 00:00:00"}, "its banned_until is not a time"),
    ({"email_confirmed_at": "x"}, "its email_confirmed_at is not a time"),
    ({"is_anonymous": "maybe"}, "its is_anonymous is neither true nor false"),
    ({"is_sso_user": "t"}, "signs in by SAML, which there is not here"),
    ({"raw_user_meta_data": "{"}, "its raw_user_meta_data is not JSON"),
    ({"raw_user_meta_data": "[]"}, "its raw_user_meta_data cannot be stored"),
    ({"email": ""}, "has no e-mail address, and nobody signs in by phone here"),
    (
        {"email": "", "raw_app_meta_data": {"providers": []}},
        "has no e-mail address, and nobody signs in by phone here",
    ),
    (
        {"email": "", "raw_app_meta_data": {"providers": ["phone"]}},
        "has no e-mail address, and nobody signs in by phone here",
    ),
    (
        {"encrypted_password": "$1$x"},
        "its password cannot be verified here: "
        "This password hash is of no kind known here. Known are bcrypt ($2a$, $2b$, $2y$), "
        "argon2i, argon2id and Firebase's scrypt ($fbscrypt$)",
    ),
]


@pytest.mark.parametrize(("values", "reason"), REASONS)
def test_why_a_user_is_not_taken(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        a_user(**values)
    assert str(refused.value) == reason


def test_a_way_in() -> None:
    values = {"created_at": "2024-05-01", "updated_at": "2024-05-02"}
    found = an_identity(identity_data='{"name": "Ada", "iss": "x"}', **values)
    assert found == ImportedIdentity(
        line=2,
        uuid=UUID(ID),
        user=UUID(OTHER),
        provider="google",
        subject="7",
        data={"name": "Ada"},
        created_at=DAY[1],
        updated_at=DAY[2],
    )


def test_names_have_the_room_that_their_columns_have() -> None:
    found = an_identity(provider="p" * 40, provider_id="s" * 255)
    assert (found.provider, found.subject) == ("p" * 40, "s" * 255)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"provider": "p" * 41}, "its provider cannot be stored"),
        ({"provider_id": "s" * 256}, "its provider_id cannot be stored"),
        ({"provider": ""}, "names no provider, or nobody there"),
        ({"provider_id": ""}, "names no provider, or nobody there"),
        ({"user_id": None}, "its user_id is not a UUID"),
    ],
)
def test_why_a_way_in_is_not_taken(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        an_identity(**values)
    assert str(refused.value) == reason


@pytest.mark.parametrize("provider", ["phone", "sso:7d0ad6a3"])
def test_what_ways_in_without_a_use_are_counted_as(provider: str) -> None:
    with pytest.raises(LeftOut) as left:
        an_identity(provider=provider)
    assert str(left.value) == "of phone and SAML"


@pytest.mark.parametrize(("size", "is_taken"), [(64 * 1024, True), (64 * 1024 + 1, False)])
def test_an_object_has_64_kib(size: int, is_taken: bool) -> None:
    value = {"a": "x" * (size - len('{"a": ""}'))}
    row = Row(2, {"data": value})
    if is_taken:
        assert an_object(row, "data") == value
        return
    with pytest.raises(Refused) as refused:
        an_object(row, "data")
    assert str(refused.value) == "its data is larger than 64 KiB"


@pytest.mark.parametrize("value", [None, "", "null"])
def test_an_absent_object_is_empty(value: object) -> None:
    assert an_object(Row(2, {"data": value}), "data") == {}


def test_an_object_of_any_depth_is_read_or_refused() -> None:
    with pytest.raises(Refused) as refused:
        an_object(Row(2, {"data": "[" * 200_000}), "data")
    assert str(refused.value) == "its data is not JSON"
