"""Recovery codes."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.base import AuthView
from lingauth.api.shapes import CodeBody
from lingauth.api.views.token import idempotency_key
from lingauth.core.errors import FactorNotFound, ValidationFailed
from lingauth.services import recovery
from lingauth.services.first_statement import Depth
from lingauth.services.recovery import NewCodes


class RecoveryCodesView(AuthView):
    """How many codes are left; make the first set; remove it."""

    def get(self, request: Request, ref: str) -> Response:
        status = recovery.status(me=self.me(request))
        if status is None:
            raise FactorNotFound("There are no recovery codes.")
        return Response(
            {
                "id": str(status.id),
                "type": "recovery_code",
                "total": status.total,
                "remaining": status.remaining,
            }
        )

    def post(self, request: Request, ref: str) -> Response:
        made = recovery.generate(me=self.me(request), client=self.client(request))
        return Response(_codes(made))

    def delete(self, request: Request, ref: str) -> Response:
        removed = recovery.delete(me=self.me(request), client=self.client(request))
        return Response({"id": str(removed)})


class RegenerateView(AuthView):
    """Make a new set; the old one ends."""

    def post(self, request: Request, ref: str) -> Response:
        made = recovery.regenerate(me=self.me(request), client=self.client(request))
        return Response(_codes(made))


class VerifyRecoveryCodeView(AuthView):
    """Use a code: the session is at ``aal2`` afterwards, with new tokens."""

    def post(self, request: Request, ref: str) -> Response:
        me = self.me(request, Depth.WHOLE)
        code = self.body(request, CodeBody).get("code")
        if not code:
            raise ValidationFailed("Code needs to be non-empty")
        granted = recovery.verify(
            me=me,
            code=code,
            client=self.client(request),
            idempotency_key=idempotency_key(request),
        )
        return Response(render.session(granted))


def _codes(made: NewCodes) -> dict[str, Any]:
    return {
        "id": str(made.id),
        "type": "recovery_code",
        "total": len(made.codes),
        "codes": made.codes,
    }
