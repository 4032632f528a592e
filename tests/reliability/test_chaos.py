"""A short run of faults: people, two nodes, a PostgreSQL, and everything that is judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.chaos.faults.postgres_stopped import PostgresStopped
from reliability.chaos.faults.worker_killed import WorkerKilled
from reliability.chaos.judging import judge
from reliability.chaos.run import run
from reliability.chaos.site import Site

pytestmark = pytest.mark.races


def test_promises_hold_while_workers_and_the_database_are_killed(
    tmp_path: Path, prepared: Path
) -> None:
    with Site(tmp_path, front="direct", seconds=3, prepared=prepared) as site:
        evidence = run(site, [WorkerKilled(), PostgresStopped()], people=6, seed=1)
    assert {promise: wrong for promise, wrong in judge(evidence).items() if wrong} == {}
    struck = [call for call in evidence.ledger.calls() if not call.is_told]
    assert struck, "nobody noticed anything, so nothing was tried"
    assert len(evidence.found.readings) > 10
