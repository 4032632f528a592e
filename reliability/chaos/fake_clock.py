"""A clock of one node's own, which may jump: libfaketime in the node's processes.

The product knows nothing of it. Nor does anything that waits: what jumps is the time of day, as it
does when a clock is set; what passes since a moment (``CLOCK_MONOTONIC``) goes on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from reliability.chaos.not_allowed import NotAllowed

_LIBRARIES = ("/usr/lib", "/usr/local/lib")
_NAME = "faketime/libfaketimeMT.so.1"


class FakeClock:
    """Raises NotAllowed where there is no libfaketime and none could be installed.

    What is started with ``environment`` has this clock; its ``directory`` is made.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = directory / "clock"
        self.environment = {
            "LD_PRELOAD": ensure(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.back()

    def jump(self, seconds: int) -> None:
        """From now on the clock is that far ahead of the true time; or behind, below zero."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{seconds:+d}\n")
        written.replace(self._file)  # whoever looks sees all of it

    def back(self) -> None:
        """The clock is right again."""
        self.jump(0)


def find() -> str | None:
    """The path of libfaketime, or None."""
    for root in _LIBRARIES:
        for place in (Path(root) / _NAME, *sorted(Path(root).glob(f"*/{_NAME}"))):
            if place.exists():
                return str(place)
    return None


def ensure() -> str:
    """The path of libfaketime, installed by apt if need be. Raises NotAllowed."""
    if (path := find()) is None and shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "libfaketime"]):
            command = [*sudo, "apt-get", "-qq", *words]
            subprocess.run(command, check=False, env=environment, stdout=sys.stderr)
        path = find()
    if path is None:
        raise NotAllowed(
            "This needs libfaketime, and there is none. Debian: apt install libfaketime"
        )
    return path
