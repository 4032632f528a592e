"""``set_policy``: a backend's settings, from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.management.values import parse_assignments, shown
from lingauth.services import policy


class Command(BaseCommand):
    help = (
        "Change a backend's settings, such as mfa_mode=required mfa_grace=7d. Every request that "
        "starts afterwards obeys them, on every running server. Without a change, show them. "
        "Times take s, m, h or d; mfa_starts_at takes none, now or an ISO 8601 time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="the backend")
        parser.add_argument(
            "changes", nargs="*", metavar="name=value", help=", ".join(policy.SETTINGS)
        )

    def handle(self, *args: Any, **options: Any) -> None:
        backend = self.backend(options["ref"])
        if not options["changes"]:
            self.rows({name: shown(getattr(backend, name)) for name in policy.SETTINGS})
            return
        changes = parse_assignments(options["changes"], policy.SETTINGS)
        before = {name: getattr(backend, name) for name in changes}
        version = policy.change(
            backend_id=backend.pk,
            changes=changes,
            actor=self.actor,
            client=self.client,
            expected_version=backend.policy_version,
        )
        self.rows(
            {name: f"{shown(before[name])} → {shown(value)}" for name, value in changes.items()}
            | {"version": version.version}
        )
