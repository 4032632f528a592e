"""What a provider publishes of itself: endpoints and keys (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lingauth.models import Provider
from lingauth.services.social.calls import ProviderTrouble, acceptable, call

LIFE = 600.0
"""Seconds that what was read is believed."""
REREAD = 30.0
"""Seconds between two looks for a key that was not there."""
PAUSE = 10.0
"""Seconds that a provider in trouble is left alone: asking takes time, and a thread each."""
_MOST = 256

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Configuration:
    """``sends_issuer``: its answers name it (RFC 9207), and one that does not is not its."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    client_auth: str
    sends_issuer: bool


_kept: OrderedDict[tuple[int, str, str], tuple[float, Any]] = OrderedDict()


def configuration(provider: Provider) -> Configuration:
    """The configuration that the issuer publishes, kept for ten minutes. Raises ProviderTrouble."""
    return _remembered(provider, "configuration", LIFE, lambda: _read_configuration(provider))


def keys(provider: Provider, jwks_uri: str, kid: str | None) -> KeySet:
    """The issuer's keys; read again if that one is not among them. Raises ProviderTrouble."""
    found = _remembered(provider, jwks_uri, LIFE, lambda: _read_keys(jwks_uri))
    if kid is None or any(key.kid == kid for key in found.keys):
        return found
    return _remembered(provider, jwks_uri, REREAD, lambda: _read_keys(jwks_uri))


def trouble_with(provider: Provider) -> str:
    """Why the provider could not be used as it is set, in a few words; nothing if it could."""
    if provider.kind != Provider.Kind.OIDC:
        return ""
    for place in [p for p in list(_kept) if p[:2] == (provider.backend_id, provider.issuer)]:
        _kept.pop(place, None)
    try:
        keys(provider, configuration(provider).jwks_uri, None)
    except ProviderTrouble as trouble:
        return str(trouble)
    return ""


def forget() -> None:
    """Read everything anew. For tests, and after an operator changed something."""
    _kept.clear()


def _remembered(provider: Provider, name: str, life: float, read: Callable[[], Found]) -> Found:
    place = (provider.backend_id, provider.issuer, name)
    at, value = _kept.get(place, (0.0, None))
    age = time.monotonic() - at
    if isinstance(value, ProviderTrouble) and age < PAUSE:
        raise ProviderTrouble(str(value))
    if value is not None and not isinstance(value, ProviderTrouble) and age < life:
        return cast(Found, value)
    try:
        found = read()
    except ProviderTrouble as trouble:
        _keep(place, trouble)
        raise
    _keep(place, found)
    return found


def _keep(place: tuple[int, str, str], value: object) -> None:
    _kept[place] = (time.monotonic(), value)
    while len(_kept) > _MOST:
        _kept.popitem(last=False)


def _read_configuration(provider: Provider) -> Configuration:
    found = call(get_well_known_url(provider.issuer, external=True)).members
    if found.get("issuer") != provider.issuer:
        raise ProviderTrouble("its configuration names another issuer")
    methods = found.get("token_endpoint_auth_methods_supported")
    by_post = isinstance(methods, list) and "client_secret_post" in methods
    return Configuration(
        issuer=provider.issuer,
        authorization_endpoint=_url(found, "authorization_endpoint"),
        token_endpoint=_url(found, "token_endpoint"),
        jwks_uri=_url(found, "jwks_uri"),
        client_auth="client_secret_post" if by_post else "client_secret_basic",
        sends_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _url(found: dict[str, Any], name: str) -> str:
    url = found.get(name)
    if not isinstance(url, str) or acceptable(url) is None:
        raise ProviderTrouble(f"its {name} is not acceptable")
    return url


def _read_keys(jwks_uri: str) -> KeySet:
    found = call(jwks_uri).members
    try:
        usable = [
            key
            for key in found.get("keys") or []
            if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP")
        ]
        return KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ProviderTrouble(f"its keys cannot be read: {type(error).__name__}") from None
