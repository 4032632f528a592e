"""Start-up checks: misconfiguration is found before the first request."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, get_hashers
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.module_loading import import_string

from lingauth.conf import load


@register(Tags.security)
def check_settings(**_: Any) -> list[CheckMessage]:
    """``LINGAUTH`` can be read, and what it names exists."""
    try:
        settings = load(getattr(django_settings, "LINGAUTH", {}))
    except ImproperlyConfigured as error:
        return [Error(str(error), id="lingauth.E001")]
    found: list[CheckMessage] = []
    try:
        import_string(settings.USER_FACTORY)
    except ImportError as error:
        hint = "Give the dotted path of a function such as lingauth.services.users.create_user."
        found.append(Error(f"USER_FACTORY: {error}", hint=hint, id="lingauth.E002"))
    if "SITE_URL" not in getattr(django_settings, "LINGAUTH", {}):
        found.append(
            Warning(
                "LINGAUTH['SITE_URL'] is not set; links will point to 127.0.0.1.",
                hint="Set it to the address people reach this site at.",
                id="lingauth.W001",
            )
        )
    return found


@register(Tags.security)
def check_hosts(**_: Any) -> list[CheckMessage]:
    """The host project has what the app builds on."""
    found: list[CheckMessage] = []
    for app in ("django_otp", "rest_framework"):
        if app not in django_settings.INSTALLED_APPS:
            found.append(
                Error(
                    f"{app} is not in INSTALLED_APPS.",
                    hint=f"Add {app!r} before 'lingauth'.",
                    id="lingauth.E003",
                )
            )
    if "drf_spectacular_sidecar" not in django_settings.INSTALLED_APPS:
        found.append(
            Warning(
                "drf_spectacular_sidecar is not in INSTALLED_APPS.",
                hint="Add it, so that the page at /b/<ref>/docs can show the API.",
                id="lingauth.W003",
            )
        )
    for alias, database in django_settings.DATABASES.items():
        options = database.get("OPTIONS", {})
        sqlite = database.get("ENGINE", "").endswith("sqlite3")
        if sqlite and options.get("transaction_mode") != "IMMEDIATE":
            found.append(
                Warning(
                    f"The SQLite database {alias!r} does not begin its transactions IMMEDIATE.",
                    hint='Set OPTIONS = {"transaction_mode": "IMMEDIATE"}: writers then wait'
                    ' instead of failing with "database is locked".',
                    id="lingauth.W002",
                )
            )
    return found


@register(Tags.security)
def check_bcrypt(**_: Any) -> list[CheckMessage]:
    """A hasher that is named can do its work."""
    named = [type(h) for h in get_hashers() if isinstance(h, BCryptSHA256PasswordHasher)]
    if not named or find_spec("bcrypt") is not None:
        return []
    return [
        Warning(
            f"PASSWORD_HASHERS names {named[0].__name__}, and the package bcrypt is not installed.",
            hint="Install bcrypt: people with such a hash cannot sign in without it.",
            id="lingauth.W004",
        )
    ]


@register(Tags.database)
def check_imported_hashes(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every kind of hash that was imported has its hasher. Asks only where one is missing."""
    from lingauth.services.imported_hashes import HASHERS

    if not databases:
        return []
    missing = HASHERS.keys() - {hasher.algorithm for hasher in get_hashers()}
    users = get_user_model()._default_manager.exclude(lingauth_account=None)
    found: list[CheckMessage] = []
    for algorithm in sorted(missing):
        try:
            left = users.filter(password__startswith=f"{algorithm}$").exists()
        except DatabaseError:  # before the first migration
            return []
        if left:
            found.append(
                Warning(
                    f"There are passwords of the kind {algorithm}, and no hasher verifies them.",
                    hint=f"Add {HASHERS[algorithm]!r} to PASSWORD_HASHERS.",
                    id="lingauth.W005",
                )
            )
    return found
