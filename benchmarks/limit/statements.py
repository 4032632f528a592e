"""Its statements, and the connection that has them prepared."""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg
from psycopg.rows import dict_row

_local = threading.local()

Row = dict[str, Any]

GATE = """
SELECT b.mfa_mode, b.mfa_starts_at, b.aal2_max_age, b.aal2_max_idle, s.ended_at, s.expires_at,
       s.verified_at, s.refreshed_at, a.uuid, a.banned_until, a.deleted_at, u.is_active,
       EXISTS(SELECT 1 FROM lingauth_totpfactor f WHERE f.account_id = a.id AND f.confirmed)
         AS has_factor
FROM lingauth_backend b
JOIN lingauth_session s ON s.backend_id = b.id AND s.id = %s
JOIN lingauth_account a ON a.id = s.account_id
JOIN auth_user u ON u.id = a.user_id
WHERE b.ref = 'bench'
"""

_WHOLE = """
SELECT b.id AS backend_id, b.access_token_ttl, b.aal2_max_age, b.aal2_max_idle,
       b.session_max_age, {session} u.is_active, u.password, a.*, k.digest AS key,
       (SELECT json_agg(f) FROM (
          SELECT id, uuid, user_id, name, confirmed, last_step, created_at, last_used_at,
                 encode(secret, 'hex') AS secret
          FROM lingauth_totpfactor WHERE account_id = a.id ORDER BY created_at) f) AS factors,
       (SELECT json_agg(i) FROM (
          SELECT uuid, subject, provider, data, created_at, updated_at
          FROM lingauth_identity WHERE account_id = a.id) i) AS identities
FROM lingauth_backend b
{join}
JOIN auth_user u ON u.id = a.user_id
LEFT JOIN lingauth_apikey k ON k.backend_id = b.id AND k.digest = %s AND k.revoked_at IS NULL
WHERE b.ref = 'bench'
"""

BY_SESSION = _WHOLE.format(
    session="""s.id AS session_id, s.secret, s.generation, s.elevations, s.verified_at, s.methods,
       s.refreshed_at, s.expires_at, s.ended_at,""",
    join="""JOIN lingauth_session s ON s.backend_id = b.id AND s.id = %s
JOIN lingauth_account a ON a.id = s.account_id""",
)

BY_ADDRESS = _WHOLE.format(
    session="", join="JOIN lingauth_account a ON a.backend_id = b.id AND a.email_key = %s"
)

ADVANCE = """
UPDATE lingauth_session SET generation = generation + 1, retry_digest = NULL, advanced_at = %s,
       advanced_by = 'refresh', refreshed_at = %s
WHERE id = %s AND generation = %s AND ended_at IS NULL
"""

CLAIM = """
INSERT INTO lingauth_guesslimit AS g
       (key, kind, backend_id, account_id, failures, locked_until, updated_at)
VALUES (%s, %s, %s, %s, 1, NULL, %s)
ON CONFLICT (key) DO UPDATE SET failures = g.failures + 1, updated_at = excluded.updated_at,
       locked_until = CASE WHEN (g.failures + 1) %% 5 <> 0 THEN NULL
                           ELSE excluded.updated_at + interval '15 minutes' END
WHERE g.failures < 20 AND (g.locked_until IS NULL OR g.locked_until <= excluded.updated_at)
RETURNING failures
"""

RELEASE = "UPDATE lingauth_guesslimit SET failures = 0, locked_until = NULL WHERE key = %s"

BURN = """
UPDATE lingauth_totpfactor SET last_step = %s, last_used_at = %s
WHERE id = %s AND confirmed AND (last_step IS NULL OR last_step < %s)
"""

ELEVATE = """
UPDATE lingauth_session SET generation = generation + 1, elevations = elevations + 1,
       retry_digest = NULL, advanced_at = %s, advanced_by = 'verification', refreshed_at = %s,
       verified_at = %s, methods = %s
WHERE id = %s AND generation = %s AND elevations = %s AND ended_at IS NULL
"""

EVENT = """
INSERT INTO lingauth_event (backend_id, at, kind, result, actor_kind, actor_id, account_uuid,
       session_id, request_id, ip, user_agent, data)
VALUES (%s, %s, %s, 'ok', 'account', %s, %s, %s, '', '127.0.0.1', '', %s)
"""

NOTE_SIGN_IN = """
UPDATE lingauth_account SET last_sign_in_at = %s
WHERE id = %s AND password_changed_at IS NOT DISTINCT FROM %s AND email_key = %s
      AND banned_until IS NULL AND deleted_at IS NULL
"""

BEGIN_SESSION = """
INSERT INTO lingauth_session (id, backend_id, account_id, secret, generation, advanced_at,
       advanced_by, elevations, methods, created_at, refreshed_at, expires_at, end_reason,
       user_agent, ip)
VALUES (%s, %s, %s, %s, 1, %s, 'sign_in', 0, %s, %s, %s, %s, '', '', '127.0.0.1')
"""


def connection() -> psycopg.Connection[Row]:
    """This thread's connection. Every statement is prepared at its first use."""
    found: psycopg.Connection[Row] | None = getattr(_local, "connection", None)
    if found is None:
        found = psycopg.connect(
            os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0, row_factory=dict_row
        )
        _local.connection = found
    return found


def row(statement: str, *values: Any) -> Row | None:
    return connection().execute(statement, values).fetchone()


def changed(statement: str, *values: Any) -> bool:
    return connection().execute(statement, values).rowcount == 1
