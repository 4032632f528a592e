"""What a run is asked to do."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from reliability.results import FOLDER

ROOMS = (
    "lingauth/core",
    "lingauth/tokens.py",
    "lingauth/api/authentication.py",
    "lingauth/api/permissions.py",
    "lingauth/services",
)
TESTS = ("tests/lingauth", "tests/invariants", "tests/console")
ON_POSTGRESQL = ("lingauth/services/at_once.py",)
"""What runs on PostgreSQL alone. It meets tests there."""
TESTS_ON_POSTGRESQL = (
    "tests/lingauth/services",
    "tests/lingauth/api/test_budgets.py",
    "tests/lingauth/api/test_factors_verify.py",
    "tests/lingauth/api/test_password_lock.py",
    "tests/lingauth/api/test_token_password.py",
    "tests/lingauth/api/test_totp_window.py",
    "tests/invariants/test_inv_09_endings.py",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """``budget`` is how many seconds the tests of one mutant may take together."""

    only: tuple[str, ...]
    tests: tuple[str, ...]
    package: str
    bodies: bool
    again: bool
    afresh: bool
    sample: int | None
    seed: int
    jobs: int
    budget: float
    show: bool
    folder: Path

    @property
    def whole(self) -> bool:
        """Whether all mutants of these modules meet all tests: what the page tells."""
        some = self.bodies or self.again or self.sample is not None
        return self.tests == TESTS and not some


def from_command_line() -> Plan:
    """What the options say."""
    arguments = argparse.ArgumentParser(
        prog="python -m reliability.mutation",
        description="Mutants of the rooms where the promises are kept, and which no test notices.",
    )
    add = arguments.add_argument
    add("--only", action="append", metavar="PATH", help="mutants of this file or folder")
    add("--tests", action="append", metavar="PATH", help="let them meet only these tests")
    add("--package", default="lingauth", help="where they are; the whole is watched")
    add("--bodies", action="store_true", help="without what runs at import, which takes longer")
    add("--again", action="store_true", help="only those that survived last time")
    add("--afresh", action="store_true", help="learn anew what every test runs")
    add("--sample", type=int, metavar="N", help="so many, taken by chance")
    add("--seed", type=int, default=0, help="of that chance")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="mutants at the same time")
    add("--budget", type=float, default=8.0, metavar="SECONDS", help="of tests for one mutant")
    add("--show", action="store_true", help="survivors that have a reason, too")
    add("--folder", type=Path, default=FOLDER, help="for what is learned and found")
    given = vars(arguments.parse_args())
    return Plan(
        **{**given, "only": tuple(given["only"] or ROOMS), "tests": tuple(given["tests"] or TESTS)}
    )
