"""What ``make run`` does: keys, tables, static files, the demo, then the app server."""

from __future__ import annotations

import argparse
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from project import memory

VAR = Path(os.environ.get("LINGAUTH_VAR") or Path(__file__).resolve().parent.parent / "var")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m project.run", description=__doc__)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--workers", type=int, default=2)
    options = arguments.parse_args()

    _require_free(options.host, options.port)
    _ensure_secret_key()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    os.environ.setdefault("LINGAUTH_SITE_URL", f"http://{options.host}:{options.port}")

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("seed_demo")
    sys.stdout.flush()

    _begin_counting_anew()
    command = server_command(options.host, options.port, options.workers)
    environment = server_environment(os.environ)
    os.execve(sys.executable, command, environment)  # noqa: S606  # our own interpreter, no shell


def server_command(host: str, port: int, workers: int) -> list[str]:
    """The app server over ``project.wsgi``, as it is meant to be run."""
    return [
        # Its one warning would be of the threads below, of which most wait and few run.
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--log-level", "error"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        # Two more than requests hash a password or wait for it (HASH_CONCURRENCY + HASH_QUEUE):
        # a storm of sign-ins leaves them to reads. No more, as each has a database connection.
        *("--blocking-threads", "10", "--workers-kill-timeout", "5"),
        # Otherwise the end of one worker (memory, a crash) ends the others with it.
        "--respawn-failed-workers",
        "project.wsgi:application",
    ]


def server_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment to start the app server in. What an operator set goes before ours."""
    return {**memory.ENVIRONMENT, **given}


def _begin_counting_anew() -> None:
    """Drop what the workers of an earlier run counted: their files would be read at each scrape."""
    given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    for file in Path(given or VAR / "metrics").glob("*.db"):
        file.unlink(missing_ok=True)


def _require_free(host: str, port: int) -> None:
    """Say so before anything is printed that is shown only once."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"Port {port} on {host} cannot be had ({error.strerror}). Try: PORT=8001 make run"
            )


def _ensure_secret_key() -> None:
    """Make the secret once, readable by this user alone. The environment's goes before it."""
    file = VAR / "secret_key"
    VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.environ.get("LINGAUTH_SECRET_KEY") or file.exists():
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as written:
        written.write(secrets.token_urlsafe(48) + "\n")


if __name__ == "__main__":
    main()
