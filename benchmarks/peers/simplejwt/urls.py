"""simplejwt's own views for the tokens; a permission and two small views beside them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import path
from django.utils import timezone
from django_otp import match_token
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from benchmarks.peers.simplejwt.sessions.models import Policy, Session


class PairSerializer(TokenObtainPairSerializer):
    """The pair carries the session that the sign-in begins."""

    @classmethod
    def get_token(cls, user: Any) -> Any:
        token = super().get_token(user)
        policy = Policy.objects.get()
        token["session_id"] = str(Session.objects.create(user=user, policy=policy).pk)
        return token


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


class OrdersView(APIView):
    permission_classes = [IsAuthenticated, EnforcePolicy]

    def get(self, request: Request) -> Response:
        return Response({"ok": True, "level": "aal2"})


class VerifyView(APIView):
    """A code: django-otp finds the device, counts, throttles and uses the step up."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        session = Session.objects.filter(
            pk=request.auth["session_id"], user=request.user, ended_at=None
        )
        if match_token(request.user, request.data["code"]) is None:
            raise ValidationError({"code": "refused"})
        if not session.update(verified_at=timezone.now()):
            raise PermissionDenied
        token = RefreshToken.for_user(request.user)
        token["session_id"] = request.auth["session_id"]
        return Response({"refresh": str(token), "access": str(token.access_token)})


class UserView(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        return Response({"id": request.user.pk, "email": request.user.email})


urlpatterns = [
    path("token", TokenObtainPairView.as_view()),
    path("refresh", TokenRefreshView.as_view()),
    path("verify", VerifyView.as_view()),
    path("orders", OrdersView.as_view()),
    path("user", UserView.as_view()),
]
