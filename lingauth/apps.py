"""The app's place in Django."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

MAIL_HANDLERS = (
    "lingauth.services.notices",
    "lingauth.services.mail_asks",
    "lingauth.services.email_change",
    "lingauth.services.reauthentication",
    "lingauth.services.admin.invitations",
)
"""Modules that say how a kind of mail is written (``outbox.handler``). All of them are imported at
the start, since whichever process takes a job has to know its kind."""


class LingAuthConfig(AppConfig):
    name = "lingauth"
    label = "lingauth"
    verbose_name = "LingAuth"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lingauth import checks  # noqa: F401  # registers itself
        from lingauth.models import TotpFactor
        from lingauth.services import codes, outbox

        TotpFactor.verifier = codes.accepts
        for module in MAIL_HANDLERS:
            import_module(module)
        outbox.begin_with_the_first_request()
