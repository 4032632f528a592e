"""What gated reads notice of a storm of sign-ins, which keep the cores busy with hashing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from benchmarks.rounds import Generator
from benchmarks.sites import Site

AIM = 3.0
"""p99 of reads beside a storm over p99 of reads alone, at most."""


def measure(reads: Site, signs: Site, seconds: float) -> dict[str, dict[str, Any]]:
    """Reads alone; beside sign-ins at the same workers; beside ones at workers of their own."""
    return {
        "no storm": _round(reads, None, seconds),
        "storm, the same workers": _round(reads, reads, seconds),
        "storm, workers of its own": _round(reads, signs, seconds),
    }


def _round(reads: Site, storm: Site | None, seconds: float) -> dict[str, Any]:
    generator = Generator(reads, "gated read")
    try:
        generator.play(1)
        with _blowing(storm, seconds) as counted:
            answer = generator.play(seconds)
    finally:
        generator.stop()
    times = sorted(answer["times"])
    return {
        "per_second": answer["requests"] / answer["seconds"],
        "p50": times[len(times) // 2] / 1000,
        "p99": times[len(times) * 99 // 100] / 1000,
        "sign_ins": counted.get("per_second", 0.0),
    }


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
