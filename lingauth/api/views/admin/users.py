"""A backend's accounts, for its servers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth import tokens
from lingauth.api import render
from lingauth.api.shapes_admin import AdminUserBody, DeleteUserBody
from lingauth.api.views.admin.base import AdminView, no_phone, path_id
from lingauth.services.admin import deleting, listing, users
from lingauth.services.admin.listing import UserPage
from lingauth.services.admin.values import Given


class UsersView(AdminView):
    """List accounts; make one."""

    def get(self, request: Request, ref: str) -> Response:
        backend = self.by(request).backend
        query = request.query_params
        page = listing.page(
            backend=backend,
            number=query.get("page", ""),
            size=query.get("per_page", ""),
            filter=query.get("filter", ""),
            sort=query.get("sort", ""),
        )
        rows = [render.user(profile) for profile in page.profiles]
        response = Response({"users": rows, "aud": "authenticated"})
        response["X-Total-Count"] = str(page.total)
        kept = {name: value for name in ("filter", "sort") if (value := query.get(name))}
        response["Link"] = _links(f"{tokens.issuer_of(ref)}/admin/users", page, kept)
        return response

    def post(self, request: Request, ref: str) -> Response:
        by = self.by(request)
        made = users.create(by=by, given=_given(self.body(request, AdminUserBody)))
        return Response(render.user(made))


class UserView(AdminView):
    """One account: read, change, delete."""

    def get(self, request: Request, ref: str, user_id: str) -> Response:
        backend = self.by(request).backend
        found = users.get(backend=backend, account_uuid=path_id(user_id, "user_id"))
        return Response(render.user(found))

    def put(self, request: Request, ref: str, user_id: str) -> Response:
        by = self.by(request)
        account_uuid = path_id(user_id, "user_id")
        given = _given(self.body(request, AdminUserBody))
        return Response(render.user(users.update(by=by, account_uuid=account_uuid, given=given)))

    def delete(self, request: Request, ref: str, user_id: str) -> Response:
        by = self.by(request)
        account_uuid = path_id(user_id, "user_id")
        soft = self.body(request, DeleteUserBody).get("should_soft_delete")
        deleting.delete(by=by, account_uuid=account_uuid, soft=bool(soft))
        return Response({})


def _given(body: dict[str, Any]) -> Given:
    no_phone(body.get("phone"))
    return Given(**{name: body.get(name) for name in Given.__dataclass_fields__})


def _links(url: str, page: UserPage, kept: dict[str, str]) -> str:
    """``Link`` (RFC 8288). The clients read what follows the first ``=``, so ``page`` comes first,
    and they would trip over an entry without one, so the last page is always named."""

    def entry(number: int, rel: str) -> str:
        query = urlencode({"page": number, "per_page": page.size, **kept})
        return f'<{url}?{query}>; rel="{rel}"'

    entries = [entry(page.number + 1, "next")] if page.number < page.last else []
    return ", ".join([*entries, entry(page.last, "last")])
