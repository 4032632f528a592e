"""Grows LingAuth's database to a number of accounts, and writes plans over all of them:
``python -m benchmarks.site.grow ACCOUNTS FILE``.

Each account has an identity, a factor and three sessions, one of them at ``aal2``. Requests are of
accounts drawn from the whole table, but for verifying: those accounts have secrets that decrypt.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterable
from uuid import UUID

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from benchmarks.plans import PASSWORD, Plans, progress
from benchmarks.site import calls, people
from lingauth import tokens
from lingauth.core import clock
from lingauth.models import Account, Backend, Session
from lingauth.services import backends
from lingauth.services.context import Actor
from lingauth.services.grants import refresh_token

SAMPLE = 2000
BATCH = 20_000

_ROWS = (
    """
    INSERT INTO auth_user (username, email, password, first_name, last_name, is_superuser,
        is_staff, is_active, date_joined)
    SELECT 'f' || n, 'f' || n || '@example.com', 'free$a horse of another colour', '', '', false,
        false, true, now() FROM generate_series(%(from)s::int, %(to)s::int) n
    """,
    """
    INSERT INTO lingauth_account (uuid, backend_id, user_id, adopted, email, email_key,
        email_confirmed_at, auto_confirmed, new_email, is_anonymous, mfa_enrolled_at,
        user_metadata, app_metadata, created_at, updated_at)
    SELECT gen_random_uuid(), b.id, u.id, false, u.email, u.email, now(), true, '', false, now(),
        '{}', '{"provider": "email", "providers": ["email"]}', now(), now()
    FROM generate_series(%(from)s::int, %(to)s::int) n
    JOIN auth_user u ON u.username = 'f' || n JOIN lingauth_backend b ON b.ref = 'bench'
    """,
    """
    INSERT INTO lingauth_identity (uuid, backend_id, account_id, provider, subject, data,
        created_at, updated_at)
    SELECT gen_random_uuid(), a.backend_id, a.id, 'email', a.uuid::text,
        jsonb_build_object('sub', a.uuid, 'email', a.email), now(), now()
    FROM generate_series(%(from)s::int, %(to)s::int) n
    JOIN lingauth_account a ON a.email_key = 'f' || n || '@example.com'
        AND a.backend_id = %(backend)s
    """,
    """
    INSERT INTO lingauth_totpfactor (user_id, name, confirmed, uuid, backend_id, account_id, secret,
        created_at, verified_at)
    SELECT a.user_id, 'Authenticator', true, gen_random_uuid(), a.backend_id, a.id,
        sha256(random()::text::bytea), now(), now()
    FROM generate_series(%(from)s::int, %(to)s::int) n
    JOIN lingauth_account a ON a.email_key = 'f' || n || '@example.com'
        AND a.backend_id = %(backend)s
    """,
    """
    INSERT INTO lingauth_session (id, backend_id, account_id, secret, generation, advanced_at,
        advanced_by, elevations, verified_at, methods, created_at, refreshed_at, expires_at,
        end_reason, user_agent, ip)
    SELECT gen_random_uuid(), a.backend_id, a.id, sha256(random()::text::bytea), 1, now(),
        'sign_in', CASE k WHEN 1 THEN 1 ELSE 0 END, CASE k WHEN 1 THEN now() END,
        '[{"method": "password", "timestamp": 1}]', now(), now(), now() + interval '30 days',
        '', 'benchmarks', '127.0.0.1'
    FROM generate_series(%(from)s::int, %(to)s::int) n
    JOIN lingauth_account a ON a.email_key = 'f' || n || '@example.com'
        AND a.backend_id = %(backend)s
    CROSS JOIN generate_series(1, 3) k
    """,
)


def main() -> None:
    size, file = int(sys.argv[1]), sys.argv[2]
    backend = _backend()
    verifiers = people.make(
        backend,
        f"verifier{size}-",
        int(os.environ["BENCH_VERIFY"]),
        password=f"free${PASSWORD}",
    )
    have = Account.objects.count()
    filled = Account.objects.filter(email_key__startswith="f").count()
    numbers = range(filled, filled + max(0, size - have))
    for part in progress(f"up to {size:,} accounts", numbers, BATCH):
        _fill(part[0], part[-1], backend.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

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


def _fill(first: int, last: int, backend_id: int) -> None:
    for statement in _ROWS:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"from": first, "to": last, "backend": backend_id})


def _sample(backend: Backend, count: int, *, aal2: bool) -> list[Session]:
    """Sessions from anywhere in the table."""
    ids = Session.objects.filter(verified_at__isnull=not aal2).values_list("pk", flat=True)
    drawn = random.sample(list(ids), min(count, len(ids)))
    found = list(_in_parts(drawn))
    for session in found:
        session.backend = session.account.backend = backend
    return found


def _in_parts(ids: list[UUID]) -> Iterable[Session]:
    for start in range(0, len(ids), 500):
        yield from Session.objects.filter(pk__in=ids[start : start + 500]).select_related("account")


main()
