"""Recovery codes: what one looks like, and what people may type for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import recovery

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CODES = st.text(ALPHABET, min_size=16, max_size=16)
GAPS = st.lists(st.sampled_from(["", " ", "-", " - ", "\u00a0", "\t"]), min_size=17, max_size=17)
LOOKALIKES = {"0": "0oO", "1": "1iIlL"}


def test_a_set_is_ten_distinct_codes_of_eighty_bits() -> None:
    seen: set[str] = set()
    for _ in range(200):
        codes = recovery.new_codes()
        assert len(set(codes)) == 10
        assert all(re.fullmatch(f"[{ALPHABET}]{{16}}", code) for code in codes)
        seen.update(codes)
    assert len(seen) == 2000
    assert set("".join(seen)) == set(ALPHABET)


@given(code=CODES)
def test_a_code_is_itself_and_so_is_its_grouped_form(code: str) -> None:
    assert recovery.parse_code(code) == code
    grouped = recovery.grouped(code)
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", grouped)
    assert recovery.parse_code(grouped) == code


@given(code=CODES, gaps=GAPS, data=st.data())
def test_case_gaps_and_lookalikes_make_no_difference(
    code: str, gaps: list[str], data: st.DataObject
) -> None:
    typed = []
    for char in code:
        choices = LOOKALIKES.get(char, char + char.upper())
        typed.append(data.draw(st.sampled_from(choices)))
    text = "".join(gap + char for gap, char in zip(gaps, [*typed, ""], strict=True))
    if len(text) <= 64:
        assert recovery.parse_code(text) == code


@pytest.mark.parametrize(("length", "is_read"), [(64, True), (65, False)])
def test_64_characters_are_read_and_no_more(length: int, is_read: bool) -> None:
    assert (recovery.parse_code(("0" * 16).rjust(length)) == "0" * 16) is is_read


@given(text=st.text(max_size=70))
def test_whatever_is_accepted_is_of_the_alphabet(text: str) -> None:
    code = recovery.parse_code(text)
    assert code is None or re.fullmatch(f"[{ALPHABET}]{{16}}", code)


def test_full_width_letters_are_read_as_people_mean_them() -> None:
    assert recovery.parse_code("\uff41\uff22" * 8) == "ab" * 8


@pytest.mark.parametrize(
    "text",
    [
        None, 5, True, b"0" * 16, ["0" * 16], {}, "", " ", "0" * 15, "0" * 17, "u" * 16, "U" * 16,
        "!" * 16, "\x00" * 16, "0" * 15 + "\u00e9", "0" * 15 + "\ud800", " " * 49 + "0" * 16,
        "\u00bd" * 8,
    ],
)  # fmt: skip
def test_what_is_no_code(text: object) -> None:
    assert recovery.parse_code(text) is None
