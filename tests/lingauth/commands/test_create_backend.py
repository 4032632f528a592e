from __future__ import annotations

import json

import pytest
from django.core.management.base import CommandError

from lingauth.models import ApiKey, Backend, Event
from lingauth.services.access import key_digest
from tests.lingauth.commands.conftest import Run

pytestmark = pytest.mark.django_db


def test_it_makes_a_backend_and_prints_its_keys(run: Run) -> None:
    printed = dict(
        line.split(None, 1) for line in run("create_backend", "acme", "--name", "Acme").splitlines()
    )
    assert printed["ref"] == "acme"
    assert printed["url"] == "http://127.0.0.1:8000/b/acme"
    backend = Backend.objects.get(ref="acme", name="Acme", auto_confirm=False)
    keys = {key.role: key for key in ApiKey.objects.filter(backend=backend)}
    assert keys["anon"].value == printed["anon_key"]
    assert keys["service"].digest == key_digest(printed["service_key"])
    assert keys["service"].value == ""


def test_json_is_one_object(run: Run) -> None:
    printed = json.loads(
        run("create_backend", "acme", "--name", "Acme", "--auto-confirm", "--json")
    )
    assert set(printed) == {"ref", "url", "anon_key", "service_key"}
    assert Backend.objects.get().auto_confirm


def test_it_is_in_the_events(run: Run) -> None:
    run("create_backend", "acme", "--name", "Acme")
    event = Event.objects.get(kind="backend_created")
    assert event.actor_kind == "system"


def test_a_taken_ref_is_said(run: Run, acme: Backend) -> None:
    with pytest.raises(CommandError, match="'acme' already"):
        run("create_backend", "acme", "--name", "Other")
    assert Backend.objects.get().name == "Acme"


@pytest.mark.parametrize("ref", ["Acme", "a b", "-a", "ä", "x" * 41, ""])
def test_a_bad_ref_is_said(run: Run, ref: str) -> None:
    with pytest.raises(CommandError, match="^ref: "):
        run("create_backend", f"--name={ref}", "--", ref)
    assert not Backend.objects.exists()
