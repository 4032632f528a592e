"""Making an account."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.base import AuthView
from lingauth.api.shapes import SignUpBody
from lingauth.core.errors import DomainError, ValidationFailed
from lingauth.services import accounts, anonymous
from lingauth.services.grants import Grant, Profile


class SignUpView(AuthView):
    """Sign up by address and password: a session with auto-confirm, else the bare user. Without
    either: an anonymous session."""

    def post(self, request: Request, ref: str) -> Response:
        backend = self.backend(request)
        body = self.body(request, SignUpBody)
        email, phone = body.get("email"), body.get("phone")
        if email and phone:
            raise ValidationFailed(
                "Only an email address or phone number should be provided on signup."
            )
        if phone:
            raise DomainError("Phone signups are disabled", code="phone_provider_disabled")
        if not email:
            made_anonymous = anonymous.sign_in(
                backend=backend, data=body.get("data"), client=self.client(request)
            )
            return Response(render.session(made_anonymous))
        made = accounts.sign_up(
            backend=backend,
            email=email,
            password=body.get("password"),
            data=body.get("data"),
            client=self.client(request),
            redirect_to=self.target(request, backend),
            pkce=self.pkce(body),
        )
        if isinstance(made, Grant):
            return Response(render.session(made))
        return Response(render.user(Profile(made.account, (), made.identities)))
