"""The one view of the data API. The gate comes first; then permission; then everything else.

API key, token, session and level are judged in DRF's ``initial``, before a handler runs, so that
nothing here can answer a session below the level: not even whether a table exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import django.db
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.base import ApiView
from lingauth.api.parsers import LargeJSONParser
from lingauth.api.permissions import EnforceBackendPolicy
from lingauth.api.principal import Principal
from lingauth.data import dialect, reads, registry, responses, writes
from lingauth.data.callers import Caller, Role
from lingauth.data.dialect import DataError, Query
from lingauth.data.dialect.errors import shown
from lingauth.data.registry import Table
from lingauth.data.writes import Wish

VARY = ("Authorization", "apikey", "Accept", "Prefer", "Range")
FUNCTIONS = "rpc/"


class GatedView(ApiView):
    """Deny by default: every view below ``rest/v1`` is one of these."""

    authentication_classes = (BackendJWTAuthentication,)
    permission_classes = (EnforceBackendPolicy,)
    parser_classes = (LargeJSONParser,)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, VARY)
        return final


@extend_schema(exclude=True)
class TableView(GatedView):
    """Any path below ``rest/v1``: a registered table, or 404 for who may know that."""

    def get(self, request: Request, ref: str, name: str) -> HttpResponse:
        """Rows. Also answers HEAD."""
        table = _table(name)
        query, prefer, form = _asked(request, table, "Accept-Profile")
        window = dialect.ranged(request.headers.get("Range"), query.window)
        page = reads.page(table, caller_of(request), query, window, count=prefer.count)
        return responses.read(request._request, page, form, prefer)

    def post(self, request: Request, ref: str, name: str) -> HttpResponse:
        """Insert one row or several, or upsert them."""
        table, caller, wish = _permitted(request, name, "insert")
        with database_refusals():
            done = writes.insert(table, caller, wish, request.data)
        return responses.written(request._request, table, done, wish)

    def patch(self, request: Request, ref: str, name: str) -> HttpResponse:
        """Change the rows that match."""
        table, caller, wish = _permitted(request, name, "update")
        with database_refusals():
            done = writes.update(table, caller, wish, request.data)
        return responses.written(request._request, table, done, wish)

    def put(self, request: Request, ref: str, name: str) -> HttpResponse:
        """Replace one row."""
        table, caller, wish = _permitted(request, name, "update")
        with database_refusals():
            done = writes.replace(table, caller, wish, request.data)
        return responses.written(request._request, table, done, wish)

    def delete(self, request: Request, ref: str, name: str) -> HttpResponse:
        """Delete the rows that match."""
        table, caller, wish = _permitted(request, name, "delete")
        with database_refusals():
            done = writes.delete(table, caller, wish)
        return responses.written(request._request, table, done, wish)


def caller_of(request: Request) -> Caller:
    """The row policies' view of who calls."""
    principal = request.auth
    if not isinstance(principal, Principal):
        raise TypeError("A gated view has a principal.")
    account = principal.me.account if principal.me else None
    return Caller(
        Role(principal.role),
        principal.backend.pk,
        account.pk if account else None,
        account.uuid if account else None,
    )


@contextmanager
def database_refusals() -> Iterator[None]:
    """What only the database can know (a host's own constraint) as a 4xx, in no table's words."""
    try:
        yield
    except django.db.IntegrityError:
        raise DataError(
            "A constraint of the table was violated", code="23000", status=409
        ) from None
    except django.db.DataError:
        raise DataError("A value does not fit its column", code="22000") from None


def _table(name: str) -> Table:
    table = registry.find(name)
    if table is not None:
        return table
    if name.startswith(FUNCTIONS):
        function = shown(name.removeprefix(FUNCTIONS))
        raise DataError(
            f"Could not find the function {dialect.SCHEMA}.{function} in the schema cache",
            code="PGRST202",
            status=404,
        )
    raise DataError(
        f"Could not find the table '{dialect.SCHEMA}.{shown(name)}' in the schema cache",
        code="PGRST205",
        status=404,
    )


def _permitted(
    request: Request, name: str, act: Literal["insert", "update", "delete"]
) -> tuple[Table, Caller, Wish]:
    """The parts of a write, if the caller may write so at all: strangers get a 401, they may sign
    in; others a 403. Nothing else of the request is looked at before."""
    table, caller = _table(name), caller_of(request)
    policy = table.policy
    judges = {
        "insert": policy.may_insert,
        "update": policy.may_update,
        "delete": policy.may_delete,
    }
    if not judges[act](caller):
        stranger = caller.role is Role.ANON
        raise DataError(
            f"permission denied for table {table.name}",
            code="42501",
            status=401 if stranger else 403,
            hint="Sign in to write." if stranger else None,
            challenge="Bearer" if stranger else None,
        )
    return table, caller, Wish(*_asked(request, table, "Content-Profile"))


def _asked(
    request: Request, table: Table, profile: str
) -> tuple[Query, dialect.Preferences, dialect.Format]:
    """The dialect's parts of a request, read. Raises ``DataError``."""
    dialect.schema(request.headers.get(profile))
    parameters = dialect.pairs(request.META.get("QUERY_STRING", ""))
    return (
        dialect.parse(table.shape, parameters),
        dialect.preferences(request.headers.get("Prefer")),
        dialect.accepted(request.headers.get("Accept")),
    )
