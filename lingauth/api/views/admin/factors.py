"""The second factors of an account, for its backend's servers."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.shapes_admin import AdminFactorBody
from lingauth.api.views.admin.base import AdminView, no_phone, path_id
from lingauth.core.errors import ValidationFailed
from lingauth.models import RecoverySet
from lingauth.services.admin import factors


class FactorsView(AdminView):
    """The account's factors, recovery codes as one more."""

    def get(self, request: Request, ref: str, user_id: str) -> Response:
        backend = self.by(request).backend
        found = factors.list_for(backend=backend, account_uuid=path_id(user_id, "user_id"))
        return Response(render.factors(found))


class FactorView(AdminView):
    """Rename one, remove one."""

    def put(self, request: Request, ref: str, user_id: str, factor_id: str) -> Response:
        by = self.by(request)
        account_uuid = path_id(user_id, "user_id")
        factor_uuid = path_id(factor_id, "factor_id")
        body = self.body(request, AdminFactorBody)
        no_phone(body.get("phone"))
        if body.get("factor_type") not in (None, "", "totp"):
            raise ValidationFailed("A factor keeps its type.")
        renamed = factors.rename(
            by=by,
            account_uuid=account_uuid,
            factor_uuid=factor_uuid,
            name=body.get("friendly_name"),
        )
        return Response(render.factor(renamed))

    def delete(self, request: Request, ref: str, user_id: str, factor_id: str) -> Response:
        by = self.by(request)
        removed = factors.remove(
            by=by,
            account_uuid=path_id(user_id, "user_id"),
            factor_uuid=path_id(factor_id, "factor_id"),
        )
        if isinstance(removed, RecoverySet):
            return Response(render.recovery_factor(removed))
        return Response(render.factor(removed))
