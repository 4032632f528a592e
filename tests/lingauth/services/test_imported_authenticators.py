"""Rows of authenticators, column by column: what is read, and each reason why not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from lingauth.services.imported_factors import ImportedFactor, factor
from lingauth.services.imported_rows import LeftOut, Refused, Row

pytestmark = pytest.mark.once
ID, OTHER = "00000001-3a51-4b0e-9d52-0242ac120001", "00000002-3a51-4b0e-9d52-0242ac120001"
DAY = {n: datetime(2024, 5, n, tzinfo=UTC) for n in range(1, 4)}
FACTOR = {
    "id": ID,
    "user_id": OTHER,
    "factor_type": "totp",
    "status": "verified",
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
}


def a_factor(**values: Any) -> ImportedFactor:
    return factor(Row(2, FACTOR | values))


def test_an_authenticator() -> None:
    found = a_factor(
        friendly_name=" My\u200bphone\n two ",
        created_at="2024-05-01",
        updated_at="2024-05-02",
        last_challenged_at="2024-05-03",
    )
    assert (found.line, found.uuid, found.user, found.name) == (
        2,
        UUID(ID),
        UUID(OTHER),
        "My phone two",
    )
    assert found.secret == b"Hello!\xde\xad\xbe\xef" * 2
    assert (found.created_at, found.verified_at, found.last_challenged_at) == (
        DAY[1],
        DAY[2],
        DAY[3],
    )
    assert a_factor(created_at="2024-05-01").verified_at == DAY[1]


def test_an_authenticators_secret_has_16_to_64_bytes_with_padding_or_without() -> None:
    """A letter of base32 is five bits (RFC 4648, section 6)."""
    assert a_factor(secret="A" * 26 + "======").secret == bytes(16)
    assert a_factor(secret="A" * 26).secret == bytes(16)
    assert a_factor(secret="A" * 32 + "=").secret == bytes(20)
    assert a_factor(secret="A" * 103).secret == bytes(64)
    assert a_factor(secret="A" * 31 + "X").secret == bytes(19) + b"\x17"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"factor_type": "phone"}, "is of the kind 'phone', which there is not here"),
        (
            {"secret": '{"key_id": "x"}'},
            "has a secret that is encrypted with a key of the old server",
        ),
        ({"secret": "1" * 32}, "has a secret that is not base32"),
        ({"secret": "Ä" * 32}, "has a secret that is not base32"),
        ({"secret": "A" * 24}, "has a secret that is not of 16 to 64 bytes"),
        ({"secret": "A" * 104}, "has a secret that is not of 16 to 64 bytes"),
    ],
)
def test_why_an_authenticator_is_not_taken(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        a_factor(**values)
    assert str(refused.value) == f"{reason}; the account {OTHER} has one factor fewer here"


@pytest.mark.parametrize(
    ("values", "counted"),
    [
        ({"status": "unverified"}, "never finished"),
        ({"factor_type": "recovery_code"}, "recovery codes, which are made anew"),
    ],
)
def test_what_authenticators_without_a_use_are_counted_as(
    values: dict[str, Any], counted: str
) -> None:
    with pytest.raises(LeftOut) as left:
        a_factor(**values)
    assert str(left.value) == counted
