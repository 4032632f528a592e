from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from lingauth.models import Backend, Event, Provider
from lingauth.services import backends, providers
from lingauth.services.context import Actor
from lingauth.services.social import discovery
from tests.lingauth.commands.conftest import Run

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """A file with a client secret, as an editor leaves it."""
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    return str(file)


def test_it_adds_a_usual_one(run: Run, acme: Backend, secret: str) -> None:
    printed = run("set_provider", "acme", "github", "--client-id", "Iv1.1", "--secret-file", secret)
    row = Provider.objects.get()
    assert (row.kind, row.label, row.is_enabled) == ("github", "GitHub", True)
    assert providers.secret_of(row) == "s3cret"
    assert "s3cret" not in printed
    assert "http://127.0.0.1:8000/b/acme/auth/v1/callback" in printed
    assert Event.objects.get(kind="provider_changed").actor_kind == "system"


def test_it_changes_what_is_given_and_keeps_the_rest(run: Run, acme: Backend, secret: str) -> None:
    run("set_provider", "acme", "github", "--client-id", "Iv1.1", "--secret-file", secret)
    run("set_provider", "acme", "github", "--disable", "--no-trust-email")
    row = Provider.objects.get()
    assert (row.client_id, row.is_enabled, row.trusts_email) == ("Iv1.1", False, False)
    assert providers.secret_of(row) == "s3cret"


def test_it_shows_one_and_all(run: Run, acme: Backend) -> None:
    run("set_provider", "acme", "github", "--client-id", "Iv1.1")
    assert "Iv1.1" in run("set_provider", "acme", "github")
    assert run("set_provider", "acme").split() == ["github", "GitHub,", "on"]


def test_it_removes_one(run: Run, acme: Backend) -> None:
    run("set_provider", "acme", "github", "--client-id", "Iv1.1")
    run("set_provider", "acme", "github", "--remove")
    assert not Provider.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["corp", "--client-id", "x"], "issuer: an address such as"),
        (["corp", "--client-id", "x", "--issuer", "http://a.example"], "begins with https://"),
        (["github"], "no such provider"),
        (["github", "--remove"], "no such provider"),
        (["github", "--client-id", ""], "client_id"),
        (["email", "--client-id", "x"], "cannot be the name"),
        (["github", "--secret-file", "/nowhere"], "No such file"),
        (["--client-id", "x"], "Which provider"),
    ],
)
def test_a_mistake_is_said_and_changes_nothing(
    run: Run, acme: Backend, words: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run("set_provider", "acme", *words)
    assert not Provider.objects.exists()


def test_the_commands_of_the_documentation_do_what_is_said(
    run: Run,
    demo: Backend,
    secret: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(discovery, "trouble_with", lambda row: "")
    page = (Path(__file__).resolve().parents[3] / "docs" / "social-login.md").read_text()
    commands = re.findall(r"^\.venv/bin/python manage\.py (.+)$", page, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        run(*[secret if word == "secret" else word for word in shlex.split(command)])
    assert [row.name for row in providers.listed(demo)] == ["corp", "github", "google"]


@pytest.fixture
def demo(db: None) -> Backend:
    actor = Actor.system("test")
    return backends.create_backend(ref="demo", name="Demo", actor=actor).backend
