"""What the pages about the clients show is run, with the published clients, as one story a page."""

from __future__ import annotations

import json
import os
import re
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from supabase_auth import _async, _sync

from tests.clients.authenticator import Authenticator
from tests.clients.conftest import Site
from tests.clients.mailbox import Mailbox
from tests.clients.people import NEW_PASSWORD, PASSWORD, address
from tests.clients.results import JS
from tests.tooling.test_docs import blocks

pytestmark = pytest.mark.clients


def bound(code: str, values: dict[str, str]) -> str:
    """The page's example values replaced by the ones that exist here."""
    for name, value in values.items():
        code = re.sub(rf'^((?:const )?{name} = )"[^"]*"', rf'\g<1>"{value}"', code, flags=re.M)
    return code


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds, which the page's clients wait, are little for a password on a busy machine."""
    for api, client in ((_sync.gotrue_base_api, "Client"), (_async.gotrue_base_api, "AsyncClient")):
        monkeypatch.setattr(api, client, partial(getattr(httpx, client), timeout=30))


def test_use_it_from_python(site: Site, patient: None) -> None:
    backend = site.backends["docs"]
    mailbox, email = Mailbox(site.mail), address()
    authenticator = Authenticator("")
    shown: list[Any] = []

    def ask(what: str) -> str:
        if "mail" in what:
            return mailbox.to(email, "code: ").code
        if made := getattr(names["factor"], "totp", None):
            authenticator.secret = made.secret  # scanned
        return authenticator.code()

    names: dict[str, Any] = {
        "email": email,
        "password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "other_email": address(),
        "SERVICE_KEY": backend["service_key"],
        "ask": ask,
        "show": lambda *things: shown.extend(things),
    }
    here = {"URL": backend["url"], "ANON_KEY": backend["anon_key"]}
    page = "docs/use-it-from-python.md"
    for language, code in blocks(page):
        assert language == "python"
        exec(compile(bound(code, here), page, "exec"), names)
    assert [thing for thing in shown if thing in ("invalid_credentials", "aal2", email)] == [
        "invalid_credentials",
        "aal2",
        email,
    ]


def test_use_supabase_js(site: Site) -> None:
    told = run("docs/use-supabase-js.md", site, "docs")
    assert [error for error in told["errors"] if error] == ["mfa_required"]
    assert len(told["errors"]) > 10
    assert {"enroll", "signed in", True} <= {
        thing for thing in told["shown"] if not isinstance(thing, list)
    }


def test_add_mfa_to_your_app(site: Site, sdk: Path) -> None:
    told = run("docs/add-mfa-to-your-app.md", site, "sdk", {'"lingauth"': f'"{sdk}"'})
    assert [error for error in told["errors"] if error] == ["mfa_required"]
    assert len(told["errors"]) > 5
    [picture, notes, codes, next_step, factors] = told["shown"]
    assert picture.startswith("data:image/svg+xml")
    assert (notes, len(codes), next_step, factors) == ([], 10, "challenge", ["Authenticator app"])


def run(page: str, site: Site, ref: str, packages: dict[str, str] | None = None) -> dict[str, Any]:
    """Run the JavaScript of a page. Each block is a scope of its own, after which an error that it
    asked for is noted; ``packages`` are found in other places here."""
    backend = site.backends[ref]
    here = {"url": backend["url"], "anonKey": backend["anon_key"]}
    program = 'import "./support/page.mjs";\n'
    for language, code in blocks(page):
        if language == "sh":
            continue
        assert language == "js"
        for name, place in (packages or {}).items():
            code = code.replace(name, place)
        noted = "after(error);" if re.search(r"^const \{.*\berror \}", code, re.M) else ""
        program += bound(code, here) if "import " in code else f"{{\n{code}{noted}\n}}\n"
    done = subprocess.run(
        ["node", "--input-type=module", "-"],
        cwd=JS,
        env=os.environ | {"LINGAUTH_CLIENTS": str(site.file)},
        input=f"{program}finish();\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
