"""Who is measured: how each is seeded, served, and which operations it has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.database import Database
from benchmarks.environments import VAR, node_home, python_of
from benchmarks.plans import PASSWORD
from benchmarks.processes import ROOT, Server, free_port
from project import memory
from project.run import server_command

WORKERS = 2
LINGAUTH, SQLITE = "LingAuth", "LingAuth on SQLite"
BARE, DRF = "limit: bare WSGI", "limit: lean DRF"
SIMPLEJWT = "simplejwt + django-otp"
ALLAUTH, ALLAUTH_JWT = "allauth, session", "allauth, JWT"
BETTER_AUTH = "better-auth"

FIRST = ("first read",)
READS = ("gated read", "data API read", "aal1 refused", "anonymous read", "GET user")
LIMIT = (*FIRST, "gated read", "aal1 refused", "GET user", "refresh", "factor verify", "sign-in")
NET = ("sign-in net",)
FREE = f"UPDATE auth_user SET password = 'free${PASSWORD}'"
"""Everybody's password, as the hasher that costs nothing keeps it."""


@dataclass(slots=True)
class Site:
    """One server over one database. Several may share a label: they are one participant."""

    label: str
    key: str
    command: Callable[[int], list[str]]
    environment: Mapping[str, str]
    operations: tuple[str, ...]
    plans: Path
    database: str | None = None
    workers: int = WORKERS
    server: Server = field(init=False)

    def start(self) -> None:
        port = free_port()
        environment = {**self.environment, "PORT": str(port)}
        log = VAR / f"{self.key}.log"
        log.unlink(missing_ok=True)
        self.server = Server(self.label, self.command(port), port, environment, log)


def granian(application: str, python: str = sys.executable) -> Callable[[int], list[str]]:
    """The product's own way to be served, over another application."""

    def command(port: int) -> list[str]:
        made = server_command("127.0.0.1", port, WORKERS)
        return [python, *made[1:-1], application]

    return command


def run_python(module: str, *arguments: str, environment: Mapping[str, str], python: str) -> None:
    """A seeding program, in a peer's own environment; its progress is seen."""
    subprocess.run(
        [python, "-m", module, *arguments], cwd=ROOT, env={**os.environ, **environment}, check=True
    )


def product(database: Database, verify: int) -> list[Site]:
    """LingAuth, and the limit program on copies of its database."""
    environment = environment_of(database.create("lingauth"))
    plans = VAR / "lingauth.json"
    seed(environment, plans, verify)
    sites = [
        Site(
            LINGAUTH,
            "lingauth",
            granian("project.wsgi:application"),
            environment,
            (*FIRST, *READS, "refresh", "factor verify", "sign-in"),
            plans,
            "lingauth",
        )
    ]
    database.run("lingauth", "VACUUM ANALYZE")
    for label, key, application, operations, settings in (
        (LINGAUTH, "lingauth_net", "project.wsgi:application", NET, "benchmarks.site.settings"),
        (BARE, "bare", "benchmarks.limit.bare:application", LIMIT, "benchmarks.site.settings"),
        (BARE, "bare_net", "benchmarks.limit.bare:application", NET, "benchmarks.site.settings"),
        (DRF, "drf", "project.wsgi:application", LIMIT, "benchmarks.limit.settings"),
        (DRF, "drf_net", "project.wsgi:application", NET, "benchmarks.limit.settings"),
    ):
        own = {
            **environment,
            "DATABASE_URL": database.create(key, like="lingauth"),
            "DJANGO_SETTINGS_MODULE": settings,
        }
        if operations is NET:
            own["BENCH_FREE_HASH"] = "1"
            database.run(key, FREE, "VACUUM ANALYZE")
        sites.append(Site(label, key, granian(application), own, operations, plans, key))
    return sites


def embedded(database: Database, verify: int) -> list[Site]:
    """LingAuth on SQLite, as it is without a DATABASE_URL. It has no use for ``database``."""
    file = VAR / "embedded.sqlite3"
    for leftover in VAR.glob("embedded.sqlite3*"):
        leftover.unlink()
    environment = environment_of(f"sqlite:///{file}")
    plans = VAR / "sqlite.json"
    seed(environment, plans, verify)
    operations = (*READS, "refresh", "factor verify", "sign-in")
    command = granian("project.wsgi:application")
    return [Site(SQLITE, "sqlite", command, environment, operations, plans)]


