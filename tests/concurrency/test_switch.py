"""The switch is immediate, under load and on every process, and touches nobody else (promise 1)."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from lingauth.services import policy
from lingauth.services.backends import NewBackend
from project.demo.models import Note
from tests.concurrency.wire import Wire, app_of
from tests.support.app import App
from tests.support.people import ACTOR, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

THREADS_PER_WORKER = 4  # granian's --blocking-threads in project.run
FLIPS = 3
ENOUGH = 3
"""Answers that each client gets before the switch is moved again."""
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: when it began and ended, and what came of it."""

    began: float
    ended: float
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of the switch: when it was asked for, and when the call returned."""

    on: bool
    asked: float
    done: float


class Loop(Thread):
    """One client that asks for data as fast as it gets answers."""

    def __init__(self, app: App, stop: Event, **options: Any) -> None:
        super().__init__(daemon=True)
        self.app, self.stop, self.options = app, stop, options
        self.seen: list[Seen] = []
        self.accident: Exception | None = None

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                began = time.monotonic()
                answer = self.app.data("GET", "notes?select=id,title", **self.options)
                ended = time.monotonic()
                self.seen.append(Seen(began, ended, answer.status_code, answer.content))
        except Exception as accident:
            self.accident = accident


def flip(live: NewBackend, on: bool) -> Flip:
    asked = time.monotonic()
    mode = "required" if on else "optional"
    policy.change(backend_id=live.backend.pk, changes={"mfa_mode": mode}, actor=ACTOR)
    return Flip(on, asked, time.monotonic())


def between(seen: list[Seen], begin: float, end: float) -> list[Seen]:
    return [one for one in seen if begin <= one.began and one.ended <= end]


def test_no_request_that_begins_after_the_switch_is_served_below_aal2(
    live: NewBackend, wire: Wire
) -> None:
    bare = Person.sign_up(live.backend)
    enrolled = Person.sign_up(live.backend).enrol()
    low = enrolled.sign_in()
    Note.objects.create(
        backend=live.backend, owner=bare.account, title="For everybody", is_public=True
    )
    stop = Event()
    without = [Loop(app_of(wire, live.anon_key, bare), stop) for _ in range(4)]
    below = [
        Loop(app_of(wire, live.anon_key, enrolled, access_token=low.access_token), stop)
        for _ in range(4)
    ]
    proven = [Loop(app_of(wire, live.anon_key, enrolled), stop) for _ in range(4)]
    anonymous = [Loop(app_of(wire, live.anon_key, bare), stop, anonymous=True) for _ in range(4)]
    everybody = without + below + proven + anonymous
    for loop in everybody:
        loop.start()
    flips: list[Flip] = []
    for on in (True, False) * FLIPS:
        flips.append(flip(live, on))
        _let_run(everybody, since=flips[-1].done)
    processes = _database_clients()
    end = time.monotonic()
    stop.set()
    for loop in everybody:
        loop.join(20)
        assert loop.accident is None, loop.accident

    assert processes > THREADS_PER_WORKER, "one process answered everything: this proves nothing"
    for loop in anonymous:
        assert len({(one.status, one.body) for one in loop.seen}) == 1
        assert loop.seen[0].status == 200
    assert b"For everybody" in anonymous[0].seen[0].body
    for loop in proven:
        assert {one.status for one in loop.seen} == {200}
    for loops, step in ((without, b'"enroll"'), (below, b'"challenge"')):
        seen = [one for loop in loops for one in loop.seen]
        for this, following in zip(flips, [*flips[1:], None], strict=True):
            until = following.asked if following else end
            after = between(seen, this.done, until)
            assert len(after) >= ENOUGH * len(loops)
            assert {one.status for one in after} == {403 if this.on else 200}, Counter(
                one.status for one in after
            )
            assert not this.on or all(step in one.body for one in after)


def _let_run(loops: list[Loop], *, since: float) -> None:
    """Wait until every client began and ended some requests after this moment."""
    give_up = time.monotonic() + PATIENCE
    while any(len(between(loop.seen, since, give_up)) < ENOUGH for loop in loops):
        assert time.monotonic() < give_up, [loop.accident for loop in loops]
        time.sleep(0.05)


def _database_clients() -> int:
    """Connections of the server: each thread of each process keeps one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])
