"""What a request presents: an API key, an access token, both, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from lingauth import keyring, tokens
from lingauth.core import clock
from lingauth.core.errors import (
    BadToken,
    DomainError,
    InvalidApiKey,
    InvalidRequest,
    MalformedAuthorization,
    NoAuthorization,
)
from lingauth.models import ApiKey
from lingauth.services import access, api_keys, traces
from lingauth.services.access import Access, SignedIn
from lingauth.services.first_statement import Depth
from lingauth.tokens import Claims


@dataclass(frozen=True, slots=True)
class Credentials:
    """The key and the token as they were sent. A bearer that repeats the key is no token: that is
    how the clients call before anybody signed in."""

    api_key: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """What was read for a request, before it is asked who is signed in."""

    access: Access
    claims: Claims | None
    token_error: DomainError | None

    def signed_in(self) -> SignedIn:
        """Who is signed in, by a token of this backend and a live session.

        Raises NoAuthorization without a token; BadToken, SessionGone or AccountBanned for a bad
        one.
        """
        if self.token_error is not None:
            raise self.token_error
        if self.claims is None:
            raise NoAuthorization
        backend, now = self.access.backend, clock.now()
        ours = self.claims.backend_ref == backend.ref
        if not ours or not keyring.ring_of(backend).has(self.claims.kid, now):
            raise BadToken
        me = self.access.signed_in(now)
        if me.account.uuid != self.claims.account_uuid:
            raise BadToken
        return me


def read(request: HttpRequest) -> Credentials:
    """The request's credentials. Raises InvalidRequest where they are ambiguous (RFC 6750, 2)."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    api_key = request.META.get("HTTP_APIKEY") or None
    if "access_token" in request.GET:
        raise InvalidRequest("An access token belongs into the Authorization header.")
    if "," in header or (api_key is not None and "," in api_key):
        raise InvalidRequest
    scheme, _, rest = header.partition(" ")
    token = rest.strip() or None
    if header and (scheme.lower() != "bearer" or token is None):
        token = ""  # something else than a bearer token: present, and never valid
    if token is not None and token == api_key:
        token = None
    return Credentials(api_key, token)


def identify(
    request: HttpRequest,
    ref: str | None,
    *,
    ignore_token: bool = False,
    beside_token: bool = False,
    email_key: str | None = None,
    session_id: UUID | None = None,
    depth: Depth = Depth.ROWS,
) -> Caller:
    """Read everything the request rests on, in one statement, and judge its API key.

    ``ref`` comes from the address; without one (a host's own view) the token's issuer or the key
    says which backend it is. ``ignore_token`` is for public routes, whose ``Authorization`` is
    noise; they name the account by ``email_key``, or the session, if they are about one.
    ``beside_token``: a service key may stand beside a user's token, where it gives nothing that the
    token does not: servers ask so about their users. ``depth``: how much is read.
    Raises NotFound, InvalidApiKey, InvalidRequest.
    """
    sent = read(request) if not ignore_token else _key_only(request)
    claims, token_error = _read_token(sent.token)
    if claims is not None:
        traces.note(request, account_uuid=claims.account_uuid, session_id=claims.session_id)
    ref = ref or (claims.backend_ref if claims else None) or _ref_of_key(sent.api_key)
    if ref is None:
        raise token_error or NoAuthorization()
    found = access.read(
        ref=ref,
        api_key=sent.api_key,
        session_id=claims.session_id if claims else session_id,
        email_key=email_key,
        depth=depth,
    )
    if sent.api_key is not None and found.key is None:
        raise InvalidApiKey
    if found.key is not None and found.key.role == ApiKey.Role.SERVICE:
        if "HTTP_ORIGIN" in request.META:
            raise in_browser()
        if sent.token is not None and not beside_token:
            raise InvalidRequest("Send a service key or a user's token, not both.")
    if found.key is not None:
        api_keys.touch(found.key)
    return Caller(found, claims, token_error)


def in_browser() -> DomainError:
    """The refusal of a service key that a browser sent."""
    return DomainError(
        "A service key must never be in a browser. Replace it now.",
        code="service_key_in_browser",
        status=403,
    )


def _key_only(request: HttpRequest) -> Credentials:
    return Credentials(request.META.get("HTTP_APIKEY") or None, None)


def _read_token(token: str | None) -> tuple[Claims | None, DomainError | None]:
    """The claims, or why there are none. The refusal waits until the key was judged."""
    if token is None:
        return None, None
    if not token:
        return None, MalformedAuthorization()
    try:
        return tokens.read(token), None
    except BadToken as error:
        return None, error


def _ref_of_key(api_key: str | None) -> str | None:
    if api_key is None:
        return None
    live = ApiKey.objects.alive(clock.now()).filter(digest=access.key_digest(api_key))
    ref = live.values_list("backend__ref", flat=True).first()
    if ref is None:
        raise InvalidApiKey
    return ref
