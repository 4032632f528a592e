"""Ways in of the protocol that this product leaves out, answered in its words."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api.base import AuthView
from lingauth.core.errors import DomainError


class SsoView(AuthView):
    """SAML 2.0."""

    def post(self, request: Request, ref: str) -> Response:
        self.public(request)
        raise DomainError("SAML 2.0 is disabled", code="saml_provider_disabled", status=404)


def web3() -> DomainError:
    """``grant_type=web3``."""
    return DomainError("Web3 provider is disabled", code="web3_provider_disabled", status=422)
