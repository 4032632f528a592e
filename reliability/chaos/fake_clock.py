"""A clock of one node's own, which may jump as when somebody sets it.

The product knows nothing of it: a library of 50 lines, compiled here from ``fake_clock.c``, is put
before the system's in the node's processes. (libfaketime 0.9.10, Debian's, breaks ``time.sleep`` of
Python 3.11 where it is told to leave ``CLOCK_MONOTONIC`` alone.)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from reliability.chaos.not_allowed import NotAllowed

SOURCE = Path(__file__).with_suffix(".c")
_FLAGS = ("-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")


class FakeClock:
    """What is started with ``environment`` has this clock. It keeps its files in ``directory``.

    Raises NotAllowed where a library cannot be put before the system's, or there is no compiler.
    """

    def __init__(self, directory: Path) -> None:
        if sys.platform != "linux":
            raise NotAllowed("Clocks are set apart on Linux alone.")
        directory.mkdir(parents=True, exist_ok=True)
        library, self._file = directory / "fake_clock.so", directory / "ahead"
        command = [_compiler(), *_FLAGS, "-o", str(library), str(SOURCE)]
        subprocess.run(command, check=True, stdout=sys.stderr)
        self.back()
        self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self._file)}

    def jump(self, seconds: int) -> None:
        """From now on the clock is that far ahead of the true time; or behind, below zero."""
        self._file.touch()
        with self._file.open("r+b", buffering=0) as file:  # in place: it is mapped into memory
            file.write(seconds.to_bytes(8, sys.byteorder, signed=True))

    def back(self) -> None:
        """The clock is right again."""
        self.jump(0)


def _compiler() -> str:
    """A C compiler, installed by apt if need be. Raises NotAllowed."""
    if (path := shutil.which("cc")) is None and shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        packages = ("gcc", "libc6-dev")
        for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            command = [*sudo, "apt-get", "-qq", *words]
            subprocess.run(command, check=False, env=environment, stdout=sys.stderr)
        path = shutil.which("cc")
    if path is None:
        raise NotAllowed("Clocks need a C compiler, and there is none. Debian: apt install gcc")
    return path
