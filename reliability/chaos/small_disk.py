"""A file system of a few megabytes, to be filled up."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from reliability.chaos.not_allowed import NotAllowed

_PIECE = bytes(65_536)
# Whoever holds the other end of its input lets go when it ends, however it ends.
_KEEPER = """
mount -t tmpfs -o size="$1"m,mode=0755 lingauth-chaos "$2" || exit 1
echo mounted
cat > /dev/null
umount -l "$2"
rmdir "$2"
"""


class SmallDisk:
    """Use it as a context manager: a file system of that many ``megabytes`` at ``directory``.

    Raises NotAllowed where this user may not mount. It is in memory, so it survives no power cut;
    nor does it have to, as what is tried here is that there is no room.
    """

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes

    def __enter__(self) -> Self:
        self.directory = Path(tempfile.mkdtemp(prefix="lingauth-disk-"))
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, "keeper", str(self.megabytes), str(self.directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._keeper.stdout is not None
        if not self._keeper.stdout.readline():
            said = self._keeper.communicate()[1].strip()
            self.directory.rmdir()
            raise NotAllowed(f"No file system may be mounted here: {said or 'no mount'}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._keeper.communicate()

    @property
    def room(self) -> int:
        """Bytes that are left."""
        found = os.statvfs(self.directory)
        return found.f_bavail * found.f_frsize

    def fill(self) -> None:
        """Take all the room there is, until ``free``."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while file.write(_PIECE):
                    pass
            except OSError:  # there is no more
                return

    def free(self) -> None:
        """Give it back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.directory / "ballast"
