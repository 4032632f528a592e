"""What the environment says, turned into settings. Every reader fails with a sentence."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SQLITE_OPTIONS = {
    # Writers queue for the lock at BEGIN instead of failing at their first write.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
POSTGRES_OPTIONS = {
    # Parameters travel apart from the statement, so the server can keep it prepared.
    "server_side_binding": True,
    "prepare_threshold": 1,
}

_TAKEN = ("/healthz", "/readyz", "/backends", "/b", "/demo", "/mailbox", "/static")


def secret_key(file: Path) -> str:
    """``LINGAUTH_SECRET_KEY``, else what ``make run`` wrote to ``file``. There is no default."""
    given = os.environ.get("LINGAUTH_SECRET_KEY", "")
    if not given and file.is_file():
        given = file.read_text().strip()
    if len(given) < 50:
        raise ImproperlyConfigured(
            "Set LINGAUTH_SECRET_KEY to 50 or more random characters. "
            f"(`make run` makes one by itself and keeps it in {file}.)"
        )
    return given


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas or spaces."""
    return os.environ.get(name, default).replace(",", " ").split()


def whole(name: str, default: int) -> int:
    """A whole number from 0."""
    value = os.environ.get(name, "").strip()
    if value and not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is a whole number from 0, not {value!r}.")
    return int(value) if value else default


def metrics() -> tuple[str, str]:
    """``LINGAUTH_METRICS``, the address of the metrics, and the secret that a scraper sends."""
    path = os.environ.get("LINGAUTH_METRICS", "").strip()
    token = os.environ.get("LINGAUTH_METRICS_TOKEN", "").strip()
    if not path:
        return "", ""
    if not re.fullmatch(r"/[a-z0-9_-]+", path) or path in _TAKEN:
        raise ImproperlyConfigured(
            "LINGAUTH_METRICS is an address of one part that nothing else has, such as /metrics."
        )
    if len(token) < 32 or not token.isascii():
        raise ImproperlyConfigured(
            "Set LINGAUTH_METRICS_TOKEN to 32 or more random characters: without it everybody "
            "could read the metrics."
        )
    return path, token


def log_format() -> str:
    """``LINGAUTH_LOG_FORMAT``: ``line``, for people, or ``json``, one object a line."""
    given = os.environ.get("LINGAUTH_LOG_FORMAT") or "line"
    if given not in ("line", "json"):
        raise ImproperlyConfigured(f"LINGAUTH_LOG_FORMAT is line or json, not {given!r}.")
    return given


def database(default: str) -> dict[str, Any]:
    """``DATABASE_URL`` with the options this product is built for; a URL's own options win."""
    url = os.environ.get("DATABASE_URL") or default
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError, dj_database_url.UnknownSchemeError) as error:
        raise ImproperlyConfigured(
            "DATABASE_URL is an address such as postgresql://user:password@host/name "
            "or sqlite:////path/to/file.sqlite3."
        ) from error
    own = config.get("OPTIONS", {})
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = SQLITE_OPTIONS | own
    elif config["ENGINE"].endswith("postgresql"):
        config["OPTIONS"] = POSTGRES_OPTIONS | own
        # Connections stay open: a new one costs more than the request that wants it.
        config["CONN_MAX_AGE"] = None
    return config


def email(directory: Path) -> dict[str, Any]:
    """``LINGAUTH_EMAIL_URL`` (smtp:// or smtps://user:password@host:port); without it, files."""
    url = os.environ.get("LINGAUTH_EMAIL_URL", "")
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(directory),
        }
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(
            "LINGAUTH_EMAIL_URL is an address such as smtp://user:password@mail.example.com:587."
        )
    implicit = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if implicit else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": not implicit,
        "EMAIL_TIMEOUT": 10,
    }
