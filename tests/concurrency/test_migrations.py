"""Migrations beside people who use the tables."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import Postgres
from tests.support.servers import LiveServer

pytestmark = pytest.mark.races

WAITING = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'lingauth_event'::regclass"
)


@pytest.fixture
def site(postgres: Postgres, tmp_path: Path) -> Iterator[LiveServer]:
    """Its tables are as the first migration left them."""
    node = LiveServer(tmp_path, postgres.create("migrations"))
    node.manage("migrate", "lingauth", "0001", "--verbosity", "0")
    yield node
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE migrations WITH (FORCE)")


def test_indexes_go_from_one_table_after_the_other(site: LiveServer) -> None:
    """Whoever has one table and wants another is not in the way of a migration that waits for the
    first, and gets the second."""
    address = site.database_url
    with (
        psycopg.connect(address) as request,
        psycopg.connect(address, autocommit=True) as onlooker,
        ThreadPoolExecutor(1) as pool,
    ):
        request.execute("SELECT FROM lingauth_event")
        migration = pool.submit(site.manage, "migrate", "lingauth", "0002")
        while onlooker.execute(WAITING).fetchone() == (0,):
            assert not migration.done(), migration.result()
            time.sleep(0.05)
        for table in ("lingauth_guesslimit", "lingauth_account", "lingauth_backend"):
            request.execute(f"SELECT FROM {table}")
        request.commit()
        assert "OK" in migration.result()
