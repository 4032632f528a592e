"""Asking for a mail: to sign in, to recover, to confirm. The answer is the same for everybody."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api.base import AuthView
from lingauth.api.shapes import MailBody, OtpBody, ResendBody
from lingauth.core.errors import DomainError, ValidationFailed
from lingauth.models import Backend
from lingauth.services import email_change, mail_asks, reauthentication
from lingauth.services.mail_tokens import Purpose


class OtpView(AuthView):
    """Mail a code and a link to sign in with, or to sign up."""

    def post(self, request: Request, ref: str) -> Response:
        backend = self.backend(request)
        body = self.body(request, OtpBody)
        if not backend.mail_sign_in_enabled:
            raise DomainError(
                "Email logins are disabled", code="email_provider_disabled", status=422
            )
        mail_asks.ask(
            backend=backend,
            purpose=Purpose.MAGICLINK,
            email=email_of(body, "One of email or phone must be set"),
            client=self.client(request),
            redirect_to=self.target(request, backend),
            pkce=self.pkce(body),
            data=body.get("data"),
            create_user=body.get("create_user") is not False,
        )
        return Response({})


class MagicLinkView(OtpView):
    """The same by its older name."""


class RecoverView(AuthView):
    """Mail a code and a link for a forgotten password."""

    def post(self, request: Request, ref: str) -> Response:
        backend = self.backend(request)
        body = self.body(request, MailBody)
        mail_asks.ask(
            backend=backend,
            purpose=Purpose.RECOVERY,
            email=email_of(body, "Password recovery requires an email"),
            client=self.client(request),
            redirect_to=self.target(request, backend),
            pkce=self.pkce(body),
        )
        return Response({})


class ResendView(AuthView):
    """Mail a confirmation once more; the mail before it is void."""

    def post(self, request: Request, ref: str) -> Response:
        backend = self.backend(request)
        body = self.body(request, ResendBody)
        email = email_of(body, "Type provided requires an email address")
        match body.get("type"):
            case "signup":
                self._sign_up(request, backend, body, email)
            case "email_change":
                email_change.again(
                    backend=backend,
                    email=email,
                    client=self.client(request),
                    redirect_to=self.target(request, backend),
                )
            case _:
                raise ValidationFailed("Missing one of these types: signup, email_change")
        return Response({})

    def _sign_up(
        self, request: Request, backend: Backend, body: dict[str, Any], email: str
    ) -> None:
        mail_asks.ask(
            backend=backend,
            purpose=Purpose.SIGNUP,
            email=email,
            client=self.client(request),
            redirect_to=self.target(request, backend),
            pkce=self.pkce(body),
        )


class ReauthenticateView(AuthView):
    """Mail a nonce to somebody signed in, for their next change of password."""

    def get(self, request: Request, ref: str) -> Response:
        reauthentication.ask(me=self.me(request), client=self.client(request))
        return Response({})


def email_of(body: dict[str, Any], missing: str) -> str:
    """The body's address. Raises the contract's errors for a phone number, or for nothing."""
    email = body.get("email")
    if not email and (body.get("phone") or body.get("type") in ("sms", "phone_change")):
        raise DomainError("Phone logins are disabled", code="phone_provider_disabled")
    if not email:
        raise ValidationFailed(missing)
    return str(email)
