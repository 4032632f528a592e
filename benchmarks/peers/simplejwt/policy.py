"""The check of the session and its level, by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from benchmarks.peers.simplejwt.sessions.models import Session


class EnforcePolicy(BasePermission):
    """The session is alive, and at the level that the policy asks for."""

    def has_permission(self, request: Request, view: Any) -> bool:
        session = (
            Session.objects.select_related("policy")
            .filter(pk=request.auth["session_id"], user=request.user, ended_at=None)
            .first()
        )
        if session is None:
            return False
        verified = session.verified_at
        fresh = verified is not None and timezone.now() - verified < timedelta(days=1)
        if session.policy.mfa_required and not fresh:
            raise PermissionDenied({"code": "mfa_required"})
        return True


class EnforcePolicyUnlessAnonymous(EnforcePolicy):
    """Who sends no token reads what is public."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.auth is None or super().has_permission(request, view)
