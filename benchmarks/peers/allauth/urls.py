"""allauth's own API, and one view behind a permission for either kind of token."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.headless.contrib.rest_framework.authentication import (
    JWTTokenAuthentication,
    XSessionTokenAuthentication,
)
from allauth.headless.tokens.strategies.jwt.internal import get_token_session
from django.urls import include, path
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.peers.allauth.policies.models import Policy


class EnforcePolicy(BasePermission):
    """The session is alive, and has seen the second step if the policy asks for it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        session = request.auth
        if isinstance(session, dict):  # a token's claims: the session that they name has to live
            session = get_token_session(session)
            if session is None or session.get("_auth_user_id") != str(request.user.pk):
                raise NotAuthenticated
        methods = session.get(AUTHENTICATION_METHODS_SESSION_KEY, ())
        verified = any(entry["method"] == "mfa" for entry in methods)
        if Policy.objects.get().mfa_required and not verified:
            raise PermissionDenied({"code": "mfa_required"})
        return True


class OrdersView(APIView):
    authentication_classes = [XSessionTokenAuthentication, JWTTokenAuthentication]
    permission_classes = [IsAuthenticated, EnforcePolicy]

    def get(self, request: Request) -> Response:
        return Response({"ok": True, "level": "aal2"})


urlpatterns = [
    path("orders", OrdersView.as_view()),
    path("_allauth/", include("allauth.headless.urls")),
]
