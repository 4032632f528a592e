"""``seed_demo``: the demo's data, and how to get in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from project import demo_backend, seeding
from project.mailbox import files


class Command(BaseCommand):
    help = (
        "Make whatever part of the demo is missing and print where everything is. Passwords are "
        "made at random and printed this once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        made = seeding.seed()
        demo = demo_backend.find()
        if demo is None:
            return
        write = self.stdout.write
        write(f"\nLingAuth on {settings.SITE_URL}\n")
        write(f"  Console         {settings.SITE_URL}/backends")
        self._person(demo_backend.OPERATOR, made.operator_password)
        write(f"  Demo app        {settings.SITE_URL}{reverse('demo:app')}")
        write(f"  Hosted sign-in  {demo.base_url}/sign-in")
        for email in demo_backend.PEOPLE:
            self._person(email, made.passwords.get(email))
        if files.are_kept():
            write(f"  Mailbox         {settings.SITE_URL}/mailbox")
        write(f"  Backend URL     {demo.base_url}")
        write(f"  Anon key        {demo.anon_key}")
        write(f"  API docs        {demo.docs_url}")
        write("\n  Public notes, without signing in:\n")
        self._indented(demo.curl)
        if made.is_new:
            write("  The passwords above are shown this once.")
        else:
            write("  Passwords were shown at the first start. A new one for the operator:\n")
            self._indented(demo_backend.RESET_OPERATOR)
        write("  Ctrl+C stops the server. Your data stays in var/.\n")
        self.stdout.flush()

    def _person(self, email: str, password: str | None) -> None:
        shown = self.style.SUCCESS(password) if password else ""
        self.stdout.write(f"                  {email:<22}{shown}".rstrip())

    def _indented(self, command: str) -> None:
        for line in command.splitlines():
            self.stdout.write(f"    {line}")
        self.stdout.write("")
