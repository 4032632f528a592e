"""What the documentation shows is what happens: its commands are run, its code is in use."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from lingauth.models import ApiKey, Event, SigningKey
from lingauth.services.backends import create_backend
from lingauth.services.context import Actor
from tests.conftest import StartServer

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "tests" / "host" / "site"


def blocks(name: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page, in order: language and text."""
    text = (ROOT / name).read_text()
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.once
def test_the_quickstart_does_what_it_says(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    [anon] = re.findall(r"lk_anon_\S+(?=\n)", server.manage("seed_demo"))
    steps = blocks("docs/quickstart.md")
    # Only what differs from machine to machine is put in: the address, the key, the code.
    bindings = {
        "URL": f"{server.url}/b/demo",
        "ANON": anon,
        "CODE": '$(python3 -c "$MAKE_CODE" < factor.json)',
    }
    make_code = f"import json, sys; sys.path.insert(0, {str(ROOT)!r}); " + (
        "from tests.support.totp import code_for; "
        "print(code_for(json.load(sys.stdin)['totp']['secret']))"
    )
    script, shown = "set -e\n", []
    for language, text in steps:
        if language == "sh":
            text = "\n".join(_bound(line, bindings) for line in text.splitlines())
            text = text.replace(".venv/bin/python manage.py", '"$PYTHON" "$ROOT/manage.py"')
            script += f"{text}\necho '<<end>>'\n"
        elif language in ("json", "text"):
            shown.append((script.count("<<end>>") - 1, language, text))
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ
        | server.environment
        | {"PYTHON": sys.executable, "ROOT": str(ROOT), "MAKE_CODE": make_code},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    printed = done.stdout.split("<<end>>\n")
    assert len(shown) >= 5
    for index, language, expected in shown:
        expected = expected.replace("http://127.0.0.1:8000", server.url)
        if language == "json":
            assert json.loads(printed[index]) == json.loads(expected)
        else:
            assert printed[index].splitlines()[-1] == expected.strip()


@pytest.mark.once
@pytest.mark.django_db
def test_the_commands_about_keys_do_what_is_said() -> None:
    """Each one of the page, in its order; ``ID`` and ``KID`` are what the lists print."""
    create_backend(ref="demo", name="Demo", actor=Actor.system("tests"))
    manage = re.compile(r"^ *\.venv/bin/python manage\.py (.+)$", re.MULTILINE)
    commands = manage.findall("\n".join(sh("docs/keys.md")))
    assert len(commands) == 8
    for command in commands:
        keys = ApiKey.objects.filter(role="service", revoked_at=None, expires_at=None)
        newest = keys.order_by("pk").last()
        kid = SigningKey.objects.filter(revoked_at=None).latest("activates_at").kid
        words = [
            {"ID": str(newest.pk if newest else 0), "KID": kid}.get(word, word)
            for word in shlex.split(command)
        ]
        printed = StringIO()
        call_command(*words, stdout=printed)
        assert printed.getvalue().strip(), command
    assert Event.objects.filter(kind="api_key_revoked").count() == 2
    assert Event.objects.filter(kind="keys_rotated").count() == 2


def sh(name: str) -> list[str]:
    """The shell blocks of a page, those inside of lists too."""
    text = (ROOT / name).read_text()
    return re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", ["docs/protect-a-drf-view.md", "docs/install-into-an-existing-project.md"]
)
def test_python_on_these_pages_is_the_host_projects(page: str) -> None:
    """The tests in ``tests/host`` run that project; a block names its file in its first line."""
    named = [text for language, text in blocks(page) if language == "python"]
    assert named
    for text in named:
        first, _, code = text.partition("\n")
        file = SITE / first.removeprefix("# ")
        whole = _squeezed(file.read_text())
        for part in re.split(r"^ *(?:# )?…$\n?", code, flags=re.MULTILINE):
            assert _squeezed(part) in whole, f"{page}: {part}"


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/*.md"))]
)
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text()
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text):
        if "://" not in link:
            assert (ROOT / page).parent.joinpath(link).exists(), link


def test_each_command_of_the_makefile_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"(?:`|\$ )make ([a-z][\w-]*)", (ROOT / page).read_text()))
        assert named <= targets


def _bound(line: str, bindings: dict[str, str]) -> str:
    """An assignment of one of the names, with the value it has here."""
    name = line.partition("=")[0]
    return f'{name}="{bindings[name]}"' if name in bindings else line


def _squeezed(code: str) -> str:
    """Without what a page may leave out: indentation at the block's edges, blank lines."""
    return "\n".join(line.strip() for line in code.splitlines() if line.strip())
