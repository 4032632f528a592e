"""Grows LingAuth's database to a number of accounts, and writes plans over all of them:
``python -m benchmarks.site.grow ACCOUNTS FILE``.

Requests are of accounts drawn from the whole table, but for verifying: those accounts have secrets
that decrypt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from uuid import UUID

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from benchmarks.plans import PASSWORD, Plans
from benchmarks.site import calls, people
from benchmarks.site.fill import fill, two_more_sessions
from lingauth import tokens
from lingauth.core import clock
from lingauth.models import Account, Backend, Session
from lingauth.services import backends
from lingauth.services.context import Actor
from lingauth.services.grants import refresh_token

SAMPLE = 800
"""Whose requests are sent: as many at every size, so that only the tables differ."""


def main() -> None:
    size, file = int(sys.argv[1]), sys.argv[2]
    backend = _backend()
    verifiers = people.make(
        backend,
        f"verifier{size}-",
        int(os.environ["BENCH_VERIFY"]),
        password=f"free${PASSWORD}",
    )
    two_more_sessions(verifiers[0].account.pk, verifiers[-1].account.pk, backend.pk)
    fill(range(max(0, size - Account.objects.count())), backend.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    counts = Account.objects.count(), Session.objects.count()
    if counts != (size, 3 * size):
        sys.exit(f"{counts[0]} accounts and {counts[1]} sessions, not {size} and {3 * size}.")

    plans = Plans()
    verified = _sample(backend, SAMPLE, aal2=True)
    now = clock.now()
    readers = [tokens.mint(one, one.account, backend, now)[0] for one in verified]
    plans.add("gated read", [calls.orders(token) for token in readers], has='"level":"aal2"')
    key = backends.anon_key(backend) or ""
    chains = _sample(backend, SAMPLE, aal2=False)
    plans.add(
        "refresh",
        [calls.refresh(key, refresh_token(session)) for session in chains],
        mode="chain",
        has='"access_token"',
        after='"refresh_token":"',
    )
    plans.add(
        "factor verify",
        [calls.verify(key, one.access_token, one.secret) for one in verifiers],
        mode="once",
        has='"access_token"',
    )
    emails = [session.account.email for session in verified]
    plans.add("sign-in net", [calls.sign_in(key, email) for email in emails], has='"access_token"')
    plans.write(file)


def _backend() -> Backend:
    call_command("migrate", verbosity=0, interactive=False)
    if not Backend.objects.exists():
        backends.create_backend(
            ref="bench", name="Bench", auto_confirm=True, actor=Actor.system("benchmarks")
        )
        Backend.objects.update(access_token_ttl=3600, mfa_mode="required")
    return Backend.objects.get()


def _sample(backend: Backend, count: int, *, aal2: bool) -> list[Session]:
    """Sessions from anywhere in the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id FROM lingauth_session WHERE verified_at IS {"NOT" if aal2 else ""} NULL
            ORDER BY random() LIMIT {count}"""
        )
        drawn = [row[0] for row in cursor.fetchall()]
    found = list(_in_parts(drawn))
    for session in found:
        session.backend = session.account.backend = backend
    return found


def _in_parts(ids: list[UUID]) -> Iterable[Session]:
    for start in range(0, len(ids), 500):
        yield from Session.objects.filter(pk__in=ids[start : start + 500]).select_related("account")


main()
