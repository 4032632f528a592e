"""Changing LINGAUTH_SECRET_KEY while two nodes serve, in the page's three steps."""

from __future__ import annotations

import json
from time import time
from typing import cast

import pytest
from django.test import Client

from tests.concurrency.wire import Wire
from tests.conftest import StartServer
from tests.support.app import App
from tests.support.servers import LiveServer
from tests.support.totp import code_for

pytestmark = pytest.mark.once
OLD, NEW = 64 * "o", 64 * "n"


def keys(first: str, *others: str) -> dict[str, str]:
    return {"LINGAUTH_SECRET_KEY": first, "LINGAUTH_SECRET_KEY_FALLBACKS": ",".join(others)}


def on(server: LiveServer, app: App) -> App:
    """The same client, sent to that node."""
    app.http = cast(Client, Wire(server.url))
    return app


def test_nodes_that_are_a_step_apart_read_each_others_tokens(start_server: StartServer) -> None:
    """OLD | OLD NEW | NEW OLD | NEW: each beside the next, as while one node after the other
    restarts."""
    first = start_server(workers=1, environment=keys(OLD))
    made = first.manage("create_backend", "shop", "--name", "Shop", "--auto-confirm", "--json")
    app = on(first, App("shop", json.loads(made)["anon_key"]))
    app.sign_up()
    factor = app.reach_aal2()
    second = start_server(first.database_url, workers=1, environment=keys(OLD, NEW))
    third = start_server(first.database_url, workers=1, environment=keys(NEW, OLD))
    for node in (second, first, second, third, second, third):
        app.keep(on(node, app).refresh())
        assert app.auth("GET", "user").status_code == 200
    app.sign_in()
    code = code_for(app.secret, time() + 30)  # the one of now was used
    app.keep(app.challenge_and_verify(factor["id"], code))
    third.manage("reseal")
    last = start_server(first.database_url, workers=1, environment=keys(NEW))
    app.keep(on(last, app).refresh())
    assert app.auth("GET", "user").status_code == 200
    assert app.auth("DELETE", f"factors/{factor['id']}").status_code == 200


def test_a_node_that_was_left_out_would_sign_people_out(start_server: StartServer) -> None:
    """Why the new key is known everywhere before any node writes with it."""
    first = start_server(workers=1, environment=keys(OLD))
    made = first.manage("create_backend", "shop", "--name", "Shop", "--auto-confirm", "--json")
    app = on(first, App("shop", json.loads(made)["anon_key"]))
    app.sign_up()
    hasty = start_server(first.database_url, workers=1, environment=keys(NEW, OLD))
    app.keep(on(hasty, app).refresh())
    assert on(first, app).refresh().status_code == 400
