"""What gated reads notice of a storm of sign-ins, which keep the cores busy with hashing."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from benchmarks.rounds import Generator
from benchmarks.sites import Site

AIM = 3.0
"""p99 of reads beside a storm over p99 of reads alone, at most."""


ROUNDS = 3


def measure(reads: Site, signs: Site, seconds: float) -> dict[str, dict[str, Any]]:
    """Reads alone; beside sign-ins at the same workers; beside ones at workers of their own."""
    storms = {
        "no storm": None,
        "storm, the same workers": reads,
        "storm, workers of its own": signs,
    }
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in storms}
    for _ in range(ROUNDS):
        for name, site in storms.items():
            rounds[name].append(_round(reads, site, seconds))
    return {name: _figures(each) for name, each in rounds.items()}


def _round(reads: Site, storm: Site | None, seconds: float) -> dict[str, Any]:
    generator = Generator(reads, "gated read")
    try:
        generator.play(1)
        with _blowing(storm, seconds) as counted:
            answer = generator.play(seconds)
    finally:
        generator.stop()
    return {
        "per_second": answer["requests"] / answer["seconds"],
        "times": sorted(answer["times"]),
        "sign_ins": counted.get("per_second", 0.0),
    }


def _figures(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    times = sorted(time for one in rounds for time in one["times"])
    return {
        "per_second": statistics.median(one["per_second"] for one in rounds),
        "p50": _at(times, 50),
        "p99": _at(times, 99),
        "p99_rounds": [_at(one["times"], 99) for one in rounds],
        "sign_ins": statistics.median(one["sign_ins"] for one in rounds),
    }


def _at(times: Sequence[int], percent: int) -> float:
    """A percentile in milliseconds, of sorted microseconds."""
    return times[len(times) * percent // 100] / 1000


@contextmanager
def _blowing(site: Site | None, seconds: float) -> Iterator[Mapping[str, float]]:
    """Sign-ins at ``site`` while the block runs; what came of them afterwards."""
    counted: dict[str, float] = {}
    if site is None:
        yield counted
        return
    generator = Generator(site, "sign-in")
    try:
        with ThreadPoolExecutor(1) as pool:
            storm = pool.submit(generator.play, seconds + 1)
            yield counted
            answer = storm.result()
            counted["per_second"] = answer["requests"] / answer["seconds"]
    finally:
        generator.stop()
