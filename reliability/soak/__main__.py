"""``python -m reliability.soak``: a random walk of a million steps, judged by a model at each.

Two backends on PostgreSQL, five accounts with several devices each. A step is one request: signing
in and out, refreshing with every kind of token, setting up, proving and removing authenticators,
recovery codes, changes of the password, the switch, gated reads and writes; and what one backend
gave out, presented at the other. Every sixth time two to four acts of one account are sent at the
same moment, and there has to be an order of them that explains all answers and all rows. After
every forty rounds, and at the end of each story, the whole database has to be as the model has it,
down to the number of events of each kind and of the mails that were to be sent.

A failure prints what was done, what was answered, what would have been right, and the model; with
``--from-story`` the story is played again from its seed, exactly but for who is first where several
act at once. It ends with the exit status 1.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from reliability.progress import Progress
from reliability.results import ROOT, record
from tests.support.plugin import DATABASE
from tests.support.postgres import Postgres
from tests.support.servers import end_with_parent


def main() -> None:
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    began = time.monotonic()
    workers: list[subprocess.Popen[str]] = []
    postgres = Postgres()
    try:
        workers += [_started(options, number, postgres) for number in range(options.workers)]
        with (
            Progress("soak", options.steps, "steps") as bar,
            ThreadPoolExecutor(options.workers) as readers,
        ):
            reading = [readers.submit(_followed, worker, workers, bar) for worker in workers]
            try:
                ends = [each.result() for each in reading]
            finally:
                _end(workers)  # or the readers would wait for them
    except KeyboardInterrupt:
        sys.exit("soak: interrupted")
    finally:
        _end(workers)
        postgres.stop()
    found = _together(ends)
    found |= {"seed": options.seed, "first_story": options.from_story}
    found |= {"workers": options.workers, "seconds": round(time.monotonic() - began)}
    file = record("soak", found)
    for broken in found["broken"]:
        print(f"\n{broken}", file=sys.stderr)
    if found["broken"]:
        sys.exit(1)
    print(
        f"soak: {found['steps']:,} steps in {found['stories']:,} stories, {found['batches']:,} "
        f"times several at once: everything was as the model says. {file}"
    )


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(
        prog="python -m reliability.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments.add_argument("--steps", type=int, default=1_000_000)
    arguments.add_argument("--workers", type=int, default=2, help="processes")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--from-story", type=int, default=0, help="begin with this one")
    return arguments.parse_args()


def _started(options: argparse.Namespace, number: int, postgres: Postgres) -> Any:
    """A process that plays every so manieth story, with a database of its own."""
    steps = options.steps // options.workers + (number < options.steps % options.workers)
    given = (options.seed, options.from_story + number, options.workers, steps)
    return subprocess.Popen(
        [sys.executable, "-m", "reliability.soak.worker", *map(str, given)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "reliability.soak.settings",
            DATABASE: postgres.create(f"soak_{number}"),
        },
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent if sys.platform == "linux" else None,
    )


def _followed(
    worker: subprocess.Popen[str], all_of_them: list[subprocess.Popen[str]], bar: Progress
) -> dict[str, Any]:
    """The last thing a process said. If it came to nothing good, the others are ended too."""
    said: dict[str, Any] = {}
    assert worker.stdout is not None
    for line in worker.stdout:
        said = json.loads(line)
        bar.step(said["steps"])
        if "words" in said:
            bar.say(said["words"])
    if "tally" not in said:
        _end(all_of_them)
    worker.wait()
    return said


def _together(ends: list[dict[str, Any]]) -> dict[str, Any]:
    """What all processes came to."""
    tallies = [end["tally"] for end in ends if "tally" in end]
    answers: Counter[str] = Counter()
    for tally in tallies:
        answers.update(tally["answers"])
    broken = [end["broken"] for end in ends if "broken" in end]
    if len(tallies) < len(ends) and not broken:
        broken = ["A worker came to no end; what it said stands above."]
    numbers = ("steps", "stories", "batches", "interleaved")
    return {
        **{name: sum(tally[name] for tally in tallies) for name in numbers},
        "answers": dict(sorted(answers.items())),
        "broken": broken,
    }


def _end(workers: list[subprocess.Popen[str]]) -> None:
    for worker in workers:
        worker.kill()


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