def environment_of(database_url: str) -> dict[str, str]:
    return {
        **memory.ENVIRONMENT,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "benchmarks.site.settings",
        "LINGAUTH_VAR": str(VAR / "lingauth"),
        "LINGAUTH_SITE_URL": "http://127.0.0.1:8000",
        "LINGAUTH_SECRET_KEY": "only for measuring, on a database that is thrown away" * 2,
        "LINGAUTH_MAIL_DELIVERY": "queue",
    }


def seed(environment: Mapping[str, str], plans: Path, verify: int) -> None:
    (VAR / "lingauth" / "static").mkdir(parents=True, exist_ok=True)
    run_python(
        "benchmarks.site.seed",
        str(plans),
        environment={**environment, "BENCH_VERIFY": str(verify)},
        python=sys.executable,
    )


def simplejwt(database: Database, verify: int) -> list[Site]:
    """djangorestframework-simplejwt and django-otp."""
    operations = (*READS, "refresh", "factor verify", "sign-in")
    plain = _django_peer(database, "simplejwt", "simplejwt", SIMPLEJWT, operations, verify)
    return [plain, _without_hash(database, plain)]


def allauth(database: Database, verify: int) -> list[Site]:
    """django-allauth's headless API, with session tokens and with its JWT strategy."""
    operations = ("gated read", "aal1 refused", "GET user", "factor verify", "sign-in")
    plain = _django_peer(database, "allauth", "allauth", ALLAUTH, operations, verify)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    jwt = _django_peer(
        database,
        "allauth",
        "allauth_jwt",
        ALLAUTH_JWT,
        ("gated read", "aal1 refused", "GET user", "refresh"),
        1,
        {"BENCH_JWT": pem},
    )
    return [plain, _without_hash(database, plain), jwt]


def _django_peer(
    database: Database,
    peer: str,
    key: str,
    label: str,
    operations: tuple[str, ...],
    verify: int,
    more: Mapping[str, str] | None = None,
) -> Site:
    python = python_of(peer)
    plans = VAR / f"{key}.json"
    environment = {
        **memory.ENVIRONMENT,
        "DATABASE_URL": database.create(key),
        "DJANGO_SETTINGS_MODULE": f"benchmarks.peers.{peer}.settings",
        "PYTHONPATH": str(ROOT),
        "BENCH_VERIFY": str(verify),
        **(more or {}),
    }
    run_python(f"benchmarks.peers.{peer}.seed", str(plans), environment=environment, python=python)
    database.run(key, "VACUUM ANALYZE")
    command = granian(f"benchmarks.peers.{peer}.wsgi:application", python)
    return Site(label, key, command, environment, operations, plans, key)


def _without_hash(database: Database, site: Site) -> Site:
    """The same over a copy of its database, with the hasher that costs nothing."""
    name = f"{site.key}_net"
    copy = database.create(name, like=site.key)
    database.run(name, FREE, "VACUUM ANALYZE")
    environment = {**site.environment, "DATABASE_URL": copy, "BENCH_FREE_HASH": "1"}
    return replace(site, key=name, environment=environment, operations=NET, database=name)


def better_auth(database: Database, verify: int) -> list[Site]:
    """better-auth on Node, one process. Its hash is scrypt, and stays it."""
    home = node_home("better_auth")
    database.create("better_auth")
    plans = VAR / "better_auth.json"
    environment = {
        "NODE_ENV": "production",
        "PGSOCKET": database.socket,
        "PGDATABASE": "better_auth",
        "BENCH_VERIFY": str(verify),
        "BENCH_PASSWORD": PASSWORD,
    }
    seed = ["node", str(home / "seed.mjs"), str(plans)]
    subprocess.run(seed, env={**os.environ, **environment}, check=True)
    database.run("better_auth", "VACUUM ANALYZE")

    def command(port: int) -> list[str]:
        return ["node", str(home / "server.mjs")]

    operations = ("gated read", "aal1 refused", "GET user", "factor verify", "sign-in")
    return [
        Site(BETTER_AUTH, "better_auth", command, environment, operations, plans, "better_auth", 1)
    ]


def grown(database: Database, size: int, verify: int) -> Site:
    """LingAuth over that many accounts with three sessions each."""
    name = f"grown_{size}"
    environment = {**environment_of(database.create(name)), "BENCH_FREE_HASH": "1"}
    plans = VAR / f"{name}.json"
    run_python(
        "benchmarks.site.grow",
        str(size),
        str(plans),
        environment={**environment, "BENCH_VERIFY": str(verify)},
        python=sys.executable,
    )
    operations = ("gated read", "refresh", "factor verify", *NET)
    command = granian("project.wsgi:application")
    return Site(f"{size:,}", name, command, environment, operations, plans, name)
