"""What the tests want to know from the inside of a request."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_otp import user_has_device
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.exceptions import Refused
from lingauth.api.permissions import EnforceBackendPolicy
from lingauth.core.errors import TooManyAttempts
from shop.models import User


@extend_schema(exclude=True)
class ProbeView(APIView):
    authentication_classes = [BackendJWTAuthentication]
    permission_classes = [EnforceBackendPolicy, IsAuthenticated]

    def get(self, request):
        with CaptureQueriesContext(connection) as for_key:
            known = request.user.is_authenticated and request.user.pk is not None
        with CaptureQueriesContext(connection) as for_field:
            email = request.user.email
        return Response(
            {
                "known": known,
                "email": email,
                "queries": [len(for_key), len(for_field)],
                "is_the_shops_own": type(request.user) is User,
                "has_device": user_has_device(request.user),
                "hasher": request.user.password.partition("$")[0],
                "methods": request.auth.methods,
            }
        )


@extend_schema(exclude=True)
class BusyView(APIView):
    """A view that hands on a refusal of ours, to DRF's own handler."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request):
        raise Refused(TooManyAttempts(retry_after=30))
