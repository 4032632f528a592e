"""What a run leaves for the page: one JSON file a run, with when and on what it was made."""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "reliability"
_CHANGED = (
    "--porcelain",
    "--untracked-files=no",
    "--",
    ".",
    ":!reliability/mutation/standing.json",
)


def record(name: str, found: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write ``<name>.json`` and answer where. ``found`` is a run's own; it must be JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    file.write_text(json.dumps({**circumstances(name), **found}, indent=2, sort_keys=True) + "\n")
    return file


def read(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """What the last run of that name left, if any did."""
    file = folder / f"{name}.json"
    if not file.exists():
        return None
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def circumstances(name: str) -> dict[str, Any]:
    """When this run is made, of what, and on what."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": shlex.join(["python", "-m", f"reliability.{name}", *sys.argv[1:]]),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "django": django.__version__,
    }


def _commit() -> str:
    """Which state of the code it was, with a ``+`` if it was not quite that; empty outside git.
    What runs leave is no part of the code."""
    try:
        return _git("rev-parse", "--short", "HEAD") + ("+" if _git("status", *_CHANGED) else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
