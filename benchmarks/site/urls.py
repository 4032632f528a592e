"""The product's addresses and the host's one."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.permissions import EnforceBackendPolicy
from lingauth.middleware import api_first
from project.urls import urlpatterns as product


class OrdersView(APIView):
    """A view as the documentation tells a host to write it."""

    authentication_classes = [BackendJWTAuthentication]
    permission_classes = [EnforceBackendPolicy, IsAuthenticated]

    def get(self, request: Request) -> Response:
        principal: Any = request.auth
        return Response({"ok": True, "level": principal.level})


urlpatterns = [path("host/orders", api_first(OrdersView.as_view())), *product]
