"""simplejwt's own views for the tokens, and small ones beside them."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from django_otp import match_token
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from benchmarks.peers.simplejwt.notes.views import NotesView
from benchmarks.peers.simplejwt.policy import EnforcePolicy
from benchmarks.peers.simplejwt.sessions.models import Policy, Session


class PairSerializer(TokenObtainPairSerializer):
    """The pair carries the session that the sign-in begins."""

    @classmethod
    def get_token(cls, user: Any) -> Any:
        token = super().get_token(user)
        policy = Policy.objects.get()
        token["session_id"] = str(Session.objects.create(user=user, policy=policy).pk)
        return token


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
    path("notes", NotesView.as_view()),
]
