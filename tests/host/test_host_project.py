"""A project that is not ours installs the built wheel: its own user model, its own views.

``site/`` is that project. It is copied out of the repository and sees of LingAuth only the wheel.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.servers import free_port
from tests.support.totp import code_for

ROOT = Path(__file__).resolve().parents[2]
ANA, PASSWORD = "ana@example.com", "correct horse battery"
ENROLL = {"factor_type": "totp"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [file] = built.glob("*.whl")
    return file


@dataclass
class Shop:
    """The host project, running."""

    directory: Path
    environment: dict[str, str]
    url: str

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def post(self, path: str, body: Any = None, token: str = "") -> httpx.Response:
        return httpx.post(self.url + path, json=body or {}, headers=_bearer(token), timeout=30)

    def get(self, path: str, token: str = "") -> httpx.Response:
        return httpx.get(self.url + path, headers=_bearer(token), timeout=30)

    def sign_in(self) -> dict[str, Any]:
        body = {"email": ANA, "password": PASSWORD}
        answer = self.post("/b/shop/auth/v1/token?grant_type=password", body)
        assert answer.status_code == 200, answer.text
        grant: dict[str, Any] = answer.json()
        return grant


@pytest.fixture(scope="module")
def shop(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    home = tmp_path_factory.mktemp("shop")
    directory, library = home / "site", home / "library"
    shutil.copytree(Path(__file__).parent / "site", directory)
    with zipfile.ZipFile(wheel) as archive:  # what an installer does with a pure wheel
        archive.extractall(library)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LINGAUTH_", "DJANGO_", "DATABASE_", "PYTEST_"))
    } | {"PYTHONPATH": f"{library}{os.pathsep}{directory}"}
    shop = Shop(directory, environment, f"http://127.0.0.1:{free_port()}")
    shop.manage("makemigrations", "shop")
    shop.manage("migrate", "--verbosity", "0")
    _make_user(shop)
    shop.manage("create_backend", "shop", "--name", "Shop")
    assert shop.manage("adopt_users", "--backend", "shop").split()[:2] == ["adopted", "1"]
    made = shop.manage("create_operator", ANA, "--backend", "shop", "--role", "owner")
    assert "unchanged" in made  # she has a password here already
    with _served(shop):
        yield shop


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lingauth", "console"}
    for needed in (
        "lingauth/py.typed",
        "lingauth/migrations/0001_initial.py",
        "lingauth/static/lingauth/lingauth.css",
        "lingauth/templates/lingauth/base.html",
        "lingauth/management/commands/create_backend.py",
        "console/templates/console/base.html",
    ):
        assert needed in names


def test_the_project_runs_on_the_wheel(shop: Shop) -> None:
    code = "import lingauth, console; print(lingauth.__file__, console.__file__)"
    printed = shop.manage("shell", "--verbosity=0", "-c", code)
    assert printed.count(str(shop.directory.parent / "library")) == 2


def test_nothing_is_missing_in_its_migrations_and_settings(shop: Shop) -> None:
    shop.manage("makemigrations", "--check", "--dry-run")
    shop.manage("check", "--fail-level", "WARNING")


def test_its_own_tests_pass_with_the_helpers_for_them(shop: Shop) -> None:
    shop.manage("test", "shop")


def test_the_seed_story_with_its_own_users_and_views(shop: Shop) -> None:
    grant = shop.sign_in()
    first = grant["access_token"]
    answer = shop.get("/orders", first)
    assert answer.json() == {"customer": ANA, "level": "aal1"}
    _is_step_up(shop.post("/refunds", token=first), "enroll")
    assert shop.get("/orders").status_code == 401

    shop.manage("set_policy", "shop", "mfa_mode=required")
    _is_step_up(shop.get("/orders", first), "enroll")

    factor = shop.post("/b/shop/auth/v1/factors", ENROLL, first).json()
    code = code_for(factor["totp"]["secret"])
    verified = shop.post("/b/shop/auth/v1/mfa/verify", {"code": code}, first)
    assert verified.status_code == 200, verified.text
    second = verified.json()["access_token"]
    assert shop.get("/orders", second).json() == {"customer": ANA, "level": "aal2"}
    assert shop.post("/refunds", token=second).json() == {"refunded_to": ANA}

    refresh = {"refresh_token": verified.json()["refresh_token"]}
    path = "/b/shop/auth/v1/token?grant_type=refresh_token"
    third = shop.post(path, refresh).json()["access_token"]
    assert shop.get("/orders", third).status_code == 200
    replayed = shop.post(path, refresh)
    assert (replayed.status_code, replayed.json()["code"]) == (400, "refresh_token_already_used")
    assert shop.get("/orders", third).status_code == 401

    again = shop.sign_in()["access_token"]
    _is_step_up(shop.get("/orders", again), "challenge")
    shop.manage("set_policy", "shop", "mfa_mode=optional")
    assert shop.get("/orders", again).json()["level"] == "aal1"


def test_its_wrong_codes_are_counted_although_requests_are_transactions(shop: Shop) -> None:
    token = shop.sign_in()["access_token"]
    answers = [
        shop.post("/b/shop/auth/v1/mfa/verify", {"code": f"00000{n}"}, token) for n in range(6)
    ]
    assert [answer.status_code for answer in answers][-1] == 429
    assert answers[-1].headers["Retry-After"].isdecimal()


def test_its_pages_and_the_console_are_there(shop: Shop) -> None:
    assert shop.get("/b/shop/sign-in").status_code == 200
    console = shop.get("/backends")
    assert console.is_redirect
    assert console.headers["Location"].startswith("/backends/sign-in")


def _is_step_up(answer: httpx.Response, following: str) -> None:
    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] == "mfa_required"
    assert answer.json()["details"]["next"] == following
    assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _make_user(shop: Shop) -> None:
    code = (
        "from django.contrib.auth import get_user_model; "
        f"get_user_model().objects.create_user({ANA!r}, {PASSWORD!r})"
    )
    shop.manage("shell", "--verbosity=0", "-c", code)


@contextmanager
def _served(shop: Shop) -> Iterator[None]:
    """Two worker processes, as the host would run them."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2"),
            *("--blocking-threads", "4", "--port", shop.url.rpartition(":")[2]),
            "shop.wsgi:application",
        ],
        cwd=shop.directory,
        env=shop.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(shop.url + "/b/shop/auth/v1/health")
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(url, timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer")
