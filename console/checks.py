"""Start-up checks: what a project must have installed before the console can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

NEEDED = (
    ("E001", "django.contrib.sessions.middleware.SessionMiddleware"),
    ("E002", "django.middleware.csrf.CsrfViewMiddleware"),
    ("E003", "django.contrib.auth.middleware.AuthenticationMiddleware"),
    ("E004", "django_otp.middleware.OTPMiddleware"),
)


@register(Tags.security)
def middleware_is_installed(*, app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Each missing middleware would either break the console or leave a door open."""
    return [
        Error(
            f"The console needs {path}.",
            hint="Add it to MIDDLEWARE, in the order sessions, CSRF, authentication, OTP.",
            id=f"lingauth_console.{code}",
        )
        for code, path in NEEDED
        if path not in settings.MIDDLEWARE
    ]
