"""Judging an ID token (OpenID Connect Core 1.0 section 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from lingauth.models import Provider
from lingauth.services.social import discovery
from lingauth.services.social.calls import ProviderTrouble

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by a key pair. A shared secret proves nothing here, and none at all less."""

MAX_LENGTH = 16 * 1024
LEEWAY = 30
"""Seconds by which the provider's clock may differ from ours."""
_LEAST_RSA_BITS = 2048


class BadIdToken(Exception):
    """It is not to be believed. The text says why, for the log."""


def verify(
    token: object,
    *,
    provider: Provider,
    clients: Collection[str],
    nonce: str | None,
    now: datetime,
    access_token: str = "",
) -> dict[str, Any]:
    """The claims of a token that the provider's issuer made for one of ``clients``, just now.

    ``nonce`` is what it has to contain; None: it must not contain any. Raises BadIdToken, and
    ProviderTrouble if the keys could not be read.
    """
    if not isinstance(token, str) or len(token) > MAX_LENGTH:
        raise BadIdToken("no token")
    try:
        header = jws.extract_compact(token.encode()).headers()
        claims, header = _opened(token, header, provider)
        seconds = int(now.timestamp())
        judged = CodeIDToken(claims, header, params={"access_token": access_token})
        judged.validate(now=seconds, leeway=LEEWAY)
        _check(claims, provider, clients, nonce)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadIdToken(type(error).__name__) from None
    return claims


def _opened(
    token: str, header: dict[str, Any], provider: Provider
) -> tuple[dict[str, Any], dict[str, Any]]:
    if header.get("alg") not in ALGORITHMS:
        raise BadIdToken("its algorithm is not accepted")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise BadIdToken("it is another kind of token")
    kid = header.get("kid")
    config = discovery.configuration(provider)
    keys = discovery.keys(provider, config.jwks_uri, kid if isinstance(kid, str) else None)
    if any(isinstance(key, RSAKey) and _bits(key) < _LEAST_RSA_BITS for key in keys.keys):
        raise ProviderTrouble("it signs with a short key")
    opened = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    return opened.claims, opened.header


def _check(
    claims: dict[str, Any],
    provider: Provider,
    clients: Collection[str],
    nonce: str | None,
) -> None:
    """What the library leaves to its caller, or takes more lightly."""
    if claims["iss"] != provider.issuer:
        raise BadIdToken("it is of another issuer")
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not audience or not all(isinstance(name, str) for name in audience):
        raise BadIdToken("it has no audience")
    if not set(audience) & set(clients):
        raise BadIdToken("it is for another client")
    party = claims.get("azp")
    if (len(audience) > 1 and party is None) or (party is not None and party not in clients):
        raise BadIdToken("it was made for another party")
    if type(claims["exp"]) not in (int, float) or type(claims["iat"]) not in (int, float):
        raise BadIdToken("its times are no numbers")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise BadIdToken("it names nobody")
    found = claims.get("nonce")
    if nonce is None:
        if found is not None:
            raise BadIdToken("it has a nonce")
    elif not isinstance(found, str) or not hmac.compare_digest(found.encode(), nonce.encode()):
        raise BadIdToken("it has another nonce")


def _bits(key: RSAKey) -> int:
    return int(key.public_key.key_size)
