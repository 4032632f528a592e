"""What the admin views have in common."""

from __future__ import annotations

from uuid import UUID

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from lingauth.api import service_key
from lingauth.api.base import AuthView
from lingauth.core.errors import DomainError
from lingauth.services.admin.by import By
from lingauth.services.context import Actor


class AdminView(AuthView):
    """A view that asks for the backend's service key."""

    def by(self, request: Request) -> By:
        """Who acts. Raises what is wrong with the credentials; after that, what is wrong with the
        body, on routes too that look at none."""
        found = service_key.identify(request._request, self.ref)
        assert found.key is not None
        if request.method not in SAFE_METHODS:
            self._members(request)
        return By(found.backend, Actor.service(found.key), self.client(request))


def path_id(text: str, name: str) -> UUID:
    """An id of the address. Raises the contract's 404 for what is none."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise DomainError(f"{name} must be an UUID", code="validation_failed", status=404)
    return found


def no_phone(phone: str | None) -> None:
    """Raises the contract's refusal of a phone number."""
    if phone:
        raise DomainError("Phone logins are disabled", code="phone_provider_disabled")
