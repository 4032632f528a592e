"""Signing in by a provider, and an account's identities."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api.base import AuthView
from lingauth.api.browser import BrowserView, leave, remember
from lingauth.api.parsers import FormParser
from lingauth.core.errors import DomainError
from lingauth.core.pkce import Pkce
from lingauth.models import Backend
from lingauth.services import providers, return_urls
from lingauth.services.backends import base_url
from lingauth.services.social import authorize, browser, callback, linking

_ANSWER = ("state", "code", "error", "iss")
"""What a provider's answer is made of. Everything else in it stays unread."""


class AuthorizeView(BrowserView):
    """To the provider, in a browser that is remembered."""

    http_method_names = ["get"]

    def get(self, request: Request, ref: str) -> HttpResponse:
        backend = self.backend(request)
        cookie = browser.value_for(self.cookie)
        digest = browser.digest(backend, cookie)
        if "ticket" in request.query_params:
            return self._go_on(backend, request.query_params["ticket"], cookie, digest)
        return self._set_out(request, backend, cookie, digest)

    def _set_out(
        self, request: Request, backend: Backend, cookie: str, digest: str
    ) -> HttpResponse:
        given = request.query_params
        provider = providers.usable(backend=backend, name=given.get("provider"))
        pkce = pkce_of(request)
        extras = authorize.extras_of(given.dict())
        target = self.target(request, backend)
        try:
            flow = authorize.set_out(
                provider=provider,
                redirect_to=target,
                pkce=pkce,
                scopes=given.get("scopes", ""),
                extras=extras,
                browser_digest=digest,
            )
            url = authorize.departure(flow, provider)
        except DomainError as error:
            if error.status < 500:
                raise
            return leave(return_urls.of_error(target, error, pkce=True), 302)
        return remember(leave(url, 302), self.ref, cookie)

    def _go_on(self, backend: Backend, ticket: str, cookie: str, digest: str) -> HttpResponse:
        """A flow that an app began for its account. Whichever browser comes first goes on with it,
        and the app's PKCE verifier decides in the end whether that was the right one; without such
        a verifier, a person has to."""
        flow = authorize.by_ticket(backend, ticket)
        if not flow.challenge:
            return leave(f"{base_url(backend)}/connect?{urlencode({'ticket': ticket})}", 303)
        url = authorize.pick_up(backend=backend, ticket=ticket, browser_digest=digest)
        return remember(leave(url, 302), self.ref, cookie)


class CallbackView(BrowserView):
    """Back from the provider."""

    parser_classes = (FormParser,)  # type: ignore[assignment]  # no JSON comes from there

    def get(self, request: Request, ref: str) -> HttpResponse:
        given = {
            name: request.query_params[name] for name in _ANSWER if name in request.query_params
        }
        done = callback.finish(
            backend=self.backend(request),
            given=given,
            cookie=self.cookie,
            client=self.client(request),
        )
        return leave(done.url, done.status)

    def post(self, request: Request, ref: str) -> HttpResponse:
        """An answer as a form (``response_mode=form_post``), which a browser sends from the
        provider's page and so without our cookie. It is asked to come by GET, with it."""
        backend = self.backend(request)
        data: Any = request.data
        given = {name: data[name] for name in _ANSWER if name in data}
        return leave(f"{providers.callback_url(backend)}?{urlencode(given)}", 303)


class LinkView(AuthView):
    """Begin to add an identity to the account."""

    def get(self, request: Request, ref: str) -> Response:
        me = self.me(request)
        given = request.query_params
        provider = providers.usable(backend=me.backend, name=given.get("provider"))
        flow = authorize.set_out(
            provider=provider,
            redirect_to=self.target(request, me.backend),
            pkce=pkce_of(request),
            scopes=given.get("scopes", ""),
            extras=authorize.extras_of(given.dict()),
            link_to=me,
        )
        query = urlencode({"ticket": authorize.state_of(flow)})
        return Response({"url": f"{base_url(me.backend)}/auth/v1/authorize?{query}"})


class IdentityView(AuthView):
    """Take an identity away."""

    def delete(self, request: Request, ref: str, identity_id: str) -> Response:
        me = self.me(request)
        try:
            identity_uuid = UUID(identity_id)
        except ValueError:
            raise DomainError(
                "identity_id must be an UUID", code="validation_failed", status=404
            ) from None
        linking.unlink(me=me, identity_uuid=identity_uuid, client=self.client(request))
        return Response({})


def pkce_of(request: Request) -> Pkce | None:
    """The challenge in the address."""
    given = request.query_params
    return Pkce.parse(given.get("code_challenge"), given.get("code_challenge_method"))
