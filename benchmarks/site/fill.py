"""Rows of very many accounts, written by PostgreSQL itself: each with an identity, a factor and
three sessions, one of them at ``aal2``.

Ids and UUIDs are computed from an account's number, so that no statement looks up what another one
wrote, and foreign keys are not checked row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

from benchmarks.plans import PASSWORD, progress

BATCH = 10_000

_ROWS = (
    f"""
    INSERT INTO auth_user (id, username, email, password, first_name, last_name, is_superuser,
        is_staff, is_active, date_joined)
    SELECT %(user)s + n, md5('account' || n)::uuid, 'f' || n || '@example.com', 'free${PASSWORD}',
        '', '', false, false, true, now()
    FROM generate_series(%(from)s::int, %(to)s::int) n
    """,
    """
    INSERT INTO lingauth_account (id, uuid, backend_id, user_id, adopted, email, email_key,
        email_confirmed_at, auto_confirmed, new_email, is_anonymous, mfa_enrolled_at,
        user_metadata, app_metadata, created_at, updated_at)
    SELECT %(account)s + n, md5('account' || n)::uuid, %(backend)s, %(user)s + n, false,
        'f' || n || '@example.com', 'f' || n || '@example.com', now(), true, '', false, now(),
        jsonb_build_object('sub', md5('account' || n)::uuid, 'email', 'f' || n || '@example.com'),
        '{"provider": "email", "providers": ["email"]}', now() - random() * interval '1 year', now()
    FROM generate_series(%(from)s::int, %(to)s::int) n
    """,
    """
    INSERT INTO lingauth_identity (uuid, backend_id, account_id, provider, subject, data,
        created_at, updated_at)
    SELECT gen_random_uuid(), %(backend)s, %(account)s + n, 'email',
        md5('account' || n)::uuid::text,
        jsonb_build_object('sub', md5('account' || n)::uuid, 'email', 'f' || n || '@example.com'),
        now(), now()
    FROM generate_series(%(from)s::int, %(to)s::int) n
    """,
    """
    INSERT INTO lingauth_totpfactor (user_id, name, confirmed, uuid, backend_id, account_id, secret,
        created_at, verified_at)
    SELECT %(user)s + n, 'Authenticator', true, gen_random_uuid(), %(backend)s, %(account)s + n,
        sha256(random()::text::bytea), now(), now()
    FROM generate_series(%(from)s::int, %(to)s::int) n
    """,
)

_SESSIONS = """
INSERT INTO lingauth_session (id, backend_id, account_id, secret, generation, advanced_at,
    advanced_by, elevations, verified_at, methods, created_at, refreshed_at, expires_at,
    end_reason, user_agent, ip)
SELECT gen_random_uuid(), %(backend)s, %(account)s + n, sha256(random()::text::bytea), 1, now(),
    'sign_in', CASE k WHEN 1 THEN 1 ELSE 0 END, CASE k WHEN 1 THEN now() END,
    '[{"method": "password", "timestamp": 1}]', now(), now(),
    now() + interval '15 days' * (1 + random()), '', 'benchmarks', '127.0.0.1'
FROM generate_series(%(from)s::int, %(to)s::int) n CROSS JOIN generate_series(1, %(sessions)s) k
"""

_TABLES = ("auth_user", "lingauth_account", "lingauth_identity", "lingauth_totpfactor")


def fill(numbers: Sequence[int], backend_id: int) -> None:
    """The accounts of these numbers, which nobody has yet."""
    first = {"user": _next("auth_user"), "account": _next("lingauth_account")}
    with _unchecked() as cursor:
        for part in progress(f"{len(numbers):,} more accounts", numbers, BATCH):
            values = first | {"backend": backend_id, "from": part[0], "to": part[-1], "sessions": 3}
            for statement in (*_ROWS, _SESSIONS):
                cursor.execute(statement, values)
        for table in _TABLES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )


def two_more_sessions(first: int, last: int, backend_id: int) -> None:
    """For accounts that have one: those of these ids, and all between."""
    values = {"account": 0, "backend": backend_id, "from": first, "to": last, "sessions": 2}
    with _unchecked() as cursor:
        cursor.execute(_SESSIONS, values)


@contextmanager
def _unchecked() -> Iterator[CursorWrapper]:
    """A cursor without checks of foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def _next(table: str) -> int:
    """An id that is free, as are all above it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
        free: int = cursor.fetchone()[0]
    return free
