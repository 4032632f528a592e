"""Access tokens that nobody should accept, made with everything an attacker could have, and more:
most are signed with the backend's own key, so that only the check in question can refuse them."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lingauth import keyring
from lingauth.core import clock
from lingauth.models import Backend

Claims = dict[str, Any]


def ring_key(ref: str) -> keyring.Key:
    """The key that a backend signs with."""
    return keyring.ring_of(Backend.objects.get(ref=ref)).signing_key(clock.now())


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts(token: str) -> tuple[Claims, Claims]:
    """The header and the claims in a token."""
    header, payload, _ = token.split(".")
    decoded = [json.loads(urlsafe_b64decode(part + "==")) for part in (header, payload)]
    return decoded[0], decoded[1]


def raw(header: Any, payload: Any, private: ec.EllipticCurvePrivateKey) -> str:
    """A token of these bytes or objects under a genuine ES256 signature."""
    halves = [h if isinstance(h, bytes) else json.dumps(h).encode() for h in (header, payload)]
    text = ".".join(map(b64, halves))
    r, s = utils.decode_dss_signature(private.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def hs256(header: Claims, payload: Claims, secret: bytes) -> str:
    text = ".".join(b64(json.dumps(half).encode()) for half in (header, payload))
    return f"{text}.{b64(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def pem(key: keyring.Key) -> bytes:
    return key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


Forge = Callable[[str], str]


def claim(name: str, value: Any) -> Forge:
    """The genuine token with one claim replaced, signed again."""

    def make(token: str) -> str:
        header, payload = parts(token)
        return raw(header, payload | {name: value}, ring_key("acme").private)

    return make


def without(name: str) -> Forge:
    def make(token: str) -> str:
        header, payload = parts(token)
        del payload[name]
        return raw(header, payload, ring_key("acme").private)

    return make


def header(**members: Any) -> Forge:
    """The genuine token with another header, signed again. ``...`` takes a member out."""

    def make(token: str) -> str:
        old, payload = parts(token)
        new = {k: v for k, v in (old | members).items() if v is not ...}
        return raw(new, payload, ring_key("acme").private)

    return make


def spelt(change: Callable[[str], str]) -> Forge:
    """The genuine token, written otherwise."""
    return change


def document(payload: bytes) -> Forge:
    """These bytes for claims, signed."""

    def make(token: str) -> str:
        return raw(parts(token)[0], payload, ring_key("acme").private)

    return make


def duplicated(name: str, first: Any) -> Forge:
    """The genuine token with a claim named twice: parsers that keep the last one see no fault."""

    def make(token: str) -> str:
        header, payload = parts(token)
        text = json.dumps({name: first})[:-1] + ", " + json.dumps(payload)[1:]
        return raw(header, text.encode(), ring_key("acme").private)

    return make


def by_another_key(kid: str, iss: str) -> Forge:
    """Signed by backend bravo; ``kid`` and ``iss`` say whose names it uses."""

    def make(token: str) -> str:
        old, payload = parts(token)
        theirs = ring_key("bravo")
        issuer = payload["iss"].replace("acme", iss)
        return raw(
            old | {"kid": theirs.kid if kid == "bravo" else old["kid"]},
            payload | {"iss": issuer},
            theirs.private,
        )

    return make


def by_own_key(token: str) -> str:
    """Signed by a key that the header brings along."""
    old, payload = parts(token)
    own = ec.generate_private_key(ec.SECP256R1())
    numbers = own.public_key().public_numbers()
    jwk = {
        "kty": "EC", "crv": "P-256", "kid": "own",
        "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big")),
    }  # fmt: skip
    return raw(old | {"jwk": jwk, "kid": "own"}, payload, own)


def with_public_key_as_secret(token: str) -> str:
    old, payload = parts(token)
    return hs256(old | {"alg": "HS256"}, payload, pem(ring_key("acme")))


def unsigned(alg: str, signature: str = "") -> Forge:
    def make(token: str) -> str:
        old, payload = parts(token)
        halves = (old | {"alg": alg}, payload)
        return ".".join([*(b64(json.dumps(half).encode()) for half in halves), signature])

    return make


def der_signature(token: str) -> str:
    """The same signature in the other encoding."""
    text, _, signature = token.rpartition(".")
    both = urlsafe_b64decode(signature + "==")
    r, s = (int.from_bytes(half, "big") for half in (both[:32], both[32:]))
    return f"{text}.{b64(utils.encode_dss_signature(r, s))}"


def other_spelling(token: str) -> str:
    """The same bytes by another last letter: 64 bytes leave four bits of it unused."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) | 1]
