"""The console as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """``lingauth`` is the domain; this app is one of its surfaces and owns no table."""

    name = "console"
    label = "lingauth_console"
    verbose_name = "LingAuth console"

    def ready(self) -> None:
        from console import checks  # noqa: F401  (registers the start-up checks)
