"""Setting out for a provider."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any
from uuid import UUID, uuid4

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from lingauth.core import clock
from lingauth.core.errors import DomainError, Unavailable, ValidationFailed
from lingauth.core.pkce import Pkce, new_verifier, s256
from lingauth.models import Backend, Flow, Provider
from lingauth.services import flows, providers
from lingauth.services.access import SignedIn
from lingauth.services.social import discovery, github, linking, presets
from lingauth.services.social.calls import ProviderTrouble
from lingauth.services.social.discovery import Configuration

log = logging.getLogger("lingauth.social")

OURS = frozenset(
    "provider redirect_to scopes code_challenge code_challenge_method invite_token flow_type "
    "skip_http_redirect apikey ticket".split()
)
RESERVED = frozenset(
    "client_id client_secret redirect_uri response_type response_mode state scope nonce request "
    "request_uri registration code_verifier".split()
)
"""What an app cannot set: these say who asks, where the answer goes, and what it is worth."""

_MOST_EXTRAS, _LONGEST_EXTRA = 20, 500
_SCOPES = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
_STATE = re.compile(r"([0-9a-f-]{36})\.([A-Za-z0-9_-]{22})")


def set_out(
    *,
    provider: Provider,
    redirect_to: str,
    pkce: Pkce | None,
    scopes: str = "",
    extras: Mapping[str, str] | None = None,
    browser_digest: str = "",
    link_to: SignedIn | None = None,
) -> Flow:
    """Begin a flow. ``redirect_to`` was judged before; ``extras`` are parameters for the provider.

    ``link_to``: whose account the identity is for; then raises what ``linking.may_change`` does.
    Raises ValidationFailed for scopes that are none, and ``unreachable``.
    """
    if len(scopes) > 300 or (scopes and not _SCOPES.fullmatch(scopes)):
        raise ValidationFailed("scopes are names with a space between.")
    now = clock.now()
    more: dict[str, Any] = {}
    if link_to is not None:
        linking.may_change(link_to, now)
        more = {"link_to": link_to.account, "link_session_id": link_to.session.pk}
    configuration(provider)
    flow_id = uuid4()
    private = {
        "state": token_urlsafe(16),
        "verifier": new_verifier(),
        "nonce": token_urlsafe(24),
        "scope": " ".join(dict.fromkeys(f"{provider.scopes} {scopes}".split())),
        "extras": dict(extras or {}),
    }
    return flows.begin(
        backend=provider.backend,
        provider=provider.name,
        pkce=pkce,
        redirect_to=redirect_to,
        now=now,
        id=flow_id,
        private=flows.seal(flow_id, private),
        browser_digest=browser_digest,
        **more,
    )


def pick_up(*, backend: Backend, ticket: object, browser_digest: str) -> str:
    """Go on, in this browser and from now on in no other, with a flow that an app began for its
    account. The provider's address. Raises DomainError ``flow_state_not_found``, ValidationFailed.
    """
    flow = by_ticket(backend, ticket)
    provider = providers.usable(backend=backend, name=flow.provider)
    if not Flow.objects.claim_browser(flow.pk, digest=browser_digest):
        raise _no_such_flow()
    return departure(flow, provider)


def by_ticket(backend: Backend, ticket: object) -> Flow:
    """The flow that was begun to add an identity. Raises DomainError ``flow_state_not_found``."""
    flow = by_state(backend, ticket)
    if flow is None or flow.link_to is None or flow.expires_at <= clock.now():
        raise _no_such_flow()
    return flow


def departure(flow: Flow, provider: Provider) -> str:
    """The provider's address, with everything that its answer will be held to."""
    private = flows.unseal(flow)
    sent: dict[str, str] = {
        **private["extras"],
        "code_challenge": s256(private["verifier"]),
        "code_challenge_method": "S256",
    }
    if provider.kind == Provider.Kind.OIDC:
        sent["nonce"] = private["nonce"]
    if presets.of(provider.name).form_post:
        sent["response_mode"] = "form_post"
    url: str = prepare_grant_uri(
        configuration(provider).authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=providers.callback_url(provider.backend),
        scope=private["scope"],
        state=state_of(flow),
        **sent,
    )
    return url


def state_of(flow: Flow) -> str:
    """The flow's name on its way through the provider."""
    return f"{flow.pk}.{flows.unseal(flow)['state']}"


def by_state(backend: Backend, state: object) -> Flow | None:
    """The flow of that name, whatever has become of it."""
    match = _STATE.fullmatch(state) if isinstance(state, str) else None
    if match is None:
        return None
    try:
        flow_id = UUID(match[1])
    except ValueError:
        return None
    flow = Flow.objects.filter(backend=backend, pk=flow_id).select_related("link_to").first()
    if flow is None:
        return None
    flow.backend = backend
    expected = flows.unseal(flow).get("state")
    if not isinstance(expected, str) or not hmac.compare_digest(expected, match[2]):
        return None
    return flow


def configuration(provider: Provider) -> Configuration:
    """How to speak to the provider. Raises ``unreachable``."""
    if provider.kind == Provider.Kind.GITHUB:
        return github.configuration(provider)
    try:
        return discovery.configuration(provider)
    except ProviderTrouble as trouble:
        raise unreachable(provider, trouble) from None


def unreachable(provider: Provider, trouble: ProviderTrouble) -> Unavailable:
    """The provider's fault, or the operator's: the log says which."""
    log.warning("Provider %s of %s: %s", provider.name, provider.backend.ref, trouble)
    return Unavailable(f"{provider.label} cannot be reached at the moment.")


def extras_of(given: Mapping[str, str]) -> dict[str, str]:
    """Parameters of an app's request that are the provider's. Raises ValidationFailed for many."""
    extras = {
        name: value
        for name, value in given.items()
        if name not in OURS | RESERVED and not name.startswith("code_challenge")
    }
    long = any(len(name) + len(value) > _LONGEST_EXTRA for name, value in extras.items())
    if len(extras) > _MOST_EXTRAS or long or "\x00" in "".join([*extras, *extras.values()]):
        raise ValidationFailed("These parameters are too many or too long for the provider.")
    return extras


def _no_such_flow() -> DomainError:
    return DomainError(
        "invalid flow state, no valid flow state found", code="flow_state_not_found", status=404
    )
