"""The codec of refresh tokens."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import refresh
from lingauth.core.refresh import Kind

KINDS = st.sampled_from(Kind)
COUNTERS = st.integers(0, 2**64 - 1)
SECRETS = st.binary(min_size=32, max_size=32)

SESSION = UUID("01234567-89ab-4def-8123-456789abcdef")
SECRET, KEY = b"s" * 32, b"k" * 32


@given(kind=KINDS, session=st.uuids(), counter=COUNTERS, secret=SECRETS, key=SECRETS)
def test_what_was_put_in_comes_out(
    kind: Kind, session: UUID, counter: int, secret: bytes, key: bytes
) -> None:
    token = refresh.encode(kind, session, counter, secret, key)
    assert len(token) == 76
    assert token == refresh.encode(kind, session, counter, secret, key)
    claim = refresh.decode(token)
    assert claim is not None
    assert (claim.session_id, claim.counter) == (session, counter)
    assert claim.is_authentic(kind, secret, [key])


@given(place=st.integers(0, 56), change=st.integers(1, 255))
def test_any_other_byte_makes_it_another_token(place: int, change: int) -> None:
    raw = bytearray(urlsafe_b64decode(refresh.encode(Kind.REFRESH, SESSION, 7, SECRET, KEY)))
    raw[place] ^= change
    claim = refresh.decode(urlsafe_b64encode(raw).decode())
    assert claim is None or not claim.is_authentic(Kind.REFRESH, SECRET, [KEY])


MADE_OF = st.tuples(KINDS, SECRETS, SECRETS)


@given(made=MADE_OF, asked=MADE_OF)
def test_it_needs_its_kind_its_session_secret_and_its_server_key(
    made: tuple[Kind, bytes, bytes], asked: tuple[Kind, bytes, bytes]
) -> None:
    claim = refresh.decode(refresh.encode(made[0], SESSION, 1, made[1], made[2]))
    assert claim is not None
    others = (asked, (asked[0], *made[1:]), (made[0], asked[1], made[2]), (*made[:2], asked[2]))
    for kind, secret, key in others:
        same = (kind, secret, key) == made
        assert claim.is_authentic(kind, secret, [key]) is same


def test_one_fitting_server_key_of_several_is_enough() -> None:
    claim = refresh.decode(refresh.encode(Kind.REFRESH, SESSION, 1, SECRET, KEY))
    assert claim is not None
    assert claim.is_authentic(Kind.REFRESH, SECRET, [b"new" * 12, KEY, b"x" * 32])
    assert not claim.is_authentic(Kind.REFRESH, SECRET, [b"new" * 12])
    assert not claim.is_authentic(Kind.REFRESH, SECRET, [])


@given(text=st.text(max_size=80) | st.text("ABCxyz019-_=", min_size=70, max_size=80))
def test_whatever_is_decoded_has_one_spelling(text: str) -> None:
    claim = refresh.decode(text)
    if claim is not None:
        assert urlsafe_b64encode(claim.head + claim.mac).decode() == text


@pytest.mark.parametrize(
    "token",
    [
        None,
        5,
        b"x" * 76,
        ["x"],
        "",
        "A" * 75,
        "A" * 77,
        "=" * 76,
        "A" * 73,
        "\u00e9" * 76,
        "+" * 76,
    ],
)
def test_what_is_no_token(token: object) -> None:
    assert refresh.decode(token) is None


@pytest.mark.parametrize("cut", [1, 2, 3, 30, 32, 33, 57])
def test_a_token_without_its_end_has_not_the_shape_of_one(cut: int) -> None:
    raw = urlsafe_b64decode(refresh.encode(Kind.REFRESH, SESSION, 7, SECRET, KEY))
    assert refresh.decode(urlsafe_b64encode(raw[:-cut]).decode()) is None
    assert refresh.decode(urlsafe_b64encode(raw + b"x" * cut).decode()) is None


def test_it_is_made_of_version_session_counter_and_mac() -> None:
    """For as long as sessions live: a release that made other tokens would sign everybody out."""
    head = b"\x01" + SESSION.bytes + (7).to_bytes(8, "big")
    key = hmac.new(KEY, SECRET, "sha256").digest()
    for kind, name in ((Kind.REFRESH, b"refresh"), (Kind.COOKIE, b"cookie")):
        mac = hmac.new(key, name + b"\0" + head, "sha256").digest()
        token = urlsafe_b64encode(head + mac).decode()
        assert refresh.encode(kind, SESSION, 7, SECRET, KEY) == token


@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_version_is_no_token_of_this_one(version: int) -> None:
    raw = bytearray(urlsafe_b64decode(refresh.encode(Kind.REFRESH, SESSION, 7, SECRET, KEY)))
    raw[0] = version
    assert refresh.decode(urlsafe_b64encode(raw).decode()) is None
