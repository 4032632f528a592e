"""What the page on operating names is there, and what it shows is what happens."""

from __future__ import annotations

import io
import json
import logging
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from lingauth.models import ApiKey, Backend, Event, SigningKey
from lingauth.services.backends import create_backend
from lingauth.services.context import Actor
from lingauth.services.events import Kind
from lingauth.services.history import sealing
from lingauth.services.history.chains import anchors_in
from project.operations import health
from project.operations.json_lines import JsonLines
from tests.support.app import App
from tests.support.history import forget_seals
from tests.tooling.test_docs import ROOT, blocks, sh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
PAGE = "docs/operate.md"
TEXT = (ROOT / PAGE).read_text()


def shown(language: str) -> list[str]:
    return [text for name, text in blocks(PAGE) if name == language]


@pytest.fixture
def demo(db: None) -> Backend:
    return create_backend(ref="demo", name="Demo", actor=Actor.system("tests")).backend


@pytest.fixture
def unsealed(db: None) -> Iterator[None]:
    """What is sealed cannot be emptied after the test."""
    yield
    forget_seals()


def test_its_variables_are_read() -> None:
    named = re.findall(r"^\| `((?:LINGAUTH|PROMETHEUS)_\w+)` \|", TEXT, re.MULTILINE)
    assert len(named) == 6
    documented = (ROOT / "project" / "settings.py").read_text().split('"""')[1]
    for name in named:
        assert name in documented


