"""What an ID token has to be, one claim at a time (OpenID Connect Core 1.0 section 3.1.3.7)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

from lingauth.models import Provider
from lingauth.services.social import discovery, idtoken
from lingauth.services.social.calls import ProviderTrouble
from lingauth.services.social.idtoken import BadIdToken

ISSUER, CLIENT, NONCE = "https://sso.example.com", "client-1", "n-1"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
AT = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": CLIENT, "sub": "s-1", "iat": AT, "exp": AT + 300, "nonce": NONCE,
}  # fmt: skip


@cache
def made(kind: str) -> Key:
    """A key of that kind, or on that curve."""
    if kind == "RSA":
        return RSAKey.generate_key(2048, {"kid": "k1"})
    family = OKPKey if kind == "Ed25519" else ECKey
    return family.generate_key(kind, {"kid": "k1"})  # type: ignore[arg-type]  # its own curves


class Judge:
    """A provider with one key; ``asked`` is what its keys were asked for by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.key = made("P-256")
        self.asked: list[object] = []
        config = discovery.Configuration(ISSUER, "", "", f"{ISSUER}/jwks", "", False)
        monkeypatch.setattr(discovery, "configuration", lambda p: config if p.issuer else None)
        monkeypatch.setattr(discovery, "keys", self.keys)

    def keys(self, provider: Provider, jwks_uri: str, kid: str | None) -> KeySet:
        assert (provider.issuer, jwks_uri) == (ISSUER, f"{ISSUER}/jwks")
        self.asked.append(kid)
        return KeySet([self.key])

    def sign(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
        head = {"alg": "ES256", "kid": "k1", **(header or {})}
        return jws.serialize_compact(head, json.dumps(said), self.key, [head["alg"]])

    def judge(self, token: object, **changes: Any) -> dict[str, Any]:
        asked = {"clients": (CLIENT,), "nonce": NONCE, "now": NOW, **changes}
        return idtoken.verify(token, provider=Provider(issuer=ISSUER), **asked)

    def refuses(self, reason: str, token: object, **changes: Any) -> None:
        with pytest.raises(BadIdToken) as refused:
            self.judge(token, **changes)
        assert str(refused.value) == reason


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    return Judge(monkeypatch)


def test_its_claims_are_told(judge: Judge) -> None:
    assert judge.judge(judge.sign(email="ada@example.com")) == CLAIMS | {"email": "ada@example.com"}
    assert judge.asked == ["k1"]


@pytest.mark.parametrize("token", [None, 5, b"a.b.c"])
def test_a_token_is_a_text(judge: Judge, token: object) -> None:
    judge.refuses("no token", token)


def test_a_token_has_at_most_16_kib(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    assert idtoken.MAX_LENGTH == 16_384
    token = judge.sign()
    monkeypatch.setattr(idtoken, "MAX_LENGTH", len(token))
    assert judge.judge(token) == CLAIMS
    monkeypatch.setattr(idtoken, "MAX_LENGTH", len(token) - 1)
    judge.refuses("no token", token)


@pytest.mark.parametrize(
    "payload",
    ["[]", "5", "{", "[" * 8000, '{"a":' * 2000, '"\\ud800"'],
    ids=["list", "number", "half", "deep", "deep objects", "text"],
)
def test_what_is_signed_and_no_claims_is_refused(judge: Judge, payload: str) -> None:
    head = {"alg": "ES256", "kid": "k1"}
    with pytest.raises(BadIdToken):
        judge.judge(jws.serialize_compact(head, payload, judge.key, ["ES256"]))


@pytest.mark.parametrize("value", [[5], {"x": 1}, True, "\ud800"], ids=ascii)
@pytest.mark.parametrize("name", ["at_hash", "iss", "aud", "sub", "exp", "iat", "nbf", "azp"])
def test_a_claim_of_another_type_is_refused(judge: Judge, name: str, value: object) -> None:
    claims: dict[str, Any] = {name: value}
    with pytest.raises(BadIdToken):
        judge.judge(judge.sign(**claims), access_token="at-1")


@pytest.mark.parametrize("token", ["", "a.b.c", "a.b", "é.b.c", "e30.e30."])
def test_what_is_no_token_is_refused(judge: Judge, token: str) -> None:
    with pytest.raises(BadIdToken):
        judge.judge(token)


@pytest.mark.parametrize(
    ("alg", "kind"),
    [
        *((alg, "RSA") for alg in ("RS256", "RS384", "RS512", "PS256")),
        *(("ES256", "P-256"), ("ES384", "P-384"), ("ES512", "P-521")),
        *(("EdDSA", "Ed25519"), ("Ed25519", "Ed25519")),
    ],
)
def test_the_signatures_that_are_accepted(judge: Judge, alg: str, kind: str) -> None:
    judge.key = made(kind)
    assert judge.judge(judge.sign({"alg": alg})) == CLAIMS


def test_a_signature_that_is_not_accepted(judge: Judge) -> None:
    judge.key = OctKey.import_key("x" * 64, {"kid": "k1"})
    judge.refuses("its algorithm is not accepted", judge.sign({"alg": "HS256"}))
    judge.key = made("RSA")
    judge.refuses("its algorithm is not accepted", judge.sign({"alg": "PS384"}))
    body = urlsafe_b64encode(json.dumps(CLAIMS).encode()).rstrip(b"=").decode()
    judge.refuses("its algorithm is not accepted", f"eyJhbGciOiJub25lIn0.{body}.")
    assert judge.asked == []


def test_another_key_of_that_name(judge: Judge) -> None:
    token = judge.sign()
    judge.key = ECKey.generate_key("P-256", {"kid": "k1"})
    judge.refuses("BadSignatureError", token)


@pytest.mark.parametrize(("bits", "good"), [(2047, False), (2048, True)])
def test_an_rsa_key_has_2048_bits(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, bits: int, good: bool
) -> None:
    judge.key = made("RSA")
    token = judge.sign({"alg": "RS256"})
    monkeypatch.setattr(idtoken, "_bits", lambda key: bits)
    if good:
        assert judge.judge(token) == CLAIMS
        return
    with pytest.raises(ProviderTrouble, match=r"^it signs with a short key$"):
        judge.judge(token)


def test_a_short_rsa_key_among_them_is_trouble(judge: Judge) -> None:
    judge.key = RSAKey.generate_key(1024, {"kid": "k1"})
    token = ".".join(["eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0", "e30", "AAAA"])
    with pytest.raises(ProviderTrouble, match="short key"):
        judge.judge(token)


@pytest.mark.parametrize("typ", ["JWT", "jwt"])
def test_its_type_may_be_said(judge: Judge, typ: str) -> None:
    assert judge.judge(judge.sign({"typ": typ})) == CLAIMS


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "", "JWTX"])
def test_another_kind_of_token_is_refused(judge: Judge, typ: str) -> None:
    judge.refuses("it is another kind of token", judge.sign({"typ": typ}))


