"""Every statement of the hot paths finds its rows by an index, on either database.

The tables have some thousand rows and fresh statistics, and the planner is left as it is: it reads
a whole table only where no index serves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from benchmarks.site import people
from lingauth.core import clock, guesses
from lingauth.models import Event, GuessLimit
from lingauth.services import limits
from lingauth.services.backends import NewBackend
from project.demo.models import Note
from tests.support.app import PASSWORD, App
from tests.support.totp import code_for

ROWS = 1000
BIG = (
    "auth_user",
    "demo_note",
    "lingauth_account",
    "lingauth_event",
    "lingauth_guesslimit",
    "lingauth_identity",
    "lingauth_session",
    "lingauth_totpfactor",
)
"""Tables that grow with people. Backends, API keys and signing keys are few."""

Statement = tuple[str, Sequence[Any]]


@contextmanager
def collected() -> Iterator[list[Statement]]:
    """Every statement with its parameters, but transaction control."""
    seen: list[Statement] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        if sql.lstrip().split(" ", 1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            seen.append((sql, params or ()))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(keep):
        yield seen


def whole_reads(statement: Statement) -> list[str]:
    """The big tables that the plan of a statement reads from end to end."""
    sql, parameters = statement
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            return [name for name in _scanned(plan[0]["Plan"]) if name in BIG]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        steps = [str(row[3]) for row in cursor.fetchall()]
    scans = [step.split()[1] for step in steps if step.startswith("SCAN") and "INDEX" not in step]
    return [name for name in scans if name in BIG]


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield str(node["Relation Name"])
    for below in node.get("Plans", ()):
        yield from _scanned(below)


@pytest.fixture
def crowd(made: NewBackend) -> list[people.Person]:
    """Accounts with a factor, a session, a note, a counter of guesses and an event each."""
    crowd = people.make(made.backend, "person", ROWS, password=make_password(PASSWORD), aal2=True)
    now = clock.now()
    Note.objects.bulk_create(
        Note(backend=made.backend, owner=one.account, title="A note") for one in crowd
    )
    GuessLimit.objects.bulk_create(
        GuessLimit(key=limits.key_of(rule, subject, made.backend), kind=rule.kind, updated_at=now)
        for one in crowd
        for rule, subject in (
            (guesses.TOTP, f"user {one.account.user_id}"),
            (guesses.PASSWORD, one.account.email_key),
        )
    )
    Event.objects.bulk_create(
        Event(backend=made.backend, kind="signed_in", account_uuid=one.account.uuid)
        for one in crowd
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return crowd


def test_no_hot_statement_reads_a_whole_table(app: App, crowd: list[people.Person]) -> None:
    # The check itself sees one.
    assert whole_reads(("SELECT * FROM lingauth_session WHERE user_agent = %s", ["x"]))
    one = crowd[ROWS // 2]
    token = one.access_token
    note = Note.objects.get(owner=one.account)
    known = {"email": one.account.email, "password": PASSWORD}
    acts: dict[str, tuple[int, Callable[[], Any]]] = {
        "data API": (200, lambda: app.data("GET", f"notes?id=eq.{note.pk}", token=token)),
        "GET user": (200, lambda: app.auth("GET", "user", token=token)),
        "refresh": (200, lambda: app.refresh(one.refresh_token)),
        "replay": (400, lambda: app.refresh(one.refresh_token)),
        "sign-in": (200, lambda: app.auth("POST", "token?grant_type=password", known)),
        "wrong password": (
            400,
            lambda: app.auth("POST", "token?grant_type=password", known | {"password": "wrong"}),
        ),
    }
    other = crowd[0]
    body = {"code": code_for(other.secret)}
    acts["verify"] = (
        200,
        lambda: app.auth("POST", "mfa/verify", body, token=other.access_token),
    )
    acts["wrong code"] = (
        422,
        lambda: app.auth("POST", "mfa/verify", {"code": "000000"}, token=other.access_token),
    )

    found: dict[str, list[str]] = {}
    for operation, (status, act) in acts.items():
        with collected() as statements:
            answer = act()
        assert answer.status_code == status, (operation, answer.content)
        assert statements
        for statement in statements:
            for table in whole_reads(statement):
                found.setdefault(operation, []).append(f"{table}: {statement[0]}")
    assert found == {}
