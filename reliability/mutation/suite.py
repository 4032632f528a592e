"""The tests, collected once in this process, and run one by one as often as one likes."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence

import hypothesis
import pytest
from _pytest.runner import CallInfo
from _pytest.tmpdir import tmppath_result_key

from reliability.mutation.hunt import Outcome
from reliability.mutation.learned import Learned

ARGUMENTS = [
    *("-p", "no:xdist", "-p", "no:cacheprovider", "-s"),
    *("--ds", "reliability.mutation.settings"),
    *("-m", "not races and not browser and not clients"),
]
LEARNED = "mutation-learned"
"""The file for what is learned with these arguments."""
SNAPSHOT = "mutation.sqlite3"
"""That of the database that they begin with."""

_SHORT = 5.0
"""Seconds of this process that any test may take, however quick it was."""

_MUCH_LONGER = 20

_ON_A_BUSY_MACHINE = 6
"""As many times that by the clock, for those that wait and do nothing."""

_ELSEWHERE = {"browser", "postgres", "prepared", "start_server"}
"""Fixtures of tests whose product runs in another process, where no mutant is."""


class Suite:
    """A plugin that has pytest do ``then`` instead of running the tests it has collected."""

    def __init__(self, then: Callable[[Suite], None]) -> None:
        self._then = then
        self.tests: dict[str, pytest.Item] = {}
        self.trouble: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        # What it would say is not what a run of mutants has to say.
        config.pluginmanager.unregister(name="terminalreporter")
        hypothesis.settings.register_profile(
            "mutation",
            # The same examples for every mutant, none kept, and no search for a smaller one.
            derandomize=True,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.settings.load_profile("mutation")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble.append(str(report.longrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.trouble:
            raise pytest.UsageError("\n".join(self.trouble))
        self._session = session
        for item in session.items:
            fixtures = set(getattr(item, "fixturenames", ()))
            if not list(item.iter_markers("xfail")) and not fixtures & _ELSEWHERE:
                self.tests[item.nodeid] = item
        self._then(self)
        return True

    def make_database(self) -> None:
        """Run the first test that wants one."""
        wanting = (name for name, item in self.tests.items() if _wants_database(item))
        if (first := next(wanting, None)) is not None:
            self.passes(first)

    def passes(self, test: str) -> bool:
        """Run it."""
        # Leaves those rooms that the test before has set up and this one is not in.
        self._session._setupstate.teardown_exact(self.tests[test])
        return not self._fails(self.tests[test])

    def ask(self, tests: Sequence[str], learned: Learned, budget: float) -> Outcome:
        """Run them until one fails or has used up the ``budget`` in seconds of this process. A test
        that takes much longer than it used to ends it."""
        begun = time.process_time()
        for number, test in enumerate(tests):
            if number and time.process_time() - begun > budget:
                return Outcome(left=len(tests) - number)
            limit = max(_SHORT, _MUCH_LONGER * learned.known[test].seconds)
            signal.setitimer(signal.ITIMER_PROF, limit)
            signal.setitimer(signal.ITIMER_REAL, _ON_A_BUSY_MACHINE * limit)
            if not self.passes(test):
                return Outcome(by=test)
        return Outcome()

    @staticmethod
    def _fails(item: pytest.Item) -> bool:
        """pytest's own protocol, without its reports: a long text for each failure costs more than
        the test. What is shared with other tests of the file stays."""
        if hasattr(item, "_request") and not item._request:
            item._initrequest()  # type: ignore[attr-defined]  # as runtestprotocol does
        hooks = item.ihook
        item.stash[tmppath_result_key] = {}
        steps = [
            CallInfo.from_call(lambda: hooks.pytest_runtest_setup(item=item), when="setup"),
        ]
        if steps[0].excinfo is None:
            steps.append(
                CallInfo.from_call(lambda: hooks.pytest_runtest_call(item=item), when="call")
            )
        steps.append(
            CallInfo.from_call(
                lambda: hooks.pytest_runtest_teardown(item=item, nextitem=item.parent),
                when="teardown",
            )
        )
        if hasattr(item, "_request"):
            item._request = False
            item.funcargs = None  # type: ignore[attr-defined]  # as runtestprotocol does
        return any(
            step.excinfo is not None and not isinstance(step.excinfo.value, pytest.skip.Exception)
            for step in steps
        )


def _wants_database(item: pytest.Item) -> bool:
    return "django_db_setup" in getattr(item, "fixturenames", ())
