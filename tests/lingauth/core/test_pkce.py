"""PKCE: RFC 7636's own example, the shapes, and what does not match."""

from __future__ import annotations

import pytest

from lingauth.core.errors import ValidationFailed
from lingauth.core.pkce import Pkce, new_verifier, s256

pytestmark = pytest.mark.once

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

BOTH = "PKCE flow requires code_challenge_method and code_challenge to both be given."
SHAPE = "code_challenge has to be 43 to 128 letters, digits, '-', '.', '_' and '~'."
METHOD = "code_challenge_method is s256 or plain."


@pytest.mark.parametrize("method", ["S256", "s256"])
def test_the_example_of_the_standard(method: str) -> None:
    pkce = Pkce.parse(CHALLENGE, method)
    assert pkce is not None
    assert pkce.matches(VERIFIER)


@pytest.mark.parametrize("method", ["plain", "PLAIN"])
def test_plain_compares_the_verifier_itself(method: str) -> None:
    pkce = Pkce.parse(VERIFIER, method)
    assert pkce is not None
    assert pkce.matches(VERIFIER)
    assert not pkce.matches(CHALLENGE)


@pytest.mark.parametrize(
    "verifier", [None, "", 5, CHALLENGE, VERIFIER[:-1], VERIFIER + "=", VERIFIER + "\n", "é" * 43]
)
def test_what_does_not_match(verifier: object) -> None:
    assert Pkce(CHALLENGE, "s256").matches(verifier) is False


@pytest.mark.parametrize("nothing", [(None, None), ("", ""), (None, ""), ("", None)])
def test_neither_is_no_pkce(nothing: tuple[object, object]) -> None:
    assert Pkce.parse(*nothing) is None


@pytest.mark.parametrize(
    ("challenge", "method", "told"),
    [
        (CHALLENGE, None, BOTH), (CHALLENGE, "", BOTH), (None, "s256", BOTH), ("", "plain", BOTH),
        ("a" * 42, "s256", SHAPE), ("a" * 129, "s256", SHAPE), ("a" * 42 + "=", "s256", SHAPE),
        ("a" * 43 + "\n", "plain", SHAPE), (5, "s256", SHAPE), (["a"], "s256", SHAPE),
        (CHALLENGE, "S512", METHOD), (CHALLENGE, 5, METHOD),
    ],
)  # fmt: skip
def test_what_is_refused(challenge: object, method: object, told: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Pkce.parse(challenge, method)
    assert refusal.value.message == told


@pytest.mark.parametrize("length", [43, 128])
def test_the_bounds_of_a_verifier_are_in(length: int) -> None:
    assert Pkce("a" * length, "plain").matches("a" * length)
    assert Pkce.parse("a" * length, "s256") == Pkce("a" * length, "s256")


def test_a_new_verifier_is_one() -> None:
    verifier = new_verifier()
    assert len(verifier) == 43
    assert Pkce(s256(verifier), "s256").matches(verifier)
    assert verifier != new_verifier()
