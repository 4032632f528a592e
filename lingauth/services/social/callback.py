"""Coming back from a provider: to the app with a code or a session, or with what went wrong."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.core.errors import DomainError
from lingauth.core.redirects import with_query
from lingauth.models import Account, Backend, Flow, Identity, Provider
from lingauth.services import (
    events,
    flows,
    providers,
    redirects,
    return_urls,
    signin,
    turns,
)
from lingauth.services.backends import base_url
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.notices import Notice
from lingauth.services.social import answers, authorize, browser, decision, linking
from lingauth.services.social.answers import Told
from lingauth.services.social.calls import ProviderTrouble
from lingauth.services.social.idtoken import BadIdToken

log = logging.getLogger("lingauth.social")


@dataclass(frozen=True, slots=True)
class Return:
    """Where the browser goes, and by which status."""

    url: str
    status: int = 302


def finish(
    *, backend: Backend, given: Mapping[str, str], cookie: str | None, client: ClientInfo
) -> Return:
    """Take a provider's answer, once, in the browser that was sent for it. Raises nothing: what
    went wrong is told to the app; and to the backend's site, if it cannot be said whose it was."""
    flow = authorize.by_state(backend, given.get("state"))
    if flow is None:
        return _stray(backend, "OAuth state not found or expired")
    if not flow.browser_digest or flow.browser_digest not in browser.digests(backend, cookie):
        # Somebody else's flow: it is left as it is (RFC 9700 section 4.7).
        return _stray(backend, "OAuth state belongs to another browser")
    if not Flow.objects.claim_callback(flow.pk, now=clock.now()):
        return _stray(backend, "OAuth state not found or expired")
    try:
        return Return(_answered(flow, given, client))
    except DomainError as error:
        _record_failure(flow, client, error)
        return Return(_with_error(flow, error))


def _answered(flow: Flow, given: Mapping[str, str], client: ClientInfo) -> str:
    provider = providers.usable(backend=flow.backend, name=flow.provider)
    _check(provider, given)
    told = _told(flow, provider, given["code"])
    if flow.link_to is not None:
        return _link(flow, provider, told, client)
    account = decision.account_for(
        provider=provider, profile=told.profile, client=client, redirect_to=flow.redirect_to
    )
    if flow.challenge:
        _keep(flow, told.tokens)
        return return_urls.of_code(flow.redirect_to, _code(flow, account))
    _keep(flow, None)
    if redirects.is_hosted(flow.backend, flow.redirect_to):
        return _signed_in(flow, {"code": _code(flow, account)})
    return _with_session(flow, account, told, client)


def _check(provider: Provider, given: Mapping[str, str]) -> None:
    """The answer is this provider's (RFC 9207), and it is not a refusal."""
    config = authorize.configuration(provider)
    issuer = given.get("iss")
    if issuer != config.issuer and (issuer is not None or config.sends_issuer):
        raise DomainError("This answer is of another issuer", code="bad_oauth_callback")
    match given.get("error"):
        case None | "":
            pass
        case "access_denied" | "user_cancelled_login" | "user_cancelled_authorize":
            raise DomainError("The sign-in was cancelled", code="access_denied", status=403)
        case _:
            raise DomainError(f"{provider.label} refused", code="bad_oauth_callback")
    if not given.get("code"):
        raise DomainError("OAuth callback without a code", code="bad_oauth_callback")


def _told(flow: Flow, provider: Provider, code: str) -> Told:
    private = flows.unseal(flow)
    try:
        return answers.trade(
            provider,
            code=code,
            verifier=private["verifier"],
            nonce=private["nonce"],
            now=clock.now(),
        )
    except ProviderTrouble as trouble:
        raise authorize.unreachable(provider, trouble) from None
    except BadIdToken as reason:
        log.warning("Provider %s of %s: %s", provider.name, flow.backend.ref, reason)
        raise DomainError(
            f"What {provider.label} answered is not valid", code="bad_oauth_callback"
        ) from None


def _link(flow: Flow, provider: Provider, told: Told, client: ClientInfo) -> str:
    """The identity joins the account that set out for it; at once if this browser is known to be
    its owner's, else when the app that has the PKCE verifier spends the code."""
    account, session_id = flow.link_to, flow.link_session_id
    assert account is not None
    assert session_id is not None
    me = linking.still_may(ref=flow.backend.ref, session_id=session_id, account_id=account.pk)
    if Identity.objects.filter(
        backend=flow.backend, provider=provider.name, subject=told.profile.subject
    ).exists():
        raise linking.already_linked()
    if flow.challenge:
        _keep(flow, {**told.tokens, "profile": told.profile.packed()})
        return return_urls.of_code(flow.redirect_to, _code(flow, account))
    _keep(flow, None)
    with transaction.atomic(durable=True):
        me = turns.take(me)
        linking.may_change(me, clock.now())
        linking.attach(me, provider.name, told.profile, client)
    linking.tell(Notice.IDENTITY_LINKED, me.account, provider.label)
    if redirects.is_hosted(flow.backend, flow.redirect_to):
        return with_query(flow.redirect_to, {"done": "linked"})
    return _with_session(flow, me.account, told, client)


def _keep(flow: Flow, values: Mapping[str, Any] | None) -> None:
    """What the exchange of the code will need, if there is to be one, in place of what this answer
    was held to."""
    flow.private = flows.seal(flow.pk, values) if values is not None else None
    Flow.objects.filter(pk=flow.pk).update(private=flow.private)


def _code(flow: Flow, account: Account) -> str:
    with transaction.atomic(durable=True):
        return flows.issue_code(flow=flow, account=account, method=Method.OAUTH)


def _with_session(flow: Flow, account: Account, told: Told, client: ClientInfo) -> str:
    """The session in the fragment, for an app that began without PKCE."""
    now = clock.now()
    grant = signin.start(flow.backend, account, method=Method.OAUTH, client=client, now=now)
    return return_urls.of_grant(flow.redirect_to, told.beside(grant))


def _signed_in(flow: Flow, pairs: Mapping[str, str]) -> str:
    """Our own page takes the code, with the cookie, and goes on to where the visitor was going."""
    parts = urlsplit(flow.redirect_to)
    there = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return with_query(f"{base_url(flow.backend)}/signed-in", {**pairs, "return_to": there})


def _with_error(flow: Flow, error: DomainError) -> str:
    if not flow.challenge and redirects.is_hosted(flow.backend, flow.redirect_to):
        return _signed_in(flow, {"error_code": error.code})
    return return_urls.of_error(flow.redirect_to, error, pkce=True)


def _stray(backend: Backend, message: str) -> Return:
    home, code = redirects.home(backend), "bad_oauth_state"
    if redirects.is_hosted(backend, home):  # which says it in words
        return Return(with_query(f"{base_url(backend)}/signed-in", {"error_code": code}), 303)
    told = {"error": "invalid_request", "error_code": code, "error_description": message}
    return Return(with_query(home, told), 303)


def _record_failure(flow: Flow, client: ClientInfo, error: DomainError) -> None:
    events.record(
        Kind.SIGN_IN_FAILED,
        backend_id=flow.backend_id,
        client=client,
        account=flow.link_to,
        result="refused",
        data={"reason": error.code, "provider": flow.provider},
    )
