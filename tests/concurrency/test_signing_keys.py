"""Signing keys change under load without one failed request; a leaked one is dead on every node."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import jwt
import pytest
from django.db import connection

from lingauth.models import SigningKey
from lingauth.services import keys
from lingauth.services.backends import NewBackend
from tests.concurrency.together import together
from tests.concurrency.wire import Wire, app_of
from tests.support.app import App
from tests.support.people import ACTOR, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

CLIENTS = 4
THREADS_PER_WORKER = 4  # granian's --blocking-threads in project.run
SOON = timedelta(seconds=1)
PATIENCE = 20


class Client(Thread):
    """Reads data, refreshes, and checks each new token by the published keys, over and over.

    ``first`` is a token from before everything; it has to be good all the time.
    """

    def __init__(self, app: App, stop: Event) -> None:
        super().__init__(daemon=True)
        self.app, self.stop, self.first = app, stop, app.session["access_token"]
        self.published: dict[str, Any] = {}
        self.kids: list[str] = []
        self.failures: list[object] = []
        self.requests = 0

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.expect("read", self.app.data("GET", "notes?select=id"))
                self.expect("old read", self.app.data("GET", "notes?select=id", token=self.first))
                self.app.session = self.expect("refresh", self.app.refresh()).json()
                self.verify(self.app.session["access_token"])
        except Exception as accident:
            self.failures.append(accident)

    def expect(self, what: str, answer: Any) -> Any:
        self.requests += 1
        if answer.status_code != 200:
            self.failures.append((what, answer.status_code, answer.content))
        return answer

    def verify(self, token: str) -> None:
        """As a server does that trusts the key list, and reads it again for a key it misses."""
        kid = jwt.get_unverified_header(token)["kid"]
        if kid not in self.published:
            answer = self.expect("keys", self.app.auth("GET", ".well-known/jwks.json"))
            self.published = {key["kid"]: jwt.PyJWK(key) for key in answer.json()["keys"]}
        key = self.published[kid].key
        jwt.decode(token, key, algorithms=["ES256"], audience="authenticated")
        self.kids.append(kid)


def test_a_rotation_under_load_fails_no_request(
    live: NewBackend, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First one that is announced, then one that takes over at once."""
    monkeypatch.setattr(keys, "JWKS_LIFE", SOON)
    stop = Event()
    clients = [
        Client(app_of(wire, live.anon_key, Person.sign_up(live.backend)), stop)
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    [first] = [row["kid"] for row in keys.jwks(backend=live.backend)["keys"]]
    _until_all_met(clients, first)
    announced = keys.rotate(backend=live.backend, actor=ACTOR).kid
    _until_all_met(clients, announced)
    at_once = keys.rotate(backend=live.backend, actor=ACTOR, now=True).kid
    _until_all_met(clients, at_once)
    processes = _database_clients()
    stop.set()
    for client in clients:
        client.join(PATIENCE)

    assert [failure for client in clients for failure in client.failures] == []
    assert processes > THREADS_PER_WORKER, "one process answered everything: this proves nothing"
    assert sum(client.requests for client in clients) > 20 * CLIENTS
    for client in clients:
        order = list(dict.fromkeys(client.kids))
        assert [kid for kid in order if kid in (announced, at_once)] == [announced, at_once]


def test_a_revoked_signing_key_is_dead_at_the_next_request_on_every_process(
    live: NewBackend, wire: Wire
) -> None:
    person = Person.sign_up(live.backend)
    app = app_of(wire, live.anon_key, person)
    read = partial(app.data, "GET", "notes?select=id")
    for _ in range(3):  # until every thread of both processes has the key in memory
        assert {outcome.value.status_code for outcome in together([read] * 16)} == {200}
    assert _database_clients() > THREADS_PER_WORKER

    leaked = SigningKey.objects.get(backend=live.backend).kid
    keys.revoke(backend=live.backend, kid=leaked, actor=ACTOR)
    for _ in range(3):
        assert {outcome.value.status_code for outcome in together([read] * 16)} == {401}

    app.session = app.refresh().json()
    assert jwt.get_unverified_header(app.session["access_token"])["kid"] != leaked
    assert {outcome.value.status_code for outcome in together([read] * 16)} == {200}


def _until_all_met(clients: list[Client], kid: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not all(kid in client.kids for client in clients):
        failures = [failure for client in clients for failure in client.failures]
        assert not failures, failures
        assert time.monotonic() < give_up, "No token of that key came to everybody."
        time.sleep(0.02)


def _database_clients() -> int:
    """Connections of the server: each thread of each process keeps one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])
