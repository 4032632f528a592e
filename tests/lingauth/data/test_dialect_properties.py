"""Whatever arrives, the parsers answer or raise their one error, quickly."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.data.dialect import (
    Column,
    Condition,
    DataError,
    Kind,
    Op,
    Ordered,
    accepted,
    pairs,
    parse,
    preferences,
    ranged,
    schema,
)
from lingauth.data.dialect.values import from_json
from tests.lingauth.data.shapes import NOTES

anything = st.text(st.characters(codec=None) | st.sampled_from('.,()"\\*%_:-<>&=\x00\ud800'))
words = st.sampled_from(
    ["eq", "not", "in", "is", "like", "or", "and", "null", ".", ",", "(", ")", '"', "\\", "*",
     "id", "title", "rank", "created_at", "2026-01-01", "1", "-", "desc", "nullsfirst", ":"]
)  # fmt: skip
soup = st.lists(words, max_size=40).map("".join)
keys = st.sampled_from(
    [*NOTES.columns, "select", "order", "limit", "offset", "columns", "on_conflict", "or", "and",
     "not.or", "not.and"]
)  # fmt: skip
texts = anything | soup


def encodable(error: DataError) -> None:
    """A refusal is the caller's fault, and its text can be sent."""
    assert 400 <= error.status < 500
    f"{error.message}{error.details}{error.hint}".encode()


@given(st.lists(st.tuples(keys | texts, texts), max_size=8))
def test_parse_raises_nothing_but_its_own_error(parameters: list[tuple[str, str]]) -> None:
    try:
        parse(NOTES, parameters)
    except DataError as error:
        encodable(error)


@given(st.text(st.characters(codec="ascii")))
def test_a_raw_query_string_raises_nothing_but_its_own_error(raw: str) -> None:
    try:
        parse(NOTES, pairs(raw))
    except DataError as error:
        encodable(error)


@given(texts)
def test_headers_raise_nothing_but_their_own_error(header: str) -> None:
    for read in (preferences, accepted, schema, lambda text: ranged(text, parse(NOTES, []).window)):
        try:
            read(header)
        except DataError as error:
            encodable(error)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(list(NOTES.columns.values())), json_values)
def test_a_body_value_is_taken_or_refused_with_the_one_error(column: Column, value: object) -> None:
    try:
        taken = from_json(column, value)
    except DataError as error:
        encodable(error)
    else:
        assert taken is not None or column.nullable


def test_a_number_of_thousands_of_digits_in_a_body_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        from_json(NOTES.columns["id"], 10**5000)
    assert caught.value.code == "22003"


storable = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200)


@given(storable)
def test_any_text_makes_the_round_trip_through_a_filter(text: str) -> None:
    (found,) = parse(NOTES, pairs(urlencode([("title", f"eq.{text}")]))).where.members
    assert found == Condition("title", Op.EQ, text)


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.lists(storable, min_size=1, max_size=20))
def test_any_texts_make_the_round_trip_through_a_list_and_a_tree(texts: list[str]) -> None:
    listed = ",".join(map(quote, texts))
    (found,) = parse(NOTES, [("title", f"in.({listed})")]).where.members
    assert found == Condition("title", Op.IN, tuple(texts))
    tree = ",".join(f"title.eq.{quote(text)}" for text in texts)
    (group,) = parse(NOTES, [("or", f"({tree})")]).where.members
    assert not isinstance(group, Condition)
    assert group.members == tuple(Condition("title", Op.EQ, text) for text in texts)


@given(st.lists(st.builds(Ordered, st.sampled_from(list(NOTES.columns)), st.booleans(),
                          st.none() | st.booleans()), min_size=1, max_size=10))  # fmt: skip
def test_any_order_makes_the_round_trip(terms: list[Ordered]) -> None:
    nulls = {None: "", True: ".nullsfirst", False: ".nullslast"}
    text = ",".join(
        f"{t.column}.{'desc' if t.descending else 'asc'}{nulls[t.nulls_first]}" for t in terms
    )
    assert parse(NOTES, [("order", text)]).order == tuple(terms)


@pytest.mark.parametrize(
    "value",
    ["in.(" + '"a,' * 400, 'in.("' + "\\" * 15_000, "in.(" + "(" * 15_000, "like." + "%_" * 7_000,
     "eq." + "a" * 15_000, "in.(" + '"' * 15_000],
)  # fmt: skip
def test_the_worst_text_of_full_length_is_read_within_50_ms(value: str) -> None:
    began = time.process_time()
    with pytest.raises(DataError):
        parse(NOTES, [("title", value), ("or", value), ("select", value), ("order", value)])
    assert time.process_time() - began < 0.05


def test_the_kinds_of_the_test_table_are_all_there_are() -> None:
    assert {column.kind for column in NOTES.columns.values()} == set(Kind)
