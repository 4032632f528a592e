"""Acts that PostgreSQL does in one statement: all of it, or nothing.

A sign-in and a proof each are four writes that stand or fall together. As one statement they are
one round trip and one short hold of their locks. Where such an act took nothing (a guard did not
hold, or the database has no such statements), nothing has happened, and the caller's transaction
does it step by step, which also tells why it cannot be done.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from lingauth.models import Account, Event, Session, TotpFactor
from lingauth.services import events
from lingauth.services.limits import Guess, must_commit_at_once

_SIGN_IN = """
WITH noted AS (
    UPDATE lingauth_account SET last_sign_in_at = %(now)s
    WHERE id = %(account)s AND email_key = %(email_key)s
        AND password_changed_at IS NOT DISTINCT FROM %(password_changed_at)s
        AND banned_until IS NOT DISTINCT FROM %(banned_until)s
        AND deleted_at IS NOT DISTINCT FROM %(deleted_at)s
    RETURNING id
), released AS (
    UPDATE lingauth_guesslimit SET failures = 0, locked_until = NULL, updated_at = %(now)s
    WHERE key = %(guess)s AND EXISTS (SELECT FROM noted)
), begun AS (
    {session} FROM noted
)
{event} FROM noted RETURNING id
"""

_PROVE = """
WITH unused AS (
    SELECT id FROM lingauth_totpfactor
    WHERE id = %(factor)s AND confirmed AND (last_step IS NULL OR last_step < %(step)s)
    FOR UPDATE
), counted AS (
    SELECT guess.key FROM lingauth_guesslimit guess, unused WHERE guess.key = %(guess)s
    FOR UPDATE OF guess
), held AS (
    SELECT session.id AS session, unused.id AS factor
    FROM lingauth_session session, unused, counted
    WHERE session.id = %(session)s AND generation = %(generation)s
        AND elevations = %(elevations)s AND ended_at IS NULL
    FOR UPDATE OF session
), burnt AS (
    UPDATE lingauth_totpfactor SET last_step = %(step)s, last_used_at = %(now)s
    FROM held WHERE id = held.factor
), raised AS (
    UPDATE lingauth_session SET
        generation = generation + 1, elevations = elevations + 1,
        retry_digest = COALESCE(%(retry_digest)s, retry_digest),
        advanced_at = %(now)s, advanced_by = 'verification', refreshed_at = %(now)s,
        verified_at = %(now)s, methods = %(methods)s
    FROM held WHERE id = held.session
), released AS (
    UPDATE lingauth_guesslimit SET failures = 0, locked_until = NULL, updated_at = %(now)s
    WHERE key = %(guess)s AND EXISTS (SELECT FROM held)
)
{event} FROM held RETURNING id
"""


def sign_in(
    account: Account, session: Session, guess: Guess | None, event: Event, now: datetime
) -> bool:
    """Note a sign-in to the account as it was read, begin the session, write the event, and take
    back the guess that was right. The guards are ``Account.objects.note_sign_in``'s."""
    values = {
        "now": now,
        "account": account.pk,
        "email_key": account.email_key,
        "password_changed_at": account.password_changed_at,
        "banned_until": account.banned_until,
        "deleted_at": account.deleted_at,
        "guess": guess.key if guess is not None else None,
    }
    return _done(_SIGN_IN, values | _values(session) | _values(event), event)


def prove(
    factor: TotpFactor,
    step: int,
    session: Session,
    methods: list[dict[str, Any]],
    retry_digest: bytes | None,
    guess: Guess,
    event: Event,
    now: datetime,
) -> bool:
    """Burn the step of a verified factor, raise the session, write the event, and take back the
    guess. The guards are those of ``TotpFactor.objects.burn_step`` and ``Session.objects.elevate``,
    looked at while the rows are held, in the order of ``services.turns``: whoever finishes a set-up
    holds the guess limit when they end this session."""
    values = {
        "now": now,
        "factor": factor.pk,
        "step": step,
        "session": session.pk,
        "generation": session.generation,
        "elevations": session.elevations,
        "methods": _json(methods),
        "retry_digest": retry_digest,
        "guess": guess.key,
    }
    return _done(_PROVE, values | _values(event), event)


def _done(statement: str, values: dict[str, Any], event: Event) -> bool:
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        return False
    must_commit_at_once()
    with database.cursor() as cursor:
        cursor.execute(_written(statement), values)
        row = cursor.fetchone()
    if row is None:
        return False
    event.pk = row[0]
    events.announce(event)
    return True


@cache
def _written(statement: str) -> str:
    """The statement with its INSERTs in it."""
    return statement.format(session=_insert(Session), event=_insert(Event))


def _insert(model: type[models.Model]) -> str:
    """``INSERT … SELECT`` of the values of one new row, without what it is selected from."""
    columns = ", ".join(str(field.column) for field in _fields(model))
    values = ", ".join(f"%({_name(field)})s::{_type(field)}" for field in _fields(model))
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values}"


def _values(row: models.Model) -> dict[str, Any]:
    """The row's values, which psycopg knows how to send but for JSON."""
    return {
        _name(field): _json(value) if isinstance(field, models.JSONField) else value
        for field in _fields(type(row))
        for value in (getattr(row, field.attname),)
    }


def _json(value: Any) -> Any:
    return connections[DEFAULT_DB_ALIAS].ops.adapt_json_value(value, None)


@cache
def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns that a new row brings: all but a key that the database makes."""
    return [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]


@cache
def _name(field: models.Field[Any, Any]) -> str:
    return f"{field.model._meta.model_name}_{field.column}"


def _type(field: models.Field[Any, Any]) -> str:
    """Without a length in brackets: PostgreSQL would cut what is too long, not refuse it."""
    return str(field.db_type(connections[DEFAULT_DB_ALIAS])).partition("(")[0]
