"""What the page *Deploy* and its files say is what happens. ``try_*.py`` has what needs nginx."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from lingauth import conf
from project import memory
from project.run import server_command
from tests.support.servers import LiveServer
from tests.tooling.test_docs import ROOT, blocks, sh

PAGE = "docs/deploy.md"
DEPLOY = ROOT / "deploy"
FILES = sorted(path.name for path in DEPLOY.iterdir())
UNITS = [name for name in FILES if name.endswith(".service")]


@pytest.mark.parametrize("name", FILES)
def test_the_page_shows_the_file(name: str) -> None:
    assert (DEPLOY / name).read_text() in [text for _, text in blocks(PAGE)]


def unit(name: str) -> dict[str, list[str]]:
    """The lines of a unit, by their key."""
    made: dict[str, list[str]] = {}
    for line in (DEPLOY / name).read_text().splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            made.setdefault(key, []).append(value)
    return made


def test_the_unit_starts_the_app_server_as_make_run_does() -> None:
    app = unit("lingauth@.service")
    _, *started = shlex.split(app["ExecStart"][0])
    _, *meant = server_command("127.0.0.1", 8000, 2)
    assert started == [{"8000": "%i"}.get(word, word) for word in meant]
    assert dict(word.split("=") for word in app["Environment"][0].split()) == memory.ENVIRONMENT


@pytest.mark.parametrize("name", UNITS)
def test_no_unit_runs_as_root_or_may_gain_rights(name: str) -> None:
    made = unit(name)
    assert made["User"] == ["lingauth"]
    assert made["NoNewPrivileges"] == ["yes"]
    assert made["ProtectSystem"] == ["strict"]


def test_more_requests_are_served_than_wait_for_a_hash() -> None:
    """So says the page: two threads are left of those in a process."""
    words = shlex.split(unit("lingauth@.service")["ExecStart"][0])
    threads = int(words[words.index("--blocking-threads") + 1])
    settings = conf.load({})
    assert threads - 2 == settings.HASH_CONCURRENCY + settings.HASH_QUEUE


def environment_of(text: str) -> dict[str, str]:
    """As a shell reads it."""
    shown = subprocess.run(
        ["sh", "-c", "set -a; . /dev/stdin; exec env -0"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    return dict(line.split("=", 1) for line in shown.stdout.split("\0") if line)


def test_the_environment_passes_the_checks_for_deployment(tmp_path: Path) -> None:
    text = (DEPLOY / "env.example").read_text().replace("KEY=''", f"KEY='{'0123456789abcdef' * 4}'")
    server = LiveServer(
        tmp_path, environment=environment_of(text) | {"LINGAUTH_VAR": str(tmp_path)}
    )
    said = server.manage("check", "--deploy", "--fail-level", "WARNING")
    assert "no issues" in said


def test_its_names_are_read() -> None:
    read = (ROOT / "project" / "settings.py").read_text()
    for name in environment_of((DEPLOY / "env.example").read_text()):
        if name != "PWD":
            assert name in read or name == "DATABASE_URL"


def test_its_timeouts_are_below_the_proxys() -> None:
    proxy = re.findall(r"proxy_read_timeout (\d+)s", (DEPLOY / "nginx.conf").read_text())
    sql = re.findall(r"statement_timeout = '(\d+)s'", (DEPLOY / "postgresql.sql").read_text())
    assert int(sql[0]) < int(proxy[0])


def test_its_commands_exist() -> None:
    """Each call of ``manage`` is one that its command's parser takes."""
    shown = "\n".join(sh(PAGE))
    called = re.findall(r"^(?!#).*(?:lingauth-manage|manage\.py) ([a-z_]+.*)", shown, re.MULTILINE)
    for name in UNITS:
        called += re.findall(r"manage\.py (.+)", unit(name)["ExecStart"][0])
    assert len(called) > 5
    for line in called:
        name, *arguments = shlex.split(line, comments=True)
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(arguments)
