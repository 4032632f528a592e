"""Who makes the calls: nobody, an app, its users at both levels, and a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from lingauth import keyring
from lingauth.core import clock
from lingauth.services.backends import NewBackend
from tests.lingauth.api.people import app_of, create
from tests.support.app import App

CALLERS = ("nobody", "app", "aal1", "aal2", "server")


@dataclass(frozen=True)
class World:
    """A backend, and what each caller sends along."""

    made: NewBackend
    headers: dict[str, dict[str, str]]


@contextmanager
def world() -> Iterator[World]:
    """Everything is made once, at a time that stands still, and is undone in the end."""
    keyring.forget()
    with (
        undone(),
        _connected(),
        time_machine.travel(clock.now() + timedelta(seconds=1), tick=False),
    ):
        made = create("acme")
        key = {"apikey": made.anon_key}
        service = {"apikey": made.service_key, "Authorization": f"Bearer {made.service_key}"}
        headers: dict[str, dict[str, str]] = {"nobody": {}, "app": key, "server": service}
        for level in ("aal1", "aal2"):
            app = app_of(made)
            app.sign_up(f"{level}@example.com")
            if level == "aal2":
                _reach_aal2(app)
            token = app.session["access_token"]
            headers[level] = key | {"Authorization": f"Bearer {token}"}
        with _connected():
            yield World(made, headers)
    keyring.forget()


def _reach_aal2(app: App) -> None:
    app.reach_aal2(clock.now().timestamp() - 30)
    assert app.auth("POST", "factors/recovery-codes").status_code == 200


@contextmanager
def _connected() -> Iterator[None]:
    """A request's end closes no connection, as in Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is rolled back: no call meets what another left, be it a lock or the end
    of its session. Marked as a test's own, which ``durable`` transactions may be in."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's TestCase does
    with block:
        yield
        transaction.set_rollback(True)
