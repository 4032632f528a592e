"""A process that plays stories: ``python -m reliability.soak.worker``, started by ``__main__``.

It writes a line of JSON for whoever started it: how many steps were made; at its end what it came
to, or what is broken.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import traceback
from typing import Any

import django
from django.core.management import call_command

TELL = 0.5
"""Seconds between two lines."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    seed, first, every, steps = (int(text) for text in sys.argv[1:])
    django.setup()
    call_command("migrate", verbosity=0)
    from reliability.soak.story import LENGTH, Broken, Story, Tally

    tally, number, story = Tally(), first, Story(seed, first)
    told, untold = time.perf_counter(), 0
    try:
        while tally.steps < steps:
            story = Story(seed, number)
            for made in story.play(min(LENGTH, steps - tally.steps)):
                untold += made
                if time.perf_counter() - told > TELL:
                    say(steps=untold, words=f"story {number}")
                    told, untold = time.perf_counter(), 0
            tally.add(story.tally)
            number += every
    except Broken as broken:
        say(steps=untold, broken=str(broken))
        sys.exit(1)
    except Exception:
        where = f"{story.name}, after step {story.tally.steps}"
        say(steps=untold, broken=f"{where}:\n{traceback.format_exc()}")
        sys.exit(1)
    say(steps=untold, tally={**vars(tally), "answers": dict(tally.answers)})


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main()
