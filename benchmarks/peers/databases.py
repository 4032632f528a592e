"""The database of a Django peer, with the options that LingAuth's own settings have."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit


def configured() -> dict[str, Any]:
    """Django's ``DATABASES`` for ``DATABASE_URL``, a PostgreSQL on a Unix socket."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "USER": url.username,
            "HOST": unquote(url.netloc.rpartition("@")[2]),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 1},
        }
    }
