"""The tests' settings with everything on that could let a secret out: access lines, metrics."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

from tests.settings import *  # noqa: F403 - the tests' settings, with more
from tests.settings import MIDDLEWARE

ACCESS_LOG = True
METRICS_PATH, METRICS_TOKEN = "/metrics", token_hex(20)
METRICS_DIR = Path(os.environ["LINGAUTH_FUZZ_DIRECTORY"])
MIDDLEWARE = [
    *MIDDLEWARE[:2],
    "project.operations.metrics.MetricsMiddleware",
    *MIDDLEWARE[2:],
]
