"""select, order, columns, limit and offset, the Range header, Prefer, Accept and profiles."""

from __future__ import annotations

import pytest

from lingauth.data.dialect import (
    DataError,
    Format,
    Ordered,
    Query,
    Resolution,
    Return,
    Selected,
    Window,
    accepted,
    pairs,
    parse,
    preferences,
    ranged,
    schema,
)
from tests.lingauth.data.shapes import NOTES


def query(text: str) -> Query:
    return parse(NOTES, pairs(text))


def refused(text: str) -> DataError:
    with pytest.raises(DataError) as caught:
        query(text)
    return caught.value


def labels(text: str) -> list[str]:
    return [item.label for item in query(text).select]


def test_select_keeps_the_order_asked_for() -> None:
    assert labels("select=title,id") == ["title", "id"]


@pytest.mark.parametrize("text", ["", "select=", "select=*"])
def test_without_a_choice_every_column_is_selected_in_table_order(text: str) -> None:
    assert labels(text) == list(NOTES.columns)


def test_a_column_can_be_renamed_and_added_to_all() -> None:
    assert query("select=heading:title").select == (Selected("title", "heading"),)
    assert labels("select=*,heading:title") == [*NOTES.columns, "heading"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("select=secret", "42703"),
        ("select=id,", "PGRST100"),
        ("select=id::text", "PGRST100"),
        ("select=owner(email)", "PGRST200"),
        ("select=count()", "PGRST200"),
        ("select=" + "a" * 64 + ":id", "PGRST100"),
        ("select=id&select=title", "PGRST100"),
        ("order=secret", "42703"),
        ("order=id.up", "PGRST100"),
        ("order=id.nullsfirst.desc", "PGRST100"),
        ("order=id.desc.nullslast.asc", "PGRST100"),
        ("columns=secret", "PGRST204"),
        ("columns=", "PGRST100"),
        ("limit=x", "PGRST100"),
        ("limit=1e3", "PGRST100"),
        ("limit=" + "9" * 30, "PGRST100"),
        ("offset=x", "PGRST100"),
    ],
)
def test_what_cannot_be_read_is_400(text: str, code: str) -> None:
    error = refused(text)
    assert (error.status, error.code) == (400, code)


def test_order_has_directions_and_a_place_for_nulls() -> None:
    assert query("order=created_at.desc.nullslast,id,rank.nullsfirst,title.asc").order == (
        Ordered("created_at", descending=True, nulls_first=False),
        Ordered("id"),
        Ordered("rank", nulls_first=True),
        Ordered("title"),
    )


def test_columns_may_be_quoted_as_postgrest_js_sends_them() -> None:
    assert query("columns=%22title%22%2C%22body%22").columns == ("title", "body")


def test_limit_and_offset_make_a_window() -> None:
    assert query("limit=5&offset=10").window == Window(10, 5)
    assert query("offset=-4").window == Window(0, None)


def test_a_negative_limit_is_not_satisfiable() -> None:
    assert (refused("limit=-1").status, refused("limit=-1").code) == (416, "PGRST103")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Window(7, 3)),
        ("0-1", Window(0, 2)),
        ("10-", Window(10)),
        ("bytes=0-10", Window(7, 3)),
        ("0-1,3-4", Window(7, 3)),
    ],
)
def test_a_range_header_wins_over_the_query_string(header: str | None, expected: Window) -> None:
    assert ranged(header, Window(7, 3)) == expected


def test_a_range_that_ends_before_it_begins_is_416() -> None:
    with pytest.raises(DataError) as caught:
        ranged("5-4", Window())
    assert (caught.value.status, caught.value.code) == (416, "PGRST103")


def test_preferences_are_read_from_one_header_or_several() -> None:
    found = preferences("return=representation, count=exact,resolution=merge-duplicates")
    assert (found.give, found.count, found.resolution) == (
        Return.REPRESENTATION,
        True,
        Resolution.MERGE,
    )
    assert found.applied == (
        "return=representation",
        "count=exact",
        "resolution=merge-duplicates",
    )


def test_without_preferences_nothing_is_sent_back_or_counted() -> None:
    found = preferences(None)
    assert (found.give, found.count, found.applied) == (Return.MINIMAL, False, ())


def test_an_estimate_is_answered_by_the_exact_count_and_says_so() -> None:
    assert preferences("count=estimated").applied == ("count=exact",)


def test_max_affected_counts_only_with_strict_handling() -> None:
    assert preferences("handling=strict, max-affected=3").max_affected == 3
    assert preferences("max-affected=3").max_affected is None


def test_unknown_preferences_are_ignored_unless_handling_is_strict() -> None:
    assert preferences("tx=rollback, return=everything").applied == ()
    with pytest.raises(DataError, match="handling=strict") as caught:
        preferences("handling=strict, tx=rollback")
    assert (caught.value.status, caught.value.code) == (400, "PGRST122")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Format()),
        ("*/*", Format()),
        ("application/json", Format()),
        ("text/html, application/json;q=0.9", Format()),
        ("application/vnd.pgrst.object+json", Format(single=True)),
        ("application/vnd.pgrst.object", Format(single=True)),
        ("application/vnd.pgrst.object+json;nulls=stripped", Format(True, True)),
        ("application/vnd.pgrst.array+json;nulls=stripped", Format(False, True)),
    ],
)
def test_accept_chooses_the_form(header: str | None, expected: Format) -> None:
    assert accepted(header) == expected


def test_an_accept_that_is_not_offered_is_406() -> None:
    with pytest.raises(DataError) as caught:
        accepted("text/csv")
    assert (caught.value.status, caught.value.code) == (406, "PGRST107")


def test_public_is_the_only_schema() -> None:
    schema(None)
    schema("public")
    with pytest.raises(DataError) as caught:
        schema("auth")
    assert (caught.value.status, caught.value.code) == (406, "PGRST106")
