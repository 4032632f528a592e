"""The signed-in account."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.base import AuthView
from lingauth.api.shapes import UserUpdateBody
from lingauth.core.errors import DomainError
from lingauth.services import accounts, grants
from lingauth.services.first_statement import Depth


class UserView(AuthView):
    """Read oneself; change one's address, password and metadata."""

    def get(self, request: Request, ref: str) -> Response:
        me = self.me(request, Depth.WHOLE)
        found = grants.profile(me.account, factors=me.factors, identities=me.identities)
        return Response(render.user(found))

    def put(self, request: Request, ref: str) -> Response:
        me = self.me(request)
        body = self.body(request, UserUpdateBody)
        if body.get("app_metadata") is not None:
            raise DomainError("User not allowed", code="not_admin", status=403)
        if body.get("phone"):
            raise DomainError("Phone logins are disabled", code="phone_provider_disabled")
        account = accounts.update(
            me=me,
            email=body.get("email") or None,
            password=body.get("password"),
            current_password=body.get("current_password"),
            nonce=body.get("nonce"),
            data=body.get("data"),
            client=self.client(request),
            redirect_to=self.target(request, me.backend),
            pkce=self.pkce(body),
        )
        return Response(render.user(grants.profile(account)))
