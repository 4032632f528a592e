"""The suite's own options: which database it meets, and in what mood.

``--postgres`` starts one server for the run, before Django reads its settings; the processes of
pytest-xdist inherit its address.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

DATABASE = "LINGAUTH_TEST_DATABASE_URL"
ATOMIC = "LINGAUTH_TEST_ATOMIC_REQUESTS"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lingauth")
    group.addoption(
        "--postgres",
        action="store_true",
        help=f"run on a PostgreSQL from its wheel (or on the one that {DATABASE} names)",
    )
    group.addoption(
        "--atomic-requests",
        action="store_true",
        help="run with ATOMIC_REQUESTS on, as a host project may",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """A wrapper, because pytest-django imports the settings in this hook."""
    options = early_config.known_args_namespace
    if options.atomic_requests:
        os.environ[ATOMIC] = "1"
    if options.postgres and DATABASE not in os.environ:
        from tests.support.postgres import Postgres

        server = Postgres()
        os.environ[DATABASE] = server.url()
        early_config.add_cleanup(server.stop)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Race tests on SQLite would prove nothing, and skipping them would hide that."""
    if DATABASE not in os.environ and any(item.get_closest_marker("races") for item in items):
        raise pytest.UsageError(
            "Race tests need PostgreSQL: add --postgres, leave them out with -m 'not races', "
            "or run `make test-races`."
        )


def pytest_report_header(config: pytest.Config) -> str:
    database = "PostgreSQL" if DATABASE in os.environ else "SQLite"
    return f"database: {database}" + (", ATOMIC_REQUESTS" if ATOMIC in os.environ else "")
