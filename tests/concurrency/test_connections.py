"""A database that was away: who comes afterwards does not learn of it."""

from __future__ import annotations

import os
import time

import psycopg
import pytest
from django.db import connection
from django.test import Client

from lingauth.models import Backend
from tests.support.plugin import DATABASE

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def end_connection() -> None:
    """As a restart of the server does, or whoever looks after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with psycopg.connect(os.environ[DATABASE], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
        while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
            time.sleep(0.01)


@pytest.mark.parametrize("path", ["/b/{ref}/auth/v1/settings", "/b/{ref}/sign-in", "/readyz"])
def test_a_connection_that_was_ended_costs_no_request(
    backend: Backend, client: Client, path: str
) -> None:
    end_connection()
    assert client.get(path.format(ref=backend.ref)).status_code < 500


def test_a_connection_that_is_open_is_kept(backend: Backend, client: Client) -> None:
    connection.ensure_connection()
    kept = connection.connection
    client.get(f"/b/{backend.ref}/sign-in")
    assert connection.connection is kept
