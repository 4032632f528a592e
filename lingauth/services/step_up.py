"""The second step of an app at our own pages: it sends its user there, and they come back with a
one-time code.

What happens there happens in a session of its own, a *stand-in* begun from the app's: at ``aal1``,
good for nothing but these pages, and only in the browser that set out. It reaches ``aal2`` like any
session; the code, with the verifier that only the app has (RFC 7636), then gives it to the app in
place of the one that asked. So nobody raises a session by a code typed for somebody else, and an
app cannot come back as another person.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_urlsafe
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db import transaction

from lingauth.core import clock
from lingauth.core.assurance import Level, Method
from lingauth.core.errors import DomainError, NoAuthorization, NotFound, ValidationFailed
from lingauth.core.pkce import Pkce
from lingauth.core.redirects import with_query
from lingauth.models import Backend, Flow, Session
from lingauth.models.session import first_methods
from lingauth.services import access, flows, redirects, return_urls
from lingauth.services.access import SignedIn
from lingauth.services.backends import base_url
from lingauth.services.context import ClientInfo
from lingauth.services.social import authorize, browser
from lingauth.services.stand_ins import STEP_UP, asker_of


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody at our pages for an app: ``me`` is the stand-in."""

    flow: Flow
    me: SignedIn

    @property
    def cancelled_url(self) -> str:
        """Back to the app with nothing done, which it can tell by ``error_code``."""
        told = {
            "error": "access_denied",
            "error_code": "step_up_cancelled",
            "error_description": "The second step was not taken.",
        }
        return with_query(self.flow.redirect_to, told)


def begin(*, me: SignedIn, redirect_to: str | None, pkce: Pkce | None) -> str:
    """The address to send the browser to, good once and for ten minutes.

    Raises ValidationFailed without PKCE, and for a place to return to that the backend does not
    name; NoAuthorization (403) for an anonymous account, which has no second step.
    """
    if me.account.is_anonymous:
        raise NoAuthorization("Anonymous accounts have no factors.", status=403)
    if pkce is None:
        raise ValidationFailed("code_challenge and code_challenge_method are required.")
    if not redirect_to or not redirects.is_allowed(me.backend, redirect_to):
        raise ValidationFailed(
            "redirect_to is none of this backend's places.",
            hint="Add the app's address to the backend's redirect URLs.",
        )
    flow_id = uuid4()
    flow = flows.begin(
        backend=me.backend,
        provider=STEP_UP,
        pkce=pkce,
        redirect_to=redirect_to,
        now=clock.now(),
        id=flow_id,
        private=flows.seal(flow_id, {"state": token_urlsafe(16)}),
        link_to=me.account,
        link_session_id=me.session.pk,
    )
    ticket = urlencode({"ticket": authorize.state_of(flow)})
    return f"{base_url(me.backend)}/mfa/step-up?{ticket}"


def arrive(*, backend: Backend, ticket: object, browser_digest: str, client: ClientInfo) -> UUID:
    """Take up a ticket, in this browser and from now on in no other. The flow's id.

    Raises DomainError ``flow_state_not_found``, and what ended the app's session meanwhile.
    """
    flow = authorize.by_state(backend, ticket)
    if flow is None or not _is_open(flow):
        raise _unknown()
    asker = asker_of(flow, clock.now())
    if not Flow.objects.claim_browser(flow.pk, digest=browser_digest):
        raise _unknown()
    if flow.session_id is None:
        _stand_in(flow, asker, client)
    return flow.pk


def guest(*, ref: str, flow_id: UUID, cookie: str | None) -> Guest | None:
    """Who is at our pages in this flow, if it is this browser's and still under way; else None."""
    flow = Flow.objects.filter(pk=flow_id).select_related("backend").first()
    if flow is None or flow.session_id is None or not _is_open(flow):
        return None
    if flow.browser_digest not in browser.digests(flow.backend, cookie):
        return None
    try:
        asker_of(flow, clock.now())
        me = access.read(ref=ref, session_id=flow.session_id).signed_in()
    except DomainError:
        return None
    return Guest(flow, me)


def origin(*, flow_id: UUID, cookie: str | None) -> str:
    """Where a flow of this browser came from, over or not; nothing of anybody else's."""
    flow = Flow.objects.filter(pk=flow_id).select_related("backend").first()
    if flow is None or flow.browser_digest not in browser.digests(flow.backend, cookie):
        return ""
    return flow.redirect_to


def leave(guest: Guest) -> str:
    """The way back to the app: with its one code if the step was taken, else as cancelled.

    Raises DomainError ``flow_state_not_found`` if the code was given out already.
    """
    me = guest.me
    if me.level(clock.now()) is not Level.AAL2:
        return guest.cancelled_url
    method = Method(me.session.methods[0]["method"])
    with transaction.atomic(durable=True):
        code = flows.issue_code(flow=guest.flow, account=me.account, method=method)
    return return_urls.of_code(guest.flow.redirect_to, code)


def _stand_in(flow: Flow, asker: SignedIn, client: ClientInfo) -> None:
    """No new sign-in: as old as the session it stands in for. Left alone it ends with the flow."""
    session = Session(
        backend=flow.backend,
        account=asker.account,
        methods=first_methods(asker.session.methods),
        created_at=asker.session.created_at,
        expires_at=min(asker.session.expires_at, flow.expires_at + flows.CODE_LIFE),
        user_agent=client.user_agent,
        ip=client.ip,
    )
    with transaction.atomic(durable=True):
        if Flow.objects.lend(flow.pk, session_id=session.pk):
            session.save()


def _is_open(flow: Flow) -> bool:
    """Under way, and its code not given out."""
    begun = flow.provider == STEP_UP and flow.code_digest is None
    return begun and clock.now() < flow.expires_at


def _unknown() -> DomainError:
    return NotFound("This step is over, or was never begun.", code="flow_state_not_found")
