"""The limit program behind lean DRF views."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.limit import operations
from benchmarks.limit.answers import Answer


def _bearer(request: Request) -> str:
    return str(request.META.get("HTTP_AUTHORIZATION", ""))[7:]


def _apikey(request: Request) -> str:
    return str(request.META.get("HTTP_APIKEY", ""))


def _body(request: Request) -> dict[str, Any]:
    body: Any = request.data
    return dict(body)


class OrdersView(APIView):
    def get(self, request: Request) -> Response:
        return _response(operations.orders(_bearer(request)))


class UserView(APIView):
    def get(self, request: Request) -> Response:
        return _response(operations.user(_apikey(request), _bearer(request)))


class TokenView(APIView):
    def post(self, request: Request) -> Response:
        if request.query_params["grant_type"] == "refresh_token":
            return _response(operations.renew(_apikey(request), _body(request)))
        return _response(operations.sign_in(_apikey(request), _body(request)))


class VerifyView(APIView):
    def post(self, request: Request) -> Response:
        return _response(operations.verify(_apikey(request), _bearer(request), _body(request)))


def _response(answer: Answer) -> Response:
    status, data = answer
    return Response(data, status=status)


urlpatterns = [
    path("host/orders", OrdersView.as_view()),
    path("b/bench/auth/v1/user", UserView.as_view()),
    path("b/bench/auth/v1/token", TokenView.as_view()),
    path("b/bench/auth/v1/mfa/verify", VerifyView.as_view()),
]
