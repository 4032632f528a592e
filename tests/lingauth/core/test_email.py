"""E-mail addresses: the one form to look up by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import email
from lingauth.core.errors import ValidationFailed


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
        "a" * 250 + "@example.com",
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


@given(text=st.text(max_size=60), place=st.integers(0, 60))
def test_nothing_but_a_refusal_comes_of_any_text(text: str, place: int) -> None:
    key_of(text[:place] + "@" + text[place:])


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ann@example.com", "a•••@example.com"), ("a@b.org", "a•••@b.org"), ("", "•••@")],
)
def test_masked(address: str, shown: str) -> None:
    assert email.mask(address) == shown
