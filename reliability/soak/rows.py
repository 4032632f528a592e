"""The database, asked in plain SQL: what the product reads by is not what it is judged by."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from reliability.soak.model import Person, Tenant

_PERSON = """
SELECT account.id, json_build_object(
'sessions', (SELECT json_object_agg(id, json_build_array(
        ended_at IS NOT NULL, generation, elevations,
        extract(epoch FROM refreshed_at)::bigint, extract(epoch FROM advanced_at)::bigint,
        advanced_by = 'verification', retry_digest IS NOT NULL,
        CASE WHEN ended_at IS NULL THEN extract(epoch FROM verified_at)::bigint END))
    FROM lingauth_session WHERE account_id = account.id),
'factors', (SELECT json_object_agg(uuid, json_build_array(name, last_step))
    FROM lingauth_totpfactor WHERE account_id = account.id AND confirmed),
'pending', (SELECT json_object_agg(session_id, uuid)
    FROM lingauth_totpfactor WHERE account_id = account.id AND NOT confirmed),
'codes', (SELECT json_object_agg(of.uuid, (
        SELECT json_agg(position ORDER BY position) FROM lingauth_recoverycode
        WHERE set_id = of.id AND used_at IS NOT NULL))
    FROM lingauth_recoveryset of WHERE of.account_id = account.id),
'guesses', (SELECT json_object_agg(kind, json_build_array(
        failures, coalesce(extract(epoch FROM locked_until)::bigint, 0)))
    FROM lingauth_guesslimit WHERE account_id = account.id AND failures > 0),
'events', (SELECT json_object_agg(kind, number) FROM
    (SELECT kind, count(*) AS number FROM lingauth_event
     WHERE account_uuid = account.uuid GROUP BY kind) AS counted))
FROM lingauth_account account WHERE account.id = ANY(%s)
"""

_UNPROVEN = """
SELECT session.id FROM lingauth_session session
JOIN lingauth_account account ON account.id = session.account_id
WHERE session.verified_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM lingauth_event event
    WHERE event.kind IN ('factor_enrolled', 'factor_verified', 'recovery_code_used')
    AND event.result = 'ok' AND event.session_id = session.id
    AND event.account_uuid = account.uuid AND event.backend_id = account.backend_id
    AND event.backend_id = session.backend_id AND event.at = session.verified_at)
"""

TELLS = (
    "factor_enrolled factor_removed factor_locked recovery_codes_made recovery_codes_removed"
    " recovery_code_used password_changed refresh_replayed"
).split()
"""The events whose owner is told of them by mail."""

Rows = dict[str, dict[str, Any]]


def of_people(people: Iterable[Person]) -> dict[int, Rows]:
    """Each account's rows, by its key."""
    with connection.cursor() as cursor:
        cursor.execute(_PERSON, [[person.row for person in people]])
        return {
            row: {name: value or {} for name, value in _json(found).items()}
            for row, found in cursor.fetchall()
        }


def wanted(person: Person) -> Rows:
    """The same rows, as the model has them."""
    owner = person.owner
    guesses = {"password": person.guesses, "totp": owner.totp, "recovery": owner.recovery}
    return {
        "sessions": {
            name: [
                family.ended,
                family.generation,
                family.elevations,
                family.active,
                family.advanced,
                family.by_verification,
                family.key is not None,
                None if family.ended else family.verified,
            ]
            for name, family in person.families.items()
        },
        "factors": {factor.id: [factor.name, factor.used] for factor in owner.factors},
        "pending": {session: each.id for session, each in person.pending.items()},
        "codes": {person.codes[0]: _used(person)} if person.codes else {},
        "guesses": {
            kind: [limit.failures, limit.locked_until]
            for kind, limit in guesses.items()
            if limit.failures
        },
        "events": dict(person.happened),
    }


def _used(person: Person) -> list[int] | None:
    """Which codes of the set, from 1. SQL has no empty list of them."""
    return sorted(person.codes.index(code) for code in person.owner.used) or None


def differs(person: Person, found: Rows) -> str:
    """Where an account's rows are not what the model has; empty if nowhere."""
    should = wanted(person)
    return "; ".join(
        f"{name} {key} of {person.email} at {person.ref}: {wants} was to be there, not {has}"
        for name in should
        for key in {**should[name], **found[name]}
        # A set of recovery codes of which none is used is None, and is there.
        if (wants := should[name].get(key, "nothing")) != (has := found[name].get(key, "nothing"))
    )


def unproven() -> list[Any]:
    """Sessions at ``aal2`` without their proof (INV-1)."""
    return _all(_UNPROVEN)


def versions() -> dict[int, tuple[int, str]]:
    """Of each backend, how often its settings were changed, and the switch."""
    rows = _all("SELECT id, policy_version, mfa_mode FROM lingauth_backend")
    return {row: (version, mode) for row, version, mode in rows}


def policy_events(tenant: Tenant) -> int:
    sql = "SELECT count(*) FROM lingauth_event WHERE backend_id = %s AND kind = 'policy_changed'"
    return int(_all(sql, [tenant.row])[0][0])


def totals() -> tuple[int, int]:
    """How many events there are, and how many mails were to be sent."""
    sql = "SELECT (SELECT count(*) FROM lingauth_event), (SELECT count(*) FROM lingauth_mailjob)"
    events, mails = _all(sql)[0]
    return int(events), int(mails)


def clear() -> None:
    """Leave nothing of a story behind but the tables."""
    names = _all(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND (relname LIKE 'lingauth\\_%%' OR relname IN ('demo_note', 'auth_user'))"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(name for (name,) in names)} CASCADE")


def _all(sql: str, values: list[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or [])
        found: list[Any] = cursor.fetchall()
    return found


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
