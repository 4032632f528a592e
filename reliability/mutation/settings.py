"""The tests' settings with SQLite in memory: a fork of the process is a copy of the database."""

from __future__ import annotations

from tests.settings import *  # noqa: F403 - these settings are the tests'
from tests.settings import DATABASES

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {}
