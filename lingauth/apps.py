"""The app's place in Django."""

from __future__ import annotations

from django.apps import AppConfig


class LingAuthConfig(AppConfig):
    name = "lingauth"
    label = "lingauth"
    verbose_name = "LingAuth"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lingauth import checks  # noqa: F401  # registers itself
        from lingauth.models import TotpFactor
        from lingauth.services import codes

        TotpFactor.verifier = codes.accepts
