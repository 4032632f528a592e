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

_RELEASED = """released AS (
  UPDATE lingauth_guesslimit SET failures = 0, locked_until = NULL, updated_at = %(now)s
  WHERE key = %(guess)s AND EXISTS (SELECT FROM {held}))"""

_EVENT = """
INSERT INTO lingauth_event (backend_id, at, kind, result, actor_kind, actor_id, account_uuid,
       session_id, request_id, ip, user_agent, data)
SELECT %(backend)s, %(now)s, {kind}, 'ok', 'account', %(uuid)s::text, %(uuid)s, %(session)s, '',
       '127.0.0.1'::inet, '', %(data)s::jsonb
FROM {held}
"""

PROVE = f"""
WITH unused AS (
  SELECT id FROM lingauth_totpfactor
  WHERE id = %(factor)s AND confirmed AND (last_step IS NULL OR last_step < %(step)s) FOR UPDATE
), held AS (
  SELECT s.id AS session, unused.id AS factor FROM lingauth_session s, unused
  WHERE s.id = %(session)s AND generation = %(generation)s AND elevations = %(elevations)s
        AND ended_at IS NULL FOR UPDATE OF s
), burnt AS (
  UPDATE lingauth_totpfactor SET last_step = %(step)s, last_used_at = %(now)s
  FROM held WHERE id = held.factor
), raised AS (
  UPDATE lingauth_session SET generation = generation + 1, elevations = elevations + 1,
         retry_digest = NULL, advanced_at = %(now)s, advanced_by = 'verification',
         refreshed_at = %(now)s, verified_at = %(now)s, methods = %(methods)s::jsonb
  FROM held WHERE id = held.session
), {_RELEASED.format(held="held")}
{_EVENT.format(held="held", kind="'factor_verified'")}
"""

SIGN_IN = f"""
WITH noted AS (
  UPDATE lingauth_account SET last_sign_in_at = %(now)s
  WHERE id = %(account)s AND password_changed_at IS NOT DISTINCT FROM %(password_changed_at)s
        AND email_key = %(email_key)s AND banned_until IS NULL AND deleted_at IS NULL
  RETURNING id
), {_RELEASED.format(held="noted")}, begun AS (
  INSERT INTO lingauth_session (id, backend_id, account_id, secret, generation, advanced_at,
         advanced_by, elevations, methods, created_at, refreshed_at, expires_at, end_reason,
         user_agent, ip)
  SELECT %(session)s, %(backend)s, id, %(secret)s, 1, %(now)s, 'sign_in', 0, %(methods)s::jsonb,
         %(now)s, %(now)s, %(expires_at)s, '', '', '127.0.0.1'::inet
  FROM noted
)
{_EVENT.format(held="noted", kind="'signed_in'")}
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


def changed(statement: str, *values: Any, **named: Any) -> bool:
    return connection().execute(statement, named or values).rowcount == 1
