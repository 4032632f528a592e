from datetime import timedelta

from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.permissions import EnforceBackendPolicy, RequireAAL2


class OrdersView(APIView):
    """Follows the backend's switch."""

    authentication_classes = [BackendJWTAuthentication]
    permission_classes = [EnforceBackendPolicy, IsAuthenticated]

    def get(self, request):
        return Response({"customer": request.user.email, "level": request.auth.level})


class RefundView(APIView):
    """Always asks for a code, given within the last ten minutes."""

    authentication_classes = [BackendJWTAuthentication]
    permission_classes = [RequireAAL2(max_age=timedelta(minutes=10))]

    def post(self, request):
        return Response({"refunded_to": request.user.email})
