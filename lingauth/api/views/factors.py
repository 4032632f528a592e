"""Authenticators: enrolling, challenging, verifying, removing."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.base import AuthView
from lingauth.api.shapes import CodeBody, EnrollBody, VerifyBody
from lingauth.api.views.token import idempotency_key
from lingauth.core.errors import (
    ChallengeExpired,
    DomainError,
    ValidationFailed,
)
from lingauth.services import factors, verification
from lingauth.services.first_statement import Depth


class FactorsView(AuthView):
    """Begin to set up an authenticator."""

    def post(self, request: Request, ref: str) -> Response:
        me = self.me(request)
        body = self.body(request, EnrollBody)
        kind = body.get("factor_type")
        if kind in ("phone", "webauthn"):
            raise DomainError(
                f"MFA enroll is disabled for {kind}",
                code=f"mfa_{kind}_enroll_not_enabled",
                status=422,
            )
        if kind != "totp":
            raise ValidationFailed("factor_type needs to be totp, phone, or webauthn")
        made = factors.enroll(
            me=me,
            name=body.get("friendly_name") or "",
            issuer=body.get("issuer"),
            client=self.client(request),
        )
        return Response(render.enrollment(made))


class FactorView(AuthView):
    """Remove an authenticator."""

    def delete(self, request: Request, ref: str, factor_id: str) -> Response:
        me = self.me(request)
        removed = factors.unenroll(me=me, factor_uuid=uuid(factor_id), client=self.client(request))
        return Response({"id": str(removed)})


class ChallengeView(AuthView):
    """Ask for a code of an authenticator. The body is not looked at."""

    def post(self, request: Request, ref: str, factor_id: str) -> Response:
        made = verification.challenge(
            me=self.me(request, Depth.WHOLE),
            factor_uuid=uuid(factor_id),
            client=self.client(request),
        )
        return Response(render.challenge(made))


class VerifyView(AuthView):
    """Answer a challenge: the session is at ``aal2`` afterwards, with new tokens."""

    def post(self, request: Request, ref: str, factor_id: str) -> Response:
        me = self.me(request, Depth.WHOLE)
        body = self.body(request, VerifyBody)
        granted = verification.verify(
            me=me,
            factor_uuid=uuid(factor_id),
            challenge_id=_challenge(body.get("challenge_id")),
            code=_code(body.get("code")),
            client=self.client(request),
            idempotency_key=idempotency_key(request),
        )
        return Response(render.session(granted))


class VerifyAnyView(AuthView):
    """The same in one call: this session's unfinished set-up, or any verified authenticator."""

    def post(self, request: Request, ref: str) -> Response:
        me = self.me(request, Depth.WHOLE)
        body = self.body(request, CodeBody)
        named = body.get("factor_id")
        granted = verification.verify_any(
            me=me,
            code=_code(body.get("code")),
            factor_uuid=uuid(named) if named else None,
            client=self.client(request),
            idempotency_key=idempotency_key(request),
        )
        return Response(render.session(granted))


def uuid(text: str) -> UUID:
    """A factor's id. Raises the contract's 404 for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise DomainError(
            "factor_id must be an UUID", code="validation_failed", status=404
        ) from None


def _challenge(text: str | None) -> UUID:
    if not text:
        raise ValidationFailed("challenge_id is required")
    try:
        return UUID(text)
    except ValueError:
        raise ChallengeExpired from None


def _code(text: str | None) -> str:
    if not text or not text.strip():
        raise ValidationFailed("Code needs to be non-empty")
    return text
