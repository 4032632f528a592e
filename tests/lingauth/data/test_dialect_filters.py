"""Filters and logic trees: what each means, and what each refusal says."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from lingauth.data.dialect import (
    Condition,
    DataError,
    Group,
    Op,
    Pattern,
    Wild,
    pairs,
    parse,
)
from tests.lingauth.data.shapes import NOTES

OWNER = "8c1f2b1e-4f60-4d8e-9f57-0d1f3b1b9f10"


def where(query: str) -> Group:
    return parse(NOTES, pairs(query)).where


def one(query: str) -> Condition | Group:
    (member,) = where(query).members
    return member


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("id=eq.3", Condition("id", Op.EQ, 3)),
        ("id=neq.-3", Condition("id", Op.NEQ, -3)),
        ("id=gt.3", Condition("id", Op.GT, 3)),
        ("id=gte.3", Condition("id", Op.GTE, 3)),
        ("id=lt.3", Condition("id", Op.LT, 3)),
        ("id=lte.3", Condition("id", Op.LTE, 3)),
        ("id=not.eq.3", Condition("id", Op.EQ, 3, negated=True)),
        ("title=eq.", Condition("title", Op.EQ, "")),
        ("title=eq.a.b,c(d)", Condition("title", Op.EQ, "a.b,c(d)")),
        ('title=eq."a"', Condition("title", Op.EQ, '"a"')),
        ("title=eq.%E2%98%83", Condition("title", Op.EQ, "☃")),
        ('"title"=eq.a', Condition("title", Op.EQ, "a")),
        ("is_public=eq.true", Condition("is_public", Op.EQ, True)),
        ("is_public=is.TRUE", Condition("is_public", Op.IS, True)),
        ("is_public=is.false", Condition("is_public", Op.IS, False)),
        ("rank=is.null", Condition("rank", Op.IS, None)),
        ("rank=not.is.null", Condition("rank", Op.IS, None, negated=True)),
        (f"owner=eq.{OWNER}", Condition("owner", Op.EQ, UUID(OWNER))),
        ("id=in.(1,2,3)", Condition("id", Op.IN, (1, 2, 3))),
        ("id=in.()", Condition("id", Op.IN, ())),
        ("id=not.in.(1)", Condition("id", Op.IN, (1,), negated=True)),
        ('title=in.(a,"b,c",d)', Condition("title", Op.IN, ("a", "b,c", "d"))),
        ('title=in.("")', Condition("title", Op.IN, ("",))),
        (r'title=in.("q\"","b\\")', Condition("title", Op.IN, ('q"', "b\\"))),
        ('title=in.("a"b)', Condition("title", Op.IN, ('"a"b',))),
        (
            "created_at=gte.2026-01-02T03:04:05.5Z",
            Condition("created_at", Op.GTE, datetime(2026, 1, 2, 3, 4, 5, 500_000, UTC)),
        ),
        (
            "created_at=lt.2026-01-02T03:04:05%2B02:00",
            Condition("created_at", Op.LT, datetime(2026, 1, 2, 1, 4, 5, 0, UTC)),
        ),
        (
            "created_at=gt.2026-01-02",
            Condition("created_at", Op.GT, datetime(2026, 1, 2, tzinfo=UTC)),
        ),
    ],
)
def test_a_filter_is_read(query: str, expected: Condition) -> None:
    assert one(query) == expected


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("*a*", (Wild.RUN, "a", Wild.RUN)),
        ("%25a_", (Wild.RUN, "a", Wild.ONE)),
        ("**a", (Wild.RUN, "a")),
        (r"50\%25\_\\", (r"50%_" + "\\",)),
        ("", ()),
    ],
)
@pytest.mark.parametrize("op", [Op.LIKE, Op.ILIKE])
def test_a_pattern_is_read_free_of_escapes(op: Op, pattern: str, parts: tuple[str, ...]) -> None:
    assert one(f"title={op}.{pattern}") == Condition("title", op, Pattern(parts))


def test_filters_are_joined_by_and_in_order() -> None:
    assert where("id=gt.1&id=lt.9") == Group((Condition("id", Op.GT, 1), Condition("id", Op.LT, 9)))


def test_a_logic_tree_is_read() -> None:
    assert one('or=(id.eq.1,title.not.in.("a,b",c),not.and(id.gte.2,title.eq."x,y"))') == Group(
        (
            Condition("id", Op.EQ, 1),
            Condition("title", Op.IN, ("a,b", "c"), negated=True),
            Group((Condition("id", Op.GTE, 2), Condition("title", Op.EQ, "x,y")), negated=True),
        ),
        any=True,
    )


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ("id=3", "PGRST100", "(3)"),
        ("id=", "PGRST100", "()"),
        ("id=like(any).{a}", "PGRST100", "like(any)"),
        ("id=match.a", "PGRST100", "match.a"),
        ("id=not.not.eq.3", "PGRST100", "not.not"),
        ("id=eq", "PGRST100", '"."'),
        ("secret=eq.1", "42703", "notes.secret"),
        ("owner.email=eq.1", "42703", "notes.owner.email"),
        ("data->>a=eq.1", "42703", "notes.data"),
        ("id=eq.x", "22P02", '"x"'),
        ("id=eq.1_0", "22P02", '"1_0"'),
        ("id=eq.%D9%A1", "22P02", "bigint"),
        ("id=eq.9223372036854775808", "22003", "bigint"),
        ("rank=eq.32768", "22003", "32768"),
        ("id=eq." + "9" * 5000, "22P02", "bigint"),
        ("id=in.(1,x)", "22P02", '"x"'),
        ("id=in.(1,2", "PGRST100", '")"'),
        ("id=in.1", "PGRST100", '"("'),
        ("id=in.(1)2", "PGRST100", "after the end"),
        ("owner=eq.me", "22P02", "uuid"),
        ("owner=eq.{8c1f2b1e-4f60-4d8e-9f57-0d1f3b1b9f10}", "22P02", "uuid"),
        ("is_public=eq.maybe", "22P02", "boolean"),
        ("is_public=is.maybe", "PGRST100", "unknown"),
        ("title=is.true", "42804", "text"),
        ("id=like.1*", "42883", "bigint"),
        ("title=like.a%5C", "22025", "escape"),
        ("title=like." + "*a" * 11, "PGRST100", "complex"),
        ("title=eq.a%00b", "22021", "UTF8"),
        ("created_at=eq.yesterday", "22P02", "timestamp"),
        ("created_at=eq.2026-02-30", "22003", "timestamp"),
        ("created_at=eq.0001-01-01T00:00:00%2B14:00", "22003", "timestamp"),
        ("created_at=eq.9999-12-31T23:59:59-14:00", "22003", "timestamp"),
        ("or=(id.eq.1", "PGRST100", '")"'),
        ("or=()", "PGRST100", "column"),
        ("or=id.eq.1", "PGRST100", '"("'),
        ("or=" + "(or" * 9 + "(id.eq.1)" + ")" * 9, "PGRST100", "complex"),
        ("and=(id.eq.1,nope.eq.2)", "42703", "notes.nope"),
    ],
)
def test_what_cannot_be_read_is_400_with_its_code(query: str, code: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        parse(NOTES, pairs(query))
    error = caught.value
    assert (error.status, error.code) == (400, code)
    assert says in f"{error.message} {error.details}"


@pytest.mark.parametrize(
    "query",
    [
        "&".join(["id=eq.1"] * 51),
        "id=in.(" + ",".join(["1"] * 501) + ")",
        "or=(" + ",".join(["id.eq.1"] * 51) + ")",
        "&".join(["a"] * 101),
        "title=eq." + "a" * 16_384,
        "order=" + ",".join(["id"] * 11),
        "select=" + ",".join(["id"] * 51),
    ],
)
def test_more_than_the_limits_is_400(query: str) -> None:
    with pytest.raises(DataError) as caught:
        parse(NOTES, pairs(query))
    assert (caught.value.status, caught.value.message) == (
        400,
        "The query is too long or too complex.",
    )


def test_bytes_that_are_not_utf_8_are_400() -> None:
    with pytest.raises(DataError, match="query string"):
        pairs("title=eq.%FF")
