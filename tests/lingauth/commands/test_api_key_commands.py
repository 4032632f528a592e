"""Making, listing, replacing and revoking API keys from a shell."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management.base import CommandError

from lingauth.core import clock
from lingauth.models import ApiKey, Backend, Event
from lingauth.services.access import key_digest
from tests.lingauth.commands.conftest import Run

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def listed(run: Run, *options: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(run("list_api_keys", "acme", "--json", *options))
    return rows


def printed(text: str) -> dict[str, str]:
    return dict(line.rsplit(None, 1) for line in text.splitlines())


def test_a_key_is_made_and_printed_once(run: Run, acme: Backend) -> None:
    shown = printed(run("create_api_key", "acme", "--role", "service", "--label", "CI"))
    key = ApiKey.objects.get(pk=shown["id"])
    assert key.digest == key_digest(shown["service_key"])
    assert (key.label, key.value) == ("CI", "")
    assert shown["service_key"] not in run("list_api_keys", "acme")
    assert Event.objects.get(kind="api_key_created").actor_kind == "system"


def test_a_list_tells_what_works_and_when_it_was_used(run: Run, acme: Backend) -> None:
    anon = ApiKey.objects.get(role="anon")
    ApiKey.objects.filter(pk=anon.pk).update(last_used_at=clock.now())
    rows = {row["role"]: row for row in listed(run)}
    assert rows["anon"]["key"] == anon.value
    assert rows["anon"]["last used"]
    assert rows["service"]["key"].startswith("lk_service_…")
    assert (rows["service"]["last used"], rows["service"]["ends"]) == (None, None)
    lines = run("list_api_keys", "acme")
    assert anon.value in lines
    assert "last used  -" in lines


def test_a_successor_lets_the_old_key_work_for_a_while(run: Run, acme: Backend) -> None:
    old = ApiKey.objects.get(role="service")
    with time_machine.travel(clock.now(), tick=False) as moved:
        run("create_api_key", "acme", "--replaces", str(old.pk), "--overlap", "90m")
        assert len(listed(run)) == 3
        moved.shift(timedelta(minutes=90))
        assert old.pk not in [row["id"] for row in listed(run)]
        [gone] = [row for row in listed(run, "--all") if row["id"] == old.pk]
        assert gone["works"] == "no"


def test_a_revoked_key_is_gone_at_once(run: Run, acme: Backend) -> None:
    old = ApiKey.objects.get(role="service")
    assert old.hint in run("revoke_api_key", "acme", str(old.pk))
    assert [row["role"] for row in listed(run)] == ["anon"]
    with pytest.raises(CommandError, match="no such API key"):
        run("revoke_api_key", "acme", str(old.pk))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "one of the arguments --role --replaces is required"),
        (("--role", "root"), "invalid choice"),
        (("--role", "anon", "--replaces", "1"), "not allowed with"),
        (("--role", "anon", "--overlap", "1h"), "--overlap goes with --replaces"),
        (("--replaces", "99999"), "no such API key"),
        (("--replaces", "99999", "--overlap", "soon"), "such as 15m or 7d"),
        (("--replaces", "99999", "--label", "x"), "keeps the label"),
    ],
)
def test_what_cannot_be_is_said(
    run: Run, acme: Backend, arguments: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        run("create_api_key", "acme", *arguments)
    assert ApiKey.objects.count() == 2
