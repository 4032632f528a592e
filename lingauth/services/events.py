"""Writing the audit rows. Reading them is the console's."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from lingauth.models import Account, Event
from lingauth.services.access import SignedIn
from lingauth.services.context import Actor, ClientInfo
from lingauth.signals import event_recorded


class Kind(StrEnum):
    """The closed list of what is written down."""

    SIGNED_UP = "signed_up"
    EMAIL_CONFIRMED = "email_confirmed"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSION_REVOKED = "session_revoked"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_REFUSED = "password_refused"
    MAIL_SENT = "mail_sent"
    MAIL_FAILED = "mail_failed"
    MAIL_CODE_REFUSED = "mail_code_refused"
    EMAIL_CHANGE_STARTED = "email_change_started"
    EMAIL_CHANGED = "email_changed"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    ACCOUNT_CONVERTED = "account_converted"
    ACCOUNT_INVITED = "account_invited"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_UPDATED = "account_updated"
    ACCOUNT_BANNED = "account_banned"
    ACCOUNT_UNBANNED = "account_unbanned"
    ACCOUNT_DELETED = "account_deleted"
    ACCOUNT_IMPORTED = "account_imported"
    LINK_GENERATED = "link_generated"
    ACCOUNT_ADOPTED = "account_adopted"
    FACTOR_ENROLMENT_STARTED = "factor_enrolment_started"
    FACTOR_ENROLLED = "factor_enrolled"
    FACTOR_CHALLENGED = "factor_challenged"
    FACTOR_VERIFIED = "factor_verified"
    FACTOR_REFUSED = "factor_refused"
    FACTOR_LOCKED = "factor_locked"
    FACTOR_RENAMED = "factor_renamed"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODES_REMOVED = "recovery_codes_removed"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODE_REFUSED = "recovery_code_refused"
    REFRESH_REPLAYED = "refresh_replayed"
    BACKEND_CREATED = "backend_created"
    POLICY_CHANGED = "policy_changed"
    KEYS_ROTATED = "keys_rotated"
    API_KEY_CREATED = "api_key_created"
    API_KEY_REVOKED = "api_key_revoked"
    PROVIDER_CHANGED = "provider_changed"
    OPERATOR_ADDED = "operator_added"
    OPERATOR_PASSWORD_RESET = "operator_password_reset"
    OPERATOR_SIGNED_IN = "operator_signed_in"
    OPERATOR_SIGNED_OUT = "operator_signed_out"
    OPERATOR_SIGN_IN_FAILED = "operator_sign_in_failed"
    OPERATOR_FACTOR_ENROLLED = "operator_factor_enrolled"
    OPERATOR_VERIFIED = "operator_verified"
    OPERATOR_REFUSED = "operator_refused"


class About(TypedDict, total=False):
    """What a row tells besides its kind. ``data`` must hold no secret."""

    backend_id: Required[int | None]
    client: Required[ClientInfo]
    actor: Actor
    account: Account | None
    session_id: UUID | None
    result: str
    data: Mapping[str, Any] | None


def draft(kind: Kind, **about: Unpack[About]) -> Event:
    """A row that is not written yet. Without an actor it is the account that acts, or nobody."""
    account, client = about.get("account"), about["client"]
    actor = about.get("actor")
    if actor is None:
        actor = Actor.account(account) if account is not None else Actor.anonymous()
    return Event(
        backend_id=about["backend_id"],
        kind=kind.value,
        result=about.get("result", "ok"),
        actor_kind=actor.kind,
        actor_id=actor.id,
        account_uuid=account.uuid if account is not None else None,
        session_id=about.get("session_id"),
        request_id=client.request_id,
        ip=client.ip,
        user_agent=client.user_agent,
        data=dict(about.get("data") or {}),
    )


def write(row: Event) -> None:
    """Append a row, in the caller's transaction.

    Receivers of ``event_recorded`` hear of it once that is committed.
    """
    row.save()
    transaction.on_commit(lambda: announce(row), robust=True)


def announce(row: Event) -> None:
    """Tell the receivers of ``event_recorded`` of a row that is committed."""
    event_recorded.send_robust(sender=Event, event=row)


def record(kind: Kind, **about: Unpack[About]) -> None:
    """Draft a row and write it."""
    write(draft(kind, **about))


def draft_for(
    me: SignedIn,
    kind: Kind,
    client: ClientInfo,
    *,
    reason: str = "",
    session_id: UUID | None = None,
    **data: Any,
) -> Event:
    """A row about the account of a session. With a ``reason`` it tells of a refusal."""
    return draft(
        kind,
        backend_id=me.backend.pk,
        client=client,
        account=me.account,
        session_id=session_id or me.session.pk,
        result="refused" if reason else "ok",
        data=data | ({"reason": reason} if reason else {}),
    )


def record_for(me: SignedIn, kind: Kind, client: ClientInfo, **about: Any) -> None:
    """Draft such a row and write it."""
    write(draft_for(me, kind, client, **about))
