"""A headless Chromium: the one on this machine, or one that is installed now.

``python -m tests.support.chromium`` makes sure of it and prints its path; it ends red, in words,
where no browser can be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = [
    "--no-sandbox",  # CI runs as root, where the sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class NoBrowser(RuntimeError):
    """There is no Chromium, and none could be installed."""


def find() -> str | None:
    """The path of a Chromium that starts, or None. ``CHROMIUM`` names one outright."""
    return next((path for path in _candidates() if path and _starts(path)), None)


def ensure() -> str:
    """The path of a Chromium, installed if need be. Raises NoBrowser with what was tried."""
    tried: list[str] = []
    for command in (None, *_installers()):
        if command is not None:
            tried.append(" ".join(command))
            print(f"No Chromium found; trying: {tried[-1]}", file=sys.stderr)
            _run(command)
        if path := find():
            return path
    raise NoBrowser(
        "The browser tests need Chromium, and there is none on this machine. "
        f"Tried: {'; '.join(tried)}. Install one, or name it with CHROMIUM=/path/to/chromium."
    )


@contextmanager
def launched() -> Iterator[Browser]:
    """A running headless Chromium."""
    path = find()
    if path is None:
        raise NoBrowser("There is no Chromium here. `make browser` finds or installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _installers() -> Iterator[list[str]]:
    yield [sys.executable, "-m", "playwright", "install", "chromium"]
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        yield [*sudo, "apt-get", "update", "-qq"]
        packages = ["chromium", "fonts-dejavu-core"]
        yield [*sudo, "apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]


def _run(command: list[str]) -> None:
    """Errors are no surprise here: what counts is whether a browser is there afterwards."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, timeout=600, check=False, env=environment, stdout=sys.stderr)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)


def _candidates() -> Iterator[str | None]:
    yield os.environ.get("CHROMIUM")
    yield from map(shutil.which, NAMES)
    yield MAC
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _starts(path: str) -> bool:
    try:
        return not subprocess.run(
            [path, "--version"], capture_output=True, timeout=30, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    try:
        print("Chromium:", ensure())
    except NoBrowser as error:
        sys.exit(str(error))
