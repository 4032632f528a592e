"""Permissions for DRF views: ours, and any of a host project."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from lingauth.api.exceptions import Refused
from lingauth.api.principal import Principal
from lingauth.core.errors import MfaRequired, NoAuthorization
from lingauth.services import gate

_NO_CREDENTIALS = NoAuthorization("Send an API key in the apikey header, or sign in.")


class EnforceBackendPolicy(BasePermission):
    """Follows the backend's switch *Require MFA for all signed-in users*.

    Below ``aal2`` a session is answered 403 ``mfa_required`` while the switch is on. API keys
    without a session pass: the switch is about sessions. Nothing at all is answered 401.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = _principal(request)
        if principal.me is not None:
            try:
                gate.check(me=principal.me)
            except MfaRequired as error:
                raise Refused(error) from None
        return True


class RequireAAL2(BasePermission):
    """Always asks for ``aal2``, whatever the switch says.

    ``RequireAAL2(max_age=timedelta(minutes=10))`` also asks that the code was given that recently.
    Only sessions can have a level, so API keys are refused, a service key too.
    """

    def __init__(self, max_age: timedelta | None = None) -> None:
        self.max_age = max_age

    def __call__(self) -> RequireAAL2:
        """DRF calls what stands in ``permission_classes``; an instance answers with itself."""
        return self

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = _principal(request)
        if principal.me is None:
            raise Refused(_NO_CREDENTIALS)
        try:
            gate.require_aal2(me=principal.me, max_age=self.max_age)
        except MfaRequired as error:
            raise Refused(error) from None
        return True


def _principal(request: Request) -> Principal:
    """The caller. Anything but our own authentication's answer is no caller at all."""
    if not isinstance(request.auth, Principal):
        raise Refused(_NO_CREDENTIALS)
    return request.auth
