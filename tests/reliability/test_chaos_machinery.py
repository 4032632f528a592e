"""What two of the faults need of the machine: a disk that gets full, a clock that jumps."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reliability.chaos.fake_clock import FakeClock
from reliability.chaos.not_allowed import NotAllowed
from reliability.chaos.small_disk import SmallDisk

MEGABYTE = 1_048_576
TELL_TIME = """
import datetime, threading, time
while input():
    began = time.monotonic()
    time.sleep(0.1)
    threading.Event().wait(0.1)
    waited = time.monotonic() - began
    print(time.time(), datetime.datetime.now().timestamp(), waited, flush=True)
"""
HOLD = """
from reliability.chaos.small_disk import SmallDisk
with SmallDisk(1) as disk:
    print(disk.directory, flush=True)
    input()
"""


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    try:
        with SmallDisk(2) as mounted:
            yield mounted
    except NotAllowed as why:
        pytest.skip(str(why))


@pytest.fixture
def clock(tmp_path: Path) -> FakeClock:
    try:
        return FakeClock(tmp_path / "clock")
    except NotAllowed as why:
        pytest.skip(str(why))


def test_a_full_disk_takes_nothing_until_it_is_freed(disk: SmallDisk) -> None:
    file = disk.directory / "file"
    file.write_bytes(bytes(MEGABYTE))
    disk.fill()
    assert disk.room == 0
    with pytest.raises(OSError) as refused:  # its number is looked at
        (disk.directory / "another").write_bytes(b"1")
    assert refused.value.errno == errno.ENOSPC
    file.unlink()
    disk.fill()
    assert disk.room == 0, "what was given back meanwhile is taken too"
    disk.free()
    assert disk.room > MEGABYTE


def test_a_disk_is_gone_when_whoever_held_it_was_killed(disk: SmallDisk) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    held = Path(holder.stdout.readline().strip())
    assert held.is_mount()
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    end = time.monotonic() + 10
    while held.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert disk.directory.is_mount()


def test_where_nothing_may_be_mounted_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount = tmp_path / "mount"
    mount.write_text("#!/bin/sh\necho 'mount: only root can do that' >&2\nexit 32\n")
    mount.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(NotAllowed, match="only root can do that"), SmallDisk(1):
        pass
    assert list(tmp_path.iterdir()) == [mount]


def test_a_clock_jumps_and_comes_back_for_those_that_have_it(clock: FakeClock) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TELL_TIME],
        env=clock.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for jump in (0, 90, -90, 600, -600, 0):
                clock.jump(jump)
                process.stdin.write("?\n")
                *said, waited = map(float, process.stdout.readline().split())
                assert [jump, jump] == pytest.approx([it - time.time() for it in said], abs=1)
                assert 0.2 <= waited < 30, "what waits is not disturbed"
        finally:
            process.kill()


def test_where_there_is_no_compiler_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotAllowed, match="need a C compiler"):
        FakeClock(tmp_path / "clock")
