"""The host project, made as its owner would: a venv, the wheel, migrations, commands, a server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import uv
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.support.plugin import DATABASE
from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(__file__).parent / "site"


@dataclass
class Shop:
    """The project in its own directory and venv. It sees of LingAuth only the wheel."""

    home: Path
    environment: dict[str, str]
    url: str

    @property
    def python(self) -> str:
        return str(self.home / "venv" / "bin" / "python")

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """A command of the project; what it printed, warnings included. Fails with all of it."""
        return self.run("manage.py", *arguments, stdin=stdin)

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Its Python; the rest as ``manage``."""
        done = subprocess.run(
            [self.python, *arguments],
            cwd=self.home / "site",
            env=self.environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def post(self, path: str, body: Any = None, token: str = "") -> httpx.Response:
        return httpx.post(self.url + path, json=body or {}, headers=_bearer(token), timeout=30)

    def get(self, path: str, token: str = "") -> httpx.Response:
        return httpx.get(self.url + path, headers=_bearer(token), timeout=30)

    def auth(self, path: str, body: Any = None, token: str = "") -> Any:
        """A call of the auth API that has to succeed; its answer."""
        answer = self.post(f"/b/shop/auth/v1/{path}", body, token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sign_in(self, email: str, password: str) -> Any:
        return self.auth("token?grant_type=password", {"email": email, "password": password})


def built(directory: Path) -> Path:
    """The wheel of this very checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [file] = directory.glob("*.whl")
    return file


def installed(wheel: Path, home: Path) -> Shop:
    """The project with the wheel in its venv. What LingAuth depends on is this environment's, so
    that nothing is downloaded."""
    shutil.copytree(SITE, home / "site")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = home / "venv" / "lib" / version / "site-packages"
    (packages / "dependencies.pth").write_text(get_path("purelib") + "\n")
    install = ["pip", "install", "--offline", "--no-deps", "--quiet"]
    python = ["--python", str(home / "venv" / "bin" / "python")]
    subprocess.run([uv.find_uv_bin(), *install, *python, str(wheel)], check=True, timeout=120)
    clean = ("LINGAUTH_", "DJANGO_", "DATABASE_", "PYTHON", "PYTEST_", "VIRTUAL_ENV")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(clean)}
    if DATABASE in os.environ:
        environment["SHOP_POSTGRES"] = json.dumps(_database(os.environ[DATABASE]))
    return Shop(home, environment, f"http://127.0.0.1:{free_port()}")


@contextmanager
def served(shop: Shop) -> Iterator[None]:
    """The project's server, with two worker processes."""
    log = (shop.home / "server.log").open("wb")
    process = subprocess.Popen(
        [
            *(shop.python, "-m", "granian", "--interface", "wsgi", "--workers", "2"),
            *("--blocking-threads", "4", "--port", shop.url.rpartition(":")[2]),
            "shop.wsgi:application",
        ],
        cwd=shop.home / "site",
        env=shop.environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait_for(shop.url + "/b/shop/auth/v1/health")
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)
        log.close()


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(url, timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer")


def _database(url: str) -> dict[str, str]:
    """A database of the project's own on the suite's server, as Django's settings name it."""
    name = f"shop_{uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    parts = conninfo_to_dict(url)
    given = {
        key.upper(): str(parts[key]) for key in ("host", "port", "user", "password") if key in parts
    }
    return given | {"NAME": name}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
