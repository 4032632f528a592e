"""One process of a run, with a database of its own: ``python -m reliability.fuzz.worker``.

It reads what to do as JSON from standard input, and says on standard output, a line of JSON each,
how many calls it made since its last line, and in the end what they came to.
"""

from __future__ import annotations

import json
import sys

import django
from django.core.management import call_command
from django.test.utils import setup_test_environment


def main() -> None:
    order = json.load(sys.stdin)
    django.setup()
    setup_test_environment()
    call_command("migrate", verbosity=0)
    from reliability.fuzz.running import run

    def stepped(calls: int) -> None:
        # With nobody left to hear it, this ends the process.
        print(json.dumps({"calls": calls}), flush=True)

    tally = run(
        order["calls"],
        order["seed"],
        only=order["only"],
        where=order["where"],
        stepped=stepped,
    )
    print(json.dumps({"tally": tally.to_json()}), flush=True)


if __name__ == "__main__":
    main()
