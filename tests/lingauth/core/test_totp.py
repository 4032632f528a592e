"""Secrets, codes as people type them, and the step they belong to."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lingauth.core import totp
from tests.support.totp import code_for

RFC = b"12345678901234567890"
"""The secret of RFC 6238's test vectors."""
CODES = st.from_regex(r"[0-9]{6}", fullmatch=True)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
SECRETS = st.binary(min_size=20, max_size=20)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp.matching_step(RFC, code, at(seconds)) == seconds // 30


def test_the_vectors_of_rfc_4226() -> None:
    """Appendix D: the codes of the first ten steps."""
    assert [totp.code_of(RFC, step) for step in range(10)] == (
        "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split()
    )


@given(secret=SECRETS, now=MOMENTS, away=st.integers(-5, 5))
def test_one_step_on_either_side_is_accepted(secret: bytes, now: datetime, away: int) -> None:
    step = totp.step_at(now) + away
    code = code_for(secret, step * 30)
    near = {code_for(secret, (totp.step_at(now) + d) * 30) for d in (-1, 0, 1)}
    if abs(away) <= 1:
        found = totp.matching_step(secret, code, now)
        assert found is not None
        assert found >= step
        assert abs(found - totp.step_at(now)) <= 1
    else:
        assume(code not in near)
        assert totp.matching_step(secret, code, now) is None


@given(secret=SECRETS, now=MOMENTS, back=st.integers(0, 12))
def test_only_what_is_past_for_good_is_out_of_date(secret: bytes, now: datetime, back: int) -> None:
    code = code_for(secret, (totp.step_at(now) - back) * 30)
    if 2 <= back <= 10:
        assert totp.is_out_of_date(secret, code, now)
    else:
        assume(
            not any(code_for(secret, (totp.step_at(now) - b) * 30) == code for b in range(2, 11))
        )
        assert not totp.is_out_of_date(secret, code, now)


@pytest.mark.parametrize(("inside", "step"), [(0, 0), (29.999, 0), (30, 1), (59.999, 1), (60, 2)])
def test_where_a_step_begins(inside: float, step: int) -> None:
    assert totp.step_at(at(1_800_000_000 + inside)) == 60_000_000 + step


@given(code=CODES)
def test_a_code_is_itself(code: str) -> None:
    assert totp.parse_code(code) == code


@given(
    code=CODES,
    gaps=st.lists(st.sampled_from(["", " ", "\u00a0", "-", "  "]), min_size=7, max_size=7),
)
def test_spaces_and_dashes_make_no_difference(code: str, gaps: list[str]) -> None:
    typed = "".join(gap + char for gap, char in zip(gaps, code + " ", strict=True)).rstrip(" ")
    assert totp.parse_code(typed) == code


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\uff10", "\U0001d7ce"])
def test_digits_of_other_scripts_are_read_as_people_mean_them(zero: str) -> None:
    assert totp.parse_code("".join(chr(ord(zero) + int(c)) for c in "123456")) == "123456"


@pytest.mark.parametrize(("length", "is_read"), [(32, True), (33, False)])
def test_32_characters_are_read_and_no_more(length: int, is_read: bool) -> None:
    assert (totp.parse_code("123456".ljust(length)) == "123456") is is_read


@given(text=st.text(max_size=40))
def test_whatever_is_accepted_is_six_ascii_digits(text: str) -> None:
    code = totp.parse_code(text)
    assert code is None or re.fullmatch(r"[0-9]{6}", code)


@pytest.mark.parametrize(
    "text",
    [
        None, 123456, 123456.0, b"123456", ["123456"], True, "", " ", "12345", "1234567", "12345a",
        "+12345", "12_345", "1e5678", "0x1234", "123456\n", "\t123456", "1.2345", "123 456 7",
        "\u00b9\u00b2\u00b3\u2074\u2075", "\u2460" * 7, "1" * 33, "123456" + " " * 30, "\x00123456",
    ],
)  # fmt: skip
def test_what_is_no_code(text: object) -> None:
    assert totp.parse_code(text) is None


def test_secrets_are_160_bits_and_never_twice() -> None:
    made = {totp.new_secret() for _ in range(10_000)}
    assert len(made) == 10_000
    assert {len(secret) for secret in made} == {20}
    assert all(re.fullmatch(r"[A-Z2-7]{32}", totp.as_base32(secret)) for secret in list(made)[:50])


@given(secret=SECRETS, account=st.text(max_size=40), issuer=st.text(max_size=40))
def test_no_name_bends_the_address(secret: bytes, account: str, issuer: str) -> None:
    assume(not any("\ud800" <= c <= "\udfff" for c in account + issuer))
    uri = totp.provisioning_uri(secret, account=account, issuer=issuer)
    parts = urlsplit(uri)
    query = parse_qs(parts.query, strict_parsing=True)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    assert query["secret"] == [totp.as_base32(secret)]
    assert query["issuer"] == [issuer.replace(":", " ").strip() or "LingAuth"]
    assert unquote(parts.path).count(":") == 1


def test_the_address_of_a_name_with_a_colon() -> None:
    uri = totp.provisioning_uri(RFC, account="ann:home@example.com", issuer=" Acme: Inc")
    assert uri == (
        "otpauth://totp/Acme%20%20Inc:ann%20home%40example.com"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%20Inc"
    )


@pytest.mark.parametrize("step", [-1, 0, 1, 5])
def test_every_candidate_is_compared(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """However early one fits, so that time tells nothing."""
    compared = []
    original = hmac.compare_digest

    def compare(one: str, two: str) -> bool:
        compared.append(one)
        return original(one, two)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    totp.matching_step(RFC, code_for(RFC, 1_800_000_000 + 30 * step), at(1_800_000_000))
    assert len(compared) == 3


def test_before_the_epoch_nothing_matches_twice() -> None:
    assert totp.matching_step(RFC, code_for(RFC, 0), at(0) - timedelta(seconds=1)) in (-1, 0, None)
