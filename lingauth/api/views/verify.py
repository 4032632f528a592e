"""Redeeming what was mailed: a code or a link's token by POST, the link itself by GET."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.base import AuthView
from lingauth.api.shapes import VerifyMailBody
from lingauth.core.errors import DomainError, ValidationFailed
from lingauth.models import Backend
from lingauth.services import redemption, redirects, return_urls
from lingauth.services.backends import base_url
from lingauth.services.grants import Grant
from lingauth.services.redemption import CodeIssued, HalfChanged

_NOTHING = "Verify requires either a token or a token hash"
_BOTH = "Only the token_hash and type should be provided"


class SeeOther(HttpResponseRedirect):
    """303: whatever this request was, the next is a GET. Apps have schemes of their own."""

    status_code = 303

    def __init__(self, url: str) -> None:
        self.allowed_schemes = [url.partition(":")[0].lower()]
        super().__init__(url)


class VerifyView(AuthView):
    """By POST: a session. By GET: what the mail's link is for people."""

    def post(self, request: Request, ref: str) -> Response:
        backend = self.backend(request)
        body = self.body(request, VerifyMailBody)
        outcome = self._redeem(request, backend, body)
        if isinstance(outcome, HalfChanged):
            return Response({"code": "200", "msg": outcome.message})
        return Response(render.session(outcome))

    def _redeem(
        self, request: Request, backend: Backend, body: dict[str, str | None]
    ) -> Grant | HalfChanged:
        code, link, type = body.get("token"), body.get("token_hash"), body.get("type")
        client = self.client(request)
        if not type:
            raise ValidationFailed("Verify requires a verification type")
        if not (code or link):
            raise ValidationFailed(_NOTHING)
        if link:
            if code or body.get("email") or body.get("phone"):
                raise ValidationFailed(_BOTH)
            made = redemption.with_link(
                backend=backend, type=type, token=link, client=client, to_session=True
            )
            assert not isinstance(made, CodeIssued)
            return made
        if body.get("phone") and not body.get("email"):
            raise DomainError("Phone logins are disabled", code="phone_provider_disabled")
        return redemption.with_code(
            backend=backend, type=type, email=body.get("email"), code=code, client=client
        )

    def get(self, request: Request, ref: str) -> HttpResponse:
        """To the page with the button: programs that look at the links of a mail open them too, and
        must not spend them. A backend with one-step links spends them here, except for those that
        end at our own pages, which take a cookie and nothing from the address."""
        backend = self.backend(request)
        query = {
            name: request.query_params.get(name, "") for name in ("token", "type", "redirect_to")
        }
        target = self.target(request, backend)
        pkce = query["token"].startswith("pkce_")
        ends_here = not pkce and redirects.is_hosted(backend, target)
        if not backend.one_step_links or ends_here or request.method == "HEAD":
            given = {name: value for name, value in query.items() if value}
            return SeeOther(f"{base_url(backend)}/link?{urlencode(given)}")
        try:
            outcome = redemption.with_link(
                backend=backend,
                type=query["type"],
                token=query["token"],
                client=self.client(request),
            )
        except DomainError as error:
            return SeeOther(return_urls.of_error(target, error, pkce))
        match outcome:
            case CodeIssued():
                return SeeOther(return_urls.of_code(target, outcome.code))
            case HalfChanged():
                return SeeOther(return_urls.of_message(target, outcome.message, pkce))
        return SeeOther(return_urls.of_grant(target, outcome, query["type"]))