def test_its_metrics_are_all_there_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))  # read at the import
    from project.operations import instruments, metrics
    from project.operations.counting import Counter, Histogram

    made: dict[str, tuple[str, ...]] = {}
    for value in vars(instruments).values():
        if isinstance(value, Counter | Histogram):
            ending = "_total" if isinstance(value, Counter) else ""
            made[value._name + ending] = tuple(value._labelnames)
    made |= {gauge.name: () for gauge in metrics.WaitingMail().collect()}
    rows = re.findall(r"^\| `(lingauth_\w+)` \|([^|]*)\|", TEXT, re.MULTILINE)
    assert {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == made
    names = {re.sub("_(count|bucket)$", "", name) for name in re.findall(r"\blingauth_\w+", TEXT)}
    # The names of routes have the same beginning.
    assert names - {"lingauth_data", "lingauth_api"} == set(made)


def test_its_kinds_of_events_are_kinds() -> None:
    selected = re.findall(r'kind=~?"([\w|]+)"', TEXT)
    told = re.search(r"^\| `kind` .*?\n\n", TEXT, re.MULTILINE | re.DOTALL)
    assert told
    rows = [row.split("|")[1] for row in told[0].splitlines()[2:] if row]
    named = {kind for row in rows for kind in re.findall(r"`(\w+)`", row)}
    assert len(named) >= 8
    assert named | {kind for part in selected for kind in part.split("|")} <= set(Kind)


def test_its_routes_are_routes() -> None:
    known = set(names(get_resolver()))
    named = set(re.findall(r"lingauth_(?:api|data|pages):\w+", TEXT))
    assert named
    assert named <= known


def names(resolver: URLResolver, space: str = "") -> list[str]:
    found: list[str] = []
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            inner = part.namespace or part.app_name
            found += names(part, f"{space}{inner}:" if inner else space)
        elif isinstance(part, URLPattern) and part.name:
            found.append(f"{space}{part.name}")
    return found


def test_its_answer_of_readyz_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_ours", lambda: frozenset({("lingauth", "9999_of_tomorrow")}))
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == json.loads(shown("json")[0])
    rows = re.findall(r"^\| `(database|migrations|signing_key)` \|", TEXT, re.MULTILINE)
    assert rows == list(answer.json()["checks"])


def test_its_log_line_has_the_members_of_one(demo: Backend, settings: Settings) -> None:
    settings.ACCESS_LOG = True
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.getLogger("lingauth.access").addHandler(handler)
    try:
        Backend.objects.update(auto_confirm=True)
        app = App("demo", ApiKey.objects.get(role="anon").value)
        app.sign_up()
        old = app.session["refresh_token"]
        app.keep(app.refresh())
        app.keep(app.refresh())
        app.refresh(old)
    finally:
        logging.getLogger("lingauth.access").removeHandler(handler)
    line = json.loads(stream.getvalue().splitlines()[-1])
    example = json.loads(shown("json")[1])
    assert list(line) == list(example)
    for name in ("level", "logger", "message", "method", "route", "backend", "status", "code"):
        assert line[name] == example[name]


def test_it_finds_what_a_request_did(demo: Backend, capsys: pytest.CaptureFixture[str]) -> None:
    [command] = sh(PAGE)
    app = App("demo", ApiKey.objects.get(role="anon").value)
    wrong = {"email": "a@example.com", "password": "not the password"}
    answer = app.auth("POST", "token?grant_type=password", wrong, anonymous=True)
    words = shlex.split(command.replace("REQUEST", answer["X-Request-Id"]))
    assert words[:2] == [".venv/bin/python", "manage.py"]
    call_command(*words[2:])
    assert "sign_in_failed refused None {'reason': 'unknown_address'}" in capsys.readouterr().out


def test_its_line_of_the_history_is_one(demo: Backend, unsealed: None) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.getLogger("lingauth.history").addHandler(handler)
    try:
        [made] = list(sealing.seal())
    finally:
        logging.getLogger("lingauth.history").removeHandler(handler)
    line = json.loads(stream.getvalue())
    example = json.loads(shown("json")[2])
    assert list(line) == list(example)
    [named] = list(anchors_in(example["message"]))
    assert (named.head.hex(), named.number) == (example["head"], example["number"])
    assert example["message"] == line["message"].replace(str(made), str(named)).replace(
        f"event {line['last_event_id']}.", f"event {example['last_event_id']}."
    )


def test_its_findings_are_those_of_the_check() -> None:
    code = (ROOT / "lingauth" / "services" / "history" / "checking.py").read_text()
    told = re.search(r"^\| it says \|.*?\n\n", TEXT, re.MULTILINE | re.DOTALL)
    assert told
    cells = [row.split("|")[1] for row in told[0].splitlines()[2:] if row]
    said = [sentence for cell in cells for sentence in re.findall("`(.+?)`", cell)]
    assert len(said) >= 8
    for sentence in said:
        end = re.sub(r"^((Event \d+|Seal \d+ of demo|demo:\S+) )?(is )?", "", sentence)
        assert end in code


def test_its_commands_are_commands(demo: Backend, unsealed: None) -> None:
    """Each one of the page, in its order; ``ID`` and ``KID`` are what the lists print."""
    commands = re.findall(r"`(?:manage\.py )?(set_policy [^`]+)`", TEXT)
    commands += re.findall(r"`manage\.py ([^`]+)`", TEXT)
    assert {command.split()[0] for command in commands} >= {
        *("create_operator", "set_policy", "list_api_keys", "revoke_api_key", "list_signing_keys"),
        *("rotate_keys", "deliver_mail", "purge", "migrate", "seal_history", "verify_history"),
    }
    call_command("create_operator", "me@example.com", "--backend", "demo", "--role", "owner")
    for command in dict.fromkeys(commands):
        key = ApiKey.objects.filter(role="service", revoked_at=None).latest("pk")
        kid = SigningKey.objects.filter(revoked_at=None).latest("activates_at").kid
        words = [{"ID": str(key.pk), "KID": kid}.get(word, word) for word in shlex.split(command)]
        if words[0] == "revoke_api_key":
            call_command("create_api_key", "demo", "--role", "service", stdout=io.StringIO())
        call_command(*words, stdout=io.StringIO())
    told = {event.kind for event in Event.objects.all()}
    assert told >= {"operator_password_reset", "policy_changed", "api_key_revoked", "keys_rotated"}
