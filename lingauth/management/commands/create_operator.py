"""``create_operator``: who may work in the console."""

from __future__ import annotations

import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.models import Operator
from lingauth.services import operators


class Command(BaseCommand):
    help = (
        "Give somebody a role on a backend. A new operator gets a one-time password, printed here "
        "and nowhere else, and sets up an authenticator at the first sign-in. Somebody who is an "
        "operator already keeps password and authenticator, unless you say --reset."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--backend", required=True, metavar="REF")
        parser.add_argument(
            "--role",
            required=True,
            choices=Operator.Role.values,
            help="owner and admin may change settings, viewer may look",
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from the first line of standard input instead of making one",
        )
        parser.add_argument(
            "--reset",
            action="store_true",
            help="for who is locked out: a new password, and the authenticator is set up again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email, reset = options["email"], options["reset"]
        backend = self.backend(options["backend"])
        known = operators.find_user(email) is not None
        given = self._given() if options["password_stdin"] else None
        if given is not None and known and not reset:
            raise CommandError(f"{email} has a password already. To replace it, add --reset.")
        new = operators.create(
            email=email,
            backend=backend,
            role=options["role"],
            password=given,
            reset=reset,
            actor=self.actor,
        )
        rows = {"operator": email, "role": f"{options['role']} of {backend.ref}"}
        if new.password is not None:
            rows["one-time password"] = new.password
        elif given is None:
            rows["password"] = "unchanged"
        self.rows(rows)

    def _given(self) -> str:
        password = sys.stdin.readline().rstrip("\r\n")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return password
