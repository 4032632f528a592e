"""E-mail addresses: the one form to look up by."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import email
from lingauth.core.errors import ValidationFailed

LONGEST = "a" * 62 + "@" + ("b" * 62 + ".") * 3 + "ex"


def key_of(address: object) -> str | None:
    """The key of an address, or None where it is refused."""
    try:
        return email.normalise(address)
    except ValidationFailed:
        return None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("ann@example.com", "ann@example.com"),
        ("Ann.B+c@EXAMPLE.com", "ann.b+c@example.com"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann@B\u00dcCHER.example", "ann@xn--bcher-kva.example"),
        ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("\uff41nn@example.com", "ann@example.com"),
        ("an\u212a@example.com", "ank@example.com"),
        ("ann@localhost", "ann@localhost"),
        # Not only the last @ may be one, and not only the last dot
        ('"Ann@.home"@Example.com', '"ann@.home"@example.com'),
        # 254 characters, given or grown to
        (LONGEST, LONGEST),
        ("\ufb03" * 80 + "yy@example.com", "ffi" * 80 + "yy@example.com"),
    ],
)
def test_known_forms(address: str, key: str) -> None:
    assert key_of(address) == key


@pytest.mark.parametrize(
    "address",
    [
        None, 5, True, ["ann@example.com"], {"email": "x"}, b"ann@example.com", "", "a", "ann",
        "ann@",
        "@example.com", "ann@@example.com", "ann@example..com", "ann@.example.com", "ann@-a.com",
        "ann@example.com ", " ann@example.com", "ann@exa mple.com", "an n@example.com",
        "ann@example",
        "ann@example.com,bob@example.com", "ann@example.com;bob@example.com", "<ann@example.com>",
        "Ann <ann@example.com>", "ann@example.com\nBcc: b@example.com", "ann\r@example.com",
        "ann\x00@example.com", "ann@example.com\x00", "ann\uff20example.com",
        "ann@example\uff0ecom",
        "ann@example\u2024com", "a\u2100@example.com", "\ud800@example.com", "ann@\ud800.com",
        "ann@" + "a" * 64 + ".com", "a" * 65 + "@" + "b" * 190 + ".com",
        "a" * 250 + "@example.com", f"a{LONGEST}", "\ufb03" * 81 + "@example.com",
        "ann@" + "\u00fc" * 60 + ".example", "mailto:ann@example.com", "ann%40example.com",
    ],
)  # fmt: skip
def test_what_is_no_address(address: object) -> None:
    with pytest.raises(ValidationFailed, match="Unable to validate email address: invalid format"):
        email.normalise(address)


LOCAL = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,20}[A-Za-z0-9]", fullmatch=True)
DOMAIN = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,8}[A-Za-z0-9])?\.[a-zA-Z]{2,6}", fullmatch=True)
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain}", LOCAL, DOMAIN)


@given(address=ADDRESSES | st.text(max_size=40) | st.emails())
def test_the_form_of_the_form_is_itself(address: str) -> None:
    key = key_of(address)
    if key is not None:
        assert email.normalise(key) == key
        assert key.isascii()
        assert len(key) <= 254
        assert key == key.lower()
        assert key.count("@") >= 1


@given(address=ADDRESSES)
def test_case_makes_no_difference(address: str) -> None:
    assert key_of(address) == key_of(address.upper()) == key_of(address.lower())


LETTERS = st.characters(categories=["Ll"], min_codepoint=0xDF, max_codepoint=0x24F)
FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
LABELS = st.text(LETTERS | st.sampled_from("abcxyz"), min_size=1, max_size=8)


@given(local=LOCAL, label=LABELS)
def test_one_domain_has_one_key_however_it_is_written(local: str, label: str) -> None:
    """In its own script or in IDNA's, composed or not, in whatever case a mailbox is the same."""
    key = key_of(f"{local}@{label}.example")
    if key is None:  # no label that IDNA knows
        return
    written = [unicodedata.normalize(form, label) for form in FORMS]
    for spelling in (*written, key.rpartition("@")[2].removesuffix(".example")):
        assert key_of(f"{local}@{spelling}.example") == key
        assert key_of(f"{local.upper()}@{spelling}.EXAMPLE") == key


@given(text=st.text(st.characters(min_codepoint=33), max_size=20), place=st.integers(0, 20))
def test_no_look_alike_takes_part_in_the_structure(text: str, place: int) -> None:
    """Whatever compatibility would turn into an @, a dot or another mark is refused, not turned."""
    address = f"{text[:place]}@{text[place:]}.example"
    key = key_of(address)
    if key is not None:
        local, _, domain = address.rpartition("@")
        marks = "".join(c for c in local if c.isascii() and not c.isalnum())
        kept = key.rpartition("@")
        assert "".join(c for c in kept[0] if not c.isalnum()) == marks
        assert kept[2].count(".") == domain.count(".")


@given(
    local=LOCAL,
    mark=st.sampled_from("\uff20\ufe6b\uff0e\u2024\ufe52\uff0c\ufe50\uff1c\u2100\u2026"),
    place=st.integers(0, 20),
)
def test_a_look_alike_of_a_mark_is_refused(local: str, mark: str, place: int) -> None:
    assert key_of(f"{local[:place]}{mark}{local[place:]}@example.com") is None
    assert key_of(f"{local}@exam{mark}ple.com") is None


@given(text=st.text(min_size=200, max_size=260) | st.just("\ufdfa" * 230))
def test_a_key_is_bounded_though_a_letter_may_grow_to_eighteen(text: str) -> None:
    key = key_of(f"{text}@example.com")
    assert key is None or len(key) <= 254


@given(text=st.text(max_size=60), place=st.integers(0, 60))
def test_nothing_but_a_refusal_comes_of_any_text(text: str, place: int) -> None:
    key_of(text[:place] + "@" + text[place:])


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ann@example.com", "a•••@example.com"),
        ("a@b.org", "a•••@b.org"),
        ("", "•••@"),
        ('"ann@home"@example.com', '"•••@example.com'),
    ],
)
def test_masked(address: str, shown: str) -> None:
    assert email.mask(address) == shown
