"""ES256 with one prepared key, and nothing of a JWT library around it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.limit.statements import Row
from lingauth import keyring, tokens
from lingauth.models import Backend

_ALGORITHM = ec.ECDSA(SHA256())
_key = keyring.ring_of(Backend.objects.get(ref="bench")).keys[0]
_issuer = tokens.issuer_of("bench")


def _encode(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


_HEAD = _encode(
    json.dumps(
        {"alg": "ES256", "kid": _key.kid, "typ": tokens.TYPE}, separators=(",", ":")
    ).encode()
)


def read(token: str, now: float) -> dict[str, Any] | None:
    """The claims of a genuine token that has not expired."""
    signed, _, signature = token.encode().rpartition(b".")
    try:
        raw = urlsafe_b64decode(signature + b"==")
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        _key.public.verify(der, signed, _ALGORITHM)
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(signed.partition(b".")[2] + b"=="))
    except (InvalidSignature, ValueError):
        return None
    good = claims["exp"] > now and claims["iss"] == _issuer and claims["aud"] == tokens.AUDIENCE
    return claims if good else None


def mint(found: Row, aal: str, methods: list[Any], now: datetime) -> tuple[str, int]:
    """A token and its ``exp``. It outlives neither the session nor its level."""
    expires = min(now + timedelta(seconds=found["access_token_ttl"]), found["expires_at"])
    if aal == "aal2":
        expires = min(expires, now + timedelta(seconds=found["aal2_max_idle"]))
    ends = int(expires.timestamp())
    payload = {
        "iss": _issuer,
        "aud": tokens.AUDIENCE,
        "sub": str(found["uuid"]),
        "exp": ends,
        "iat": int(now.timestamp()),
        "session_id": str(found["session_id"]),
        "role": "authenticated",
        "aal": aal,
        "amr": methods,
        "is_anonymous": found["is_anonymous"],
    }
    signed = _HEAD + b"." + _encode(json.dumps(payload, separators=(",", ":")).encode())
    r, s = decode_dss_signature(_key.private.sign(signed, _ALGORITHM))
    signature = _encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return (signed + b"." + signature).decode(), ends
