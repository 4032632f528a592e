"""A backend's settings: changing them, undoing it, and seeing first whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_datetime

from lingauth.core import clock
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.core.gate import MfaMode
from lingauth.models import Account, Backend, PolicyVersion, Session, TotpFactor
from lingauth.services import events
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.notices import Notice, tell_operators
from lingauth.services.redirects import checked_patterns, checked_site_url
from lingauth.tokens import EXTRA_CLAIMS

SETTINGS = (
    "auto_confirm",
    "signup_enabled",
    "password_min_length",
    "access_token_ttl",
    "token_claims",
    "refresh_reuse_grace",
    "session_max_age",
    "aal2_max_age",
    "aal2_max_idle",
    "single_session",
    "session_max_idle",
    "site_url",
    "redirect_urls",
    "one_step_links",
    "mail_sign_in_enabled",
    "anonymous_enabled",
    "manual_linking_enabled",
    "secure_email_change",
    "mail_cooldown",
    "mails_per_hour",
    "mfa_mode",
    "mfa_starts_at",
    "mfa_grace",
)
"""What an operator may change. Times are whole seconds, ``mfa_starts_at`` an aware time or None."""

_PLACES: Mapping[str, Callable[[object], object]] = {
    "site_url": checked_site_url,
    "redirect_urls": checked_patterns,
}

COUNT_CAP = 10_000
"""Counts beyond this are said as "10,000+": an exact one would make the page slow."""


@dataclass(frozen=True, slots=True)
class Impact:
    """Whom the switch concerns at this moment. ``capped``: at least one count is a minimum."""

    accounts: int
    without_factor: int
    open_sessions: int
    below_aal2: int
    capped: bool


def change(
    *,
    backend_id: int,
    changes: Mapping[str, Any],
    actor: Actor,
    client: ClientInfo | None = None,
    expected_version: int | None = None,
) -> PolicyVersion:
    """Change settings; every request that starts after this returns obeys them, on every node.

    Raises ValidationFailed for an unknown setting or a value out of its range, Conflict if the
    settings moved since ``expected_version``. Nothing changes then.
    """
    backend = Backend.objects.filter(pk=backend_id).first()
    if backend is None:
        raise NotFound("There is no such backend.")
    version = backend.policy_version if expected_version is None else expected_version
    values = validate(backend=backend, changes=changes)
    before = {name: getattr(backend, name) for name in values}
    values |= _grace_begins(backend, values)
    with transaction.atomic(durable=True):
        changed = Backend.objects.change_settings(
            backend.pk, expected_version=version, values=values
        )
        if changed:
            after = {name: values[name] for name in before}
            row = PolicyVersion.objects.create(
                backend=backend,
                version=version + 1,
                actor_label=actor.label or actor.kind,
                before=_plain(before),
                after=_plain(after),
            )
            events.record(
                Kind.POLICY_CHANGED,
                backend_id=backend.pk,
                client=client or ClientInfo(),
                actor=actor,
                data={"version": row.version, "before": row.before, "after": row.after},
            )
    if not changed:
        raise Conflict("These settings were changed meanwhile. Look at them again.")
    if before.get("mfa_mode") == MfaMode.REQUIRED != after["mfa_mode"]:
        tell_operators(Notice.MFA_NOT_REQUIRED, backend=backend, by=actor)
    return row


def restore(
    *,
    backend_id: int,
    version: int,
    actor: Actor,
    client: ClientInfo | None = None,
    expected_version: int | None = None,
) -> PolicyVersion:
    """Undo one change: put back what its settings were before it, as a new change.

    Raises NotFound for a version there never was, and what ``change`` raises.
    """
    row = PolicyVersion.objects.filter(backend_id=backend_id, version=version).first()
    if row is None:
        raise NotFound("There is no such version.")
    return change(
        backend_id=backend_id,
        changes=row.before,
        actor=actor,
        client=client,
        expected_version=expected_version,
    )


def impact(*, backend: Backend) -> Impact:
    """Count whom requiring MFA would concern now."""
    now = clock.now()
    limits = backend.limits
    accounts = Account.objects.filter(backend=backend, deleted_at=None)
    factor = TotpFactor.objects.filter(account=OuterRef("pk"), confirmed=True)
    sessions = Session.objects.alive(now, backend)
    at_aal2 = sessions.filter(
        verified_at__gt=now - limits.max_age, refreshed_at__gt=now - limits.max_idle
    )
    total, bare = _count(accounts), _count(accounts.exclude(Exists(factor)))
    opened, proven = _count(sessions), _count(at_aal2)
    return Impact(
        accounts=total,
        without_factor=bare,
        open_sessions=opened,
        below_aal2=opened - proven,
        capped=max(total, opened) >= COUNT_CAP,
    )


def _count(rows: models.QuerySet[Any]) -> int:
    return rows.order_by()[:COUNT_CAP].count()


def validate(*, backend: Backend, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values to set. Raises ValidationFailed for an unknown setting or a value out of range,
    its message beginning with the setting's name."""
    if not changes:
        raise ValidationFailed("Nothing was given to change.")
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in SETTINGS:
            raise ValidationFailed(
                f"There is no setting {name!r}. There are: {', '.join(SETTINGS)}."
            )
        try:
            values[name] = _field(name).clean(_typed(name, value), None)
        except ValidationError as error:
            raise ValidationFailed(f"{name}: {error.messages[0]}") from None
    _fit_together(backend, values)
    return values


def _fit_together(backend: Backend, values: Mapping[str, Any]) -> None:
    """Apps refresh when an access token is about to end: a session may not count as idle before."""
    idle = values.get("session_max_idle", backend.session_max_idle)
    token = values.get("access_token_ttl", backend.access_token_ttl)
    touched = next((n for n in ("session_max_idle", "access_token_ttl") if n in values), None)
    if touched and 0 < idle < 2 * token:
        raise ValidationFailed(
            f"{touched}: The longest pause has to be at least twice the life of an access token, "
            "or people would be signed out while they work."
        )


def _typed(name: str, value: Any) -> Any:
    if name == "token_claims" and not _is_claims(value):
        raise ValidationError(f"A list of any of: {', '.join(EXTRA_CLAIMS)}.")
    if name == "mfa_starts_at" and value is not None:
        value = _time(value)
    if check := _PLACES.get(name):
        try:
            value = check(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None
    return value


def _time(value: Any) -> datetime:
    with suppress(ValueError):
        value = parse_datetime(value) if isinstance(value, str) else value
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValidationError("A time with its zone, such as 2026-12-01T09:00:00Z.")
    return value


def _is_claims(value: Any) -> bool:
    return isinstance(value, list) and all(name in EXTRA_CLAIMS for name in value)


def _field(name: str) -> Any:
    return Backend._meta.get_field(name)


def _grace_begins(backend: Backend, values: Mapping[str, Any]) -> dict[str, Any]:
    """Everybody's time to set up begins once, when MFA is first required; a second flip of the
    switch does not give it again."""
    first = values.get("mfa_mode") == MfaMode.REQUIRED and backend.mfa_grace_from is None
    return {"mfa_grace_from": clock.now()} if first else {}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    encoder = DjangoJSONEncoder()
    return {
        name: encoder.default(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
