"""``create_backend``: a new tenant with its keys."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services import backends


class Command(BaseCommand):
    help = (
        "Create a backend and print its ref, URL, anon key and service key. "
        "The service key is shown this once; only a digest of it is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="short public name, part of every address: a-z, 0-9 and -")
        parser.add_argument("--name", required=True, help="the name that people see")
        parser.add_argument(
            "--auto-confirm",
            action="store_true",
            help="accounts may sign in before they confirmed their e-mail address",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, *args: Any, **options: Any) -> None:
        new = backends.create_backend(
            ref=options["ref"],
            name=options["name"],
            auto_confirm=options["auto_confirm"],
            actor=self.actor,
        )
        values = {
            "ref": new.backend.ref,
            "url": backends.base_url(new.backend),
            "anon_key": new.anon_key,
            "service_key": new.service_key,
        }
        if options["json"]:
            self.stdout.write(json.dumps(values))
        else:
            self.rows(values)
