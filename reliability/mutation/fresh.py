"""Mutants of what runs at import: constants, classes, defaults, decorators.

Each needs a process that has not imported the product yet. This one has not; its forks have the
libraries, and import the mutant in place of the file. They collect few files of tests, the best.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType

import pytest

from reliability.mutation import snapshot
from reliability.mutation.choice import Choice
from reliability.mutation.hunt import Hunt, Outcome, Outcomes, Task, Verdict
from reliability.mutation.learned import Learned
from reliability.mutation.mutants import Mutant
from reliability.mutation.plan import Plan
from reliability.mutation.suite import ARGUMENTS, LEARNED, SNAPSHOT, Suite
from reliability.results import ROOT

_FILES = 12
"""Of tests, that one mutant meets."""

_LIBRARIES = """
django.contrib.admin django.contrib.auth.hashers django.core.management django.db.models
django.forms django.test django.template.engine django.urls django.views.generic
django.db.backends.sqlite3.base django.core.mail.backends.locmem drf_spectacular.views
rest_framework.views rest_framework.serializers rest_framework.test jwt.algorithms
rest_framework_simplejwt.settings cryptography.hazmat.primitives.asymmetric.ec authlib.oauth2
argon2 bcrypt pyotp qrcode httpx hypothesis hypothesis.stateful hypothesis.strategies time_machine
playwright.sync_api schemathesis pytest_django.plugin _pytest.pytester psycopg joserfc.jwt
anyio.pytest_plugin _hypothesis_pytestplugin hypothesis.internal.conjecture.providers
schemathesis.pytest.plugin
""".split()

_QUICKLY = ["--assert=plain", "-p", "no:unraisableexception", "-p", "no:hypothesispytest"]
"""No test is rewritten, no garbage collected, no source read for its constants."""


class Fresh:
    """What the tests run must have been learned."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._learned = Learned(plan.package, plan.folder / f"{LEARNED}.json")
        for name in _LIBRARIES:
            # Some want settings, which must not be there yet; what they import is there then.
            with suppress(Exception):
                importlib.import_module(name)
        snapshot.use(plan.folder / SNAPSHOT)
        gc.collect()
        gc.freeze()  # so that a fork's collector does not copy all of memory
        assert not any(name.partition(".")[0] == plan.package for name in sys.modules)

    def hunt(
        self, mutants: Sequence[Mutant], tests: Sequence[str], tell: Callable[[Verdict], None]
    ) -> None:
        """All of these, with the best of the tests."""
        Hunt(Choice(self._learned, tests), self._work, self._plan.jobs).run(mutants, tell)

    def _work(self, task: Task) -> Outcomes:
        gc.disable()
        (attempt,) = task
        chosen: dict[str, list[str]] = {}
        for test in attempt.tests:
            file = test.partition("::")[0]
            if file in chosen or len(chosen) < _FILES:
                chosen.setdefault(file, []).append(test)
        asked = [test for test in attempt.tests if test.partition("::")[0] in chosen]
        if (mutant := attempt.mutant) is not None:
            before = (ROOT / mutant.path).read_text()
            sys.meta_path.insert(0, _Finder(mutant, mutant.source(before)))
        outcomes: list[Outcome] = []

        def then(suite: Suite) -> None:
            outcomes.append(suite.ask(asked, self._learned, self._plan.budget))

        try:
            pytest.main([*ARGUMENTS, *_QUICKLY, *chosen], plugins=[Suite(then)])
        except Exception:  # as when Django cannot be set up
            if mutant is None:
                raise
        if not outcomes:
            return Outcomes([Outcome(by=asked[0])])  # it could not even be imported
        left = outcomes[0].left + len(attempt.tests) - len(asked)
        return Outcomes([Outcome(outcomes[0].by, left)])


class _Finder(MetaPathFinder):
    """Finds the mutant where its module is asked for."""

    def __init__(self, mutant: Mutant, source: str) -> None:
        self._mutant, self._source = mutant, source

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        file = str(ROOT / self._mutant.path)
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file, self._source))


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, source: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)