def test_a_key_without_a_name_is_found(judge: Judge) -> None:
    token = jwt.encode({"alg": "ES256"}, CLAIMS, made("P-256"))
    assert judge.judge(token) == CLAIMS
    assert judge.asked == [None]


def test_a_key_is_named_by_a_text(judge: Judge) -> None:
    with pytest.raises(BadIdToken):
        judge.judge(forged({"alg": "ES256", "kid": 5}))
    assert judge.asked == [None]


def forged(header: dict[str, Any]) -> str:
    """With a header that no library would write."""
    parts = [json.dumps(part).encode() for part in (header, CLAIMS)] + [b"x" * 64]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"exp": AT - 29}, True),
        ({"exp": AT - 30}, False),
        ({"iat": AT + 30}, True),
        ({"iat": AT + 31}, False),
        ({"nbf": AT + 30}, True),
        ({"nbf": AT + 31}, False),
        ({"exp": AT + 0.5, "iat": AT - 0.5}, True),
    ],
)
def test_the_providers_clock_may_differ_by_half_a_minute(
    judge: Judge, changes: dict[str, Any], good: bool
) -> None:
    token = judge.sign(**changes)
    if good:
        assert judge.judge(token) == CLAIMS | changes
    else:
        with pytest.raises(BadIdToken):
            judge.judge(token)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "iat", "exp", "nonce"])
def test_what_it_has_to_say(judge: Judge, name: str) -> None:
    with pytest.raises(BadIdToken):
        judge.judge(judge.sign(**{name: None}))


def test_what_the_library_takes_more_lightly(judge: Judge) -> None:
    judge.refuses("it has another nonce", judge.sign(nonce="n-2"))
    judge.refuses("UnicodeEncodeError", judge.sign(nonce="\ud800"))


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", "https://evil.example"])
def test_another_issuer(judge: Judge, issuer: str) -> None:
    judge.refuses("it is of another issuer", judge.sign(iss=issuer))


def test_the_access_token_beside_it_is_the_one_it_was_made_with(judge: Judge) -> None:
    """Section 3.1.3.6: the left half of its SHA-256."""
    half = urlsafe_b64encode(sha256(b"at-1").digest()[:16]).rstrip(b"=").decode()
    token = judge.sign(at_hash=half)
    assert judge.judge(token, access_token="at-1")["at_hash"] == half
    assert judge.judge(token)["at_hash"] == half
    judge.refuses("InvalidClaimError", token, access_token="at-2")
