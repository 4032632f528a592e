"""``set_provider``: the providers that a backend accepts, from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.management.values import shown
from lingauth.models import Backend, Provider
from lingauth.services import providers
from lingauth.services.social import discovery

_SHOWN = ("label", "kind", "issuer", "client_id", "other_client_ids", "scopes")


class Command(BaseCommand):
    help = (
        "Accept a provider's sign-ins at a backend: google, github, apple, azure, gitlab, keycloak "
        "or, under a name of your own, any that speaks OpenID Connect. Called again, it changes "
        "what is given and keeps the rest. Without a change it shows the provider; without a name, "
        "all of them. Register the callback URL that it prints at the provider."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="the backend")
        parser.add_argument("name", nargs="?", help="what apps call the provider, such as google")
        parser.add_argument("--client-id", help="what the provider calls the backend")
        parser.add_argument(
            "--secret-file",
            metavar="FILE",
            help="a file with the client secret; - reads it from standard input. A command line "
            "can be seen by every user of the machine, so it is no argument.",
        )
        parser.add_argument("--issuer", metavar="URL", help="as in its ID tokens")
        parser.add_argument("--label", help="what people see")
        parser.add_argument("--scopes", help="separated by spaces")
        parser.add_argument(
            "--other-client-ids",
            metavar="IDS",
            help="of native apps, whose ID tokens are accepted too; separated by commas, or none",
        )
        trust = parser.add_mutually_exclusive_group()
        trust.add_argument(
            "--trust-email",
            dest="trusts_email",
            action="store_true",
            default=None,
            help="an address it calls verified may lead to the account that has it (the default)",
        )
        trust.add_argument("--no-trust-email", dest="trusts_email", action="store_false")
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--enable", dest="is_enabled", action="store_true", default=None)
        state.add_argument("--disable", dest="is_enabled", action="store_false")
        state.add_argument("--remove", action="store_true", help="identities of it stay")

    def handle(self, *args: Any, **options: Any) -> None:
        backend = self.backend(options["ref"])
        name, changes = options["name"], _changes(options)
        if name is None:
            if changes or options["remove"]:
                raise CommandError("Which provider? Name it after the backend.")
            self.rows(
                {
                    row.name: f"{row.label}, {'on' if row.is_enabled else 'off'}"
                    for row in providers.listed(backend)
                }
            )
        elif options["remove"]:
            providers.remove(backend=backend, name=name, actor=self.actor, client=self.client)
            self.stdout.write(f"{name} is removed.")
        elif changes:
            row = providers.save(
                backend=backend, name=name, changes=changes, actor=self.actor, client=self.client
            )
            self._show(backend, row)
            if trouble := discovery.trouble_with(row):
                self.stderr.write(self.style.WARNING(f"Saved, but {row.issuer}: {trouble}."))
        else:
            self._show(backend, providers.get(backend=backend, name=name))

    def _show(self, backend: Backend, row: Provider) -> None:
        self.rows(
            {
                **{name: shown(getattr(row, name)) for name in _SHOWN},
                "secret": "kept" if row.secret else "none",
                "trusts_email": shown(row.trusts_email),
                "is_enabled": shown(row.is_enabled),
                "callback URL": providers.callback_url(backend),
            }
        )


def _changes(options: dict[str, Any]) -> dict[str, Any]:
    names = ("client_id", "issuer", "label", "scopes", "trusts_email", "is_enabled")
    changes = {name: options[name] for name in names if options[name] is not None}
    if options["other_client_ids"] is not None:
        words = options["other_client_ids"].replace(",", " ").split()
        changes["other_client_ids"] = [word for word in words if word != "none"]
    if (file := options["secret_file"]) is not None:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        changes["secret"] = text.strip()
    return changes
