"""``import_supabase_users``: accounts from an export of Supabase Auth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from lingauth.management.base import Command as BaseCommand
from lingauth.management.exports import rows
from lingauth.models import Backend
from lingauth.services import imported_factors, importing
from lingauth.services.importing import Import


class Command(BaseCommand):
    help = (
        "Bring accounts from Supabase Auth: ids, passwords, metadata, confirmations, bans, and on "
        "request identities and authenticators. Files are CSV with a header, JSON, JSON lines or a "
        "dump by pg_dump. A row that cannot be taken is named with its line and left out whole. "
        "Run again, it goes on with what is not there yet. See docs/move-from-supabase-auth.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="an export of auth.users")
        parser.add_argument("--backend", required=True, metavar="REF")
        parser.add_argument(
            "--identities", metavar="FILE", help="an export of auth.identities: social sign-ins"
        )
        parser.add_argument(
            "--factors",
            metavar="FILE",
            help="an export of auth.mfa_factors. It holds secrets in clear: delete it afterwards",
        )
        parser.add_argument(
            "--anonymous",
            action="store_true",
            help="take anonymous users too, to whom nobody can sign in again",
        )
        parser.add_argument(
            "--auto-confirmed",
            action="store_true",
            help="the old project confirmed addresses without a mail: nobody has proven theirs yet",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="do it all in one transaction, say what came of it, and take it back",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        backend = self.backend(options["backend"])
        refused = 0
        with _taken_back() if options["dry_run"] else _kept():
            for table, path, needs, work in self._tables(options):
                job = self._job(backend, table, dry_run=options["dry_run"])
                work(job, rows(path, table=table, needs=needs))
                self._summary(table, job)
                refused += job.refused
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was kept.")
        if refused:
            raise CommandError(f"Refused were {refused}. They are named above; the rest is done.")

    def _tables(self, options: dict[str, Any]) -> Iterator[tuple[str, str, list[str], Any]]:
        def users(job: Import, found: Any) -> None:
            importing.import_users(
                job,
                found,
                anonymous=options["anonymous"],
                auto_confirmed=options["auto_confirmed"],
            )

        yield "users", options["file"], "id email encrypted_password".split(), users
        if options["identities"]:
            columns = "id user_id provider identity_data".split()
            yield "identities", options["identities"], columns, importing.import_identities
        if options["factors"]:
            columns = "id user_id factor_type status secret".split()
            yield "mfa_factors", options["factors"], columns, imported_factors.import_factors

    def _job(self, backend: Backend, table: str, *, dry_run: bool) -> Import:
        def refuse(line: int, id: str, reason: str) -> None:
            self.stderr.write(f"{table}, line {line}: {id} {reason}.")

        return Import(backend, self.actor, refuse, self._progress(table), dry_run)

    def _progress(self, table: str) -> Callable[[int], None]:
        def progress(read: int) -> None:
            if read % (20 * importing.BATCH) == 0:
                self.stdout.write(f"{table}: {read} rows read …")

        return progress

    def _summary(self, table: str, job: Import) -> None:
        counts = {"imported": job.taken, "already there": job.existing, "refused": job.refused}
        counts |= {f"left out: {reason}": n for reason, n in sorted(job.left_out.items())}
        self.rows({f"{table}, {name}": count for name, count in counts.items()})


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic(durable=True):
        yield
        transaction.set_rollback(True)


@contextmanager
def _kept() -> Iterator[None]:
    yield
