"""The form of what is sealed stays what it is, or no older seal fits any more."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from lingauth.core import history
from lingauth.models import Event

AT = datetime(2026, 11, 29, 4, 19, 10, 123456, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "id": 7,
    "backend_id": 3,
    "at": AT,
    "kind": "signed_in",
    "result": "ok",
    "actor_kind": "account",
    "actor_id": "ann",
    "account_uuid": UUID(int=5),
    "session_id": None,
    "request_id": "",
    "ip": "2001:db8::1",
    "user_agent": "Ä\N{RIGHT-TO-LEFT OVERRIDE}",
    "data": {"b": [1, None, "ü"], "a": {"y": True, "x": 1.5}},
}


def digest(**changed: Any) -> bytes:
    return history.digest(list({**VALUES, **changed}.values()))


def test_it_has_every_column_of_an_event() -> None:
    """A column that comes later needs a form of its own."""
    columns = [field.attname for field in Event._meta.concrete_fields]
    assert sorted(history.COLUMNS) == sorted(columns)
    assert list(VALUES) == list(history.COLUMNS)


def test_form_1_is_these_bytes() -> None:
    assert digest().hex() == "bfac6bd9fee007072a151e178fad743c116262cb736857b564d1196ebfd0a8b1"


def test_a_head_is_these_bytes() -> None:
    rows = history.packed([(7, digest())])
    made = history.head(
        b"", backend_id=3, number=1, last_event_id=7, sealed_at=AT, form=1, rows=rows
    )
    assert made.hex() == "29a0b90b0dfc44bbed35ccb9c218f5ed5c7e61a34a5d050808b5a1a02ef97efc"


CHANGED: dict[str, Any] = {
    "id": 8,
    "backend_id": None,
    "at": AT.replace(microsecond=123457),
    "kind": "signed_out",
    "result": "refused",
    "actor_kind": "operator",
    "actor_id": "anna",
    "account_uuid": None,
    "session_id": UUID(int=5),
    "request_id": "0",
    "ip": "2001:db8::2",
    "user_agent": "",
    "data": {"b": [1, None, "ü"], "a": {"y": True, "x": "1.5"}},
}


@pytest.mark.parametrize("column", CHANGED)
def test_a_change_of_any_column_shows(column: str) -> None:
    assert digest(**{column: CHANGED[column]}) != digest()


def test_nothing_is_another_value_than_an_empty_one() -> None:
    assert digest(actor_id="") != digest(actor_id=None)


def test_what_moves_from_one_column_to_the_next_shows() -> None:
    assert digest(result="o", actor_kind="kaccount") != digest()


@pytest.mark.parametrize(
    "same",
    [
        {"ip": "2001:DB8:0:0::1"},
        {"data": {"a": {"x": 1.5, "y": True}, "b": [1, None, "ü"]}},
        {"at": AT.astimezone(datetime.now().astimezone().tzinfo)},
    ],
    ids=["address", "keys", "zone"],
)
def test_what_a_database_may_write_another_way_is_the_same(same: dict[str, Any]) -> None:
    assert digest(**same) == digest()


def test_an_address_that_is_none_is_digested_all_the_same() -> None:
    others = [digest(ip=ip) for ip in ("10.0.0.0", "10.0.0.0/9", None, "None")]
    assert digest(ip="10.0.0.0/8") not in others


def test_half_a_character_is_one_like_any_other() -> None:
    """A database may give back what it was given."""
    assert digest(user_agent="\ud800") not in (digest(user_agent="\ud801"), digest(user_agent="?"))


@pytest.mark.parametrize("values", [list(VALUES.values())[:-1], [*VALUES.values(), 1]])
def test_an_event_has_as_many_values_as_the_form_has_columns(values: list[Any]) -> None:
    with pytest.raises(ValueError, match="argument 2 is"):
        history.digest(values)


def test_a_head_of_what_belongs_to_no_backend_says_that_it_is_of_none() -> None:
    parts = (b"", None, b"1", b"7", b"1000000", b"1", b"rows")
    framed = b"".join(
        b"\0" if part is None else b"\1" + bytes(7) + bytes([len(part)]) + part for part in parts
    )
    made = history.head(
        b"",
        backend_id=None,
        number=1,
        last_event_id=7,
        sealed_at=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        form=1,
        rows=b"rows",
    )
    assert made == sha256(framed).digest()


def test_rows_come_back_as_they_were_packed() -> None:
    rows = [(7, digest()), (2**40, bytes(32))]
    assert list(history.unpacked(history.packed(rows))) == rows
    assert list(history.unpacked(history.packed(rows)[:-1])) == rows[:1]


@pytest.mark.parametrize(
    "changed",
    [
        {"before": b"x"},
        {"backend_id": None},
        {"number": 2},
        {"last_event_id": 8},
        {"sealed_at": AT.replace(year=2027)},
        {"form": 2},
        {"rows": b""},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_change_of_anything_in_a_seal_shows_in_its_head(changed: dict[str, Any]) -> None:
    values: dict[str, Any] = {
        "before": b"",
        "backend_id": 3,
        "number": 1,
        "last_event_id": 7,
        "sealed_at": AT,
        "form": 1,
        "rows": history.packed([(7, bytes(32))]),
    }

    def head(values: dict[str, Any]) -> bytes:
        return history.head(values.pop("before"), **values)

    assert head({**values, **changed}) != head({**values})
