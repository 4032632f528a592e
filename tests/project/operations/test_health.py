"""Whether the process is there, and whether it can work: told to anybody, and telling nothing."""

from __future__ import annotations

import json
import logging

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lingauth.services.backends import NewBackend
from project.operations import health

READY = {"database": "ok", "migrations": "ok", "signing_key": "ok"}


def test_health_needs_no_database() -> None:
    """This test may use none: pytest-django refuses every statement."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_it_is_ready_with_its_tables_and_keys(
    made: NewBackend, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    health._ours()
    with django_assert_max_num_queries(4):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": READY})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_site_without_a_backend_is_ready() -> None:
    assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_database_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down() -> None:
        raise OperationalError("connection to db.internal failed for user admin")

    monkeypatch.setattr(health, "_ask", down)
    with caplog.at_level(logging.WARNING, "lingauth.health"):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer["Cache-Control"] == "no-store"
    checks = {"database": "failed", "migrations": "not_checked", "signing_key": "not_checked"}
    assert answer.json() == {"status": "not_ready", "checks": checks}
    told = [record.getMessage() for record in caplog.records if record.name == "lingauth.health"]
    assert told == ["Not ready: database (OperationalError)"]
    assert "admin" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_is_not_a_database_that_did() -> None:
    """As after a restart of PostgreSQL, in each thread that had a connection."""
    connection.ensure_connection()
    connection.connection.close()
    assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_migration_that_is_missing(made: NewBackend) -> None:
    MigrationRecorder(connection).record_unapplied("lingauth", "0001_initial")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    checks = {"database": "ok", "migrations": "failed", "signing_key": "not_checked"}
    assert answer.json()["checks"] == checks


@pytest.mark.django_db
def test_tables_of_a_newer_release_are_no_trouble(made: NewBackend) -> None:
    MigrationRecorder(connection).record_applied("lingauth", "9999_of_tomorrow")
    assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_secret_key_that_is_another(made: NewBackend, settings: Settings) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "SECRET_KEYS": ["another-root-secret-" * 2]}
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == READY | {"signing_key": "failed"}
    assert "another" not in json.dumps(answer.json())


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_come_by_any_host_and_scheme(path: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert Client().head(path).status_code == 200
    refused = Client().post(path)
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["healthz", "readyz", "metrics"])
def test_they_are_not_below_a_backend(made: NewBackend, path: str, metrics_on: None) -> None:
    for below in (f"/b/acme/{path}", f"/b/acme/auth/v1/{path}", f"/backends/{path}", f"/{path}/"):
        answer = Client().get(below)
        assert answer.status_code in (302, 303, 404), below
