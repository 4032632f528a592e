"""Environments of the peers, made at first use below ``var/bench``, again when a lock changed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.processes import ROOT

VAR = ROOT / "var" / "bench"
PEERS = ROOT / "benchmarks" / "peers"


def python_of(peer: str) -> str:
    """The interpreter of a peer's own virtual environment."""
    home, lock = VAR / "env" / peer, PEERS / peer / "requirements.txt"
    python = home / "bin" / "python"
    if not _is_made(home, lock):
        print(f"Installing {peer}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        _note(home, lock)
    return str(python)


def node_home(peer: str) -> Path:
    """A directory with a peer's program beside its ``node_modules``."""
    home, lock = VAR / "env" / peer, PEERS / peer / "package-lock.json"
    home.mkdir(parents=True, exist_ok=True)
    for file in PEERS.joinpath(peer).iterdir():
        shutil.copy(file, home)
    if not _is_made(home, lock):
        print(f"Installing {peer}", file=sys.stderr)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(npm, cwd=home, check=True)
        _note(home, lock)
    return home


def _is_made(home: Path, lock: Path) -> bool:
    made = home / ".made"
    return made.is_file() and made.read_text() == _digest(lock)


def _note(home: Path, lock: Path) -> None:
    home.joinpath(".made").write_text(_digest(lock))


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()
