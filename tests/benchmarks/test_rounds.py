"""Whose turn it is, and what a round is weighed with."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.processes import cpu_seconds
from benchmarks.rounds import ENOUGH, Round, _figures, in_turn

BURN = """
import threading, time
def burn():
    while time.thread_time() < 0.3:
        pass
thread = threading.Thread(target=burn)
thread.start()
thread.join()
print("ended", flush=True)
time.sleep(60)
"""


def test_everybody_begins_a_round_and_follows_each_of_the_others() -> None:
    everybody = ["a", "b", "c", "d"]
    rounds = [in_turn(everybody, number) for number in range(8)]
    assert all(sorted(one) == everybody for one in rounds)
    assert {one[0] for one in rounds} == set(everybody)
    for whom in everybody:
        assert len({one[one.index(whom) - 1] for one in rounds if one[0] != whom}) > 1


@pytest.mark.once
def test_cpu_time_has_that_of_threads_that_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", BURN], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            first = cpu_seconds(process.pid)
            assert 0.3 <= first < 5
            assert cpu_seconds(process.pid) - first < 0.1  # it sleeps
        finally:
            process.kill()


def _round(count: int) -> Round:
    return Round(count, 1.0, server=0.5, database=0.5, load=0.1, times=list(range(count)))


def test_a_p99_is_told_from_enough_requests_alone() -> None:
    assert _figures([_round(ENOUGH - 1)])["p99"] is None
    assert _figures([_round(ENOUGH // 2)] * 2)["p99"] is not None
