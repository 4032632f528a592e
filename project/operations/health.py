"""``/healthz``: this process answers. ``/readyz``: it can also do its work.

Load balancers ask by an address and a scheme that are not the site's, so these are answered before
any middleware that looks at either. They are nobody's data and need no login.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from lingauth import keyring

log = logging.getLogger("lingauth.health")


class HealthMiddleware:
    """Answers both addresses itself; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = _PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(("GET", "HEAD"))
        response = probe()
        response.headers["Cache-Control"] = "no-store"
        return response


def healthz() -> HttpResponse:
    """200 as long as a thread of this process is free to say so."""
    return JsonResponse({"status": "alive"})


def readyz() -> HttpResponse:
    """200, or 503 with the first check that failed; those behind it were not made."""
    told: dict[str, str] = {}
    failed = False
    for name, check in _CHECKS.items():
        if failed:
            told[name] = "not_checked"
            continue
        try:
            check()
        except Exception as error:  # whatever it is, this process is not ready
            failed = True
            log.warning("Not ready: %s (%s)", name, type(error).__name__)
        told[name] = "failed" if failed else "ok"
    body = {"status": "not_ready" if failed else "ready", "checks": told}
    return JsonResponse(body, status=503 if failed else 200)


def _database() -> None:
    """Ask it something. A connection that died since it was used last is no database that did."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        _ask()
    except (DatabaseError, InterfaceError):
        connection.close()
        _ask()


def _ask() -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


class MigrationsMissing(Exception):
    """The code is newer than the tables."""


def _migrations() -> None:
    """Every migration of this code is applied. More may be: a newer release is being rolled out."""
    applied = MigrationRecorder(connections[DEFAULT_DB_ALIAS]).applied_migrations()
    if _ours() - applied.keys():
        raise MigrationsMissing


@cache
def _ours() -> frozenset[tuple[str, str]]:
    """The migrations that came with this code. Read from disk once."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


_CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "signing_key": keyring.open_newest,
}
_PROBES: dict[str, Callable[[], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz}
