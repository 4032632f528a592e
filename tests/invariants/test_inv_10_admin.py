"""INV-10 for what the service key sends and gets: the key, passwords, hashes, links and codes."""

from __future__ import annotations

import json
import logging

import pytest
from django.core import mail

from lingauth.models import Event
from lingauth.services.backends import NewBackend
from tests.invariants.canary import Secrets, everything_stored
from tests.lingauth.api.admin.server import Server
from tests.support.hashes import BCRYPT

pytestmark = pytest.mark.django_db

PASSWORD = "canary horse battery"


def test_a_canary_is_found_nowhere(made: NewBackend, caplog: pytest.LogCaptureFixture) -> None:
    server, secrets = Server.of(made), Secrets()
    secrets.add("service key", made.service_key)
    for name, secret in (("password", PASSWORD), ("hash", BCRYPT.hash), ("hash", BCRYPT.hash[:-1])):
        secrets.add(name, secret)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("django.db.backends").setLevel(logging.INFO)
        refusals = [
            server.call("POST", "admin/users", {"email": PASSWORD, "password": PASSWORD}),
            server.call("POST", "admin/users", {"email": "a@b.c", "password_hash": PASSWORD}),
            server.call("PUT", f"admin/users/{PASSWORD}", {"password": PASSWORD}),
            server.call(
                "POST", "admin/users", {"email": "a@b.cd", "password_hash": BCRYPT.hash[:-1]}
            ),
            server.call("GET", "admin/users", headers={"apikey": made.service_key + "x"}),
            server.call("GET", "admin/users", headers={"authorization": f"x {made.service_key}"}),
        ]
        user = server.create("ann@example.com", password=PASSWORD)
        server.update(user["id"], password_hash=BCRYPT.hash)
        body = {"type": "recovery", "email": "ann@example.com"}
        link = server.call("POST", "admin/generate_link", body).json()
        secrets.add("link", link["hashed_token"])
        secrets.add("link", link["action_link"])
        secrets.add("mailed code", link["email_otp"])
        body = {"type": "signup", "email": "bob@example.com", "password": PASSWORD}
        bob = server.call("POST", "admin/generate_link", body).json()
        secrets.add("link", bob["hashed_token"])
        listed = server.call("GET", "admin/users")
        logging.getLogger("django.db.backends").setLevel(logging.NOTSET)
    for answer in refusals:
        assert answer.status_code >= 400
        assert secrets.found_in(answer.content) == set()
    assert secrets.found_in(listed.content) == set()
    assert [place for place, value in everything_stored() if secrets.found_in(value)] == []
    for event in Event.objects.all():
        assert secrets.found_in(json.dumps(event.data)) == set()
        assert secrets.found_in(event.actor_id) == set()
    assert secrets.found_in(caplog.text) == set()
    assert mail.outbox == []
