"""The objects of the contract, drawn from ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lingauth.core import clock
from lingauth.core.devices import device
from lingauth.models import Account, Identity, RecoverySet, Session, TotpFactor
from lingauth.services.factors import PENDING_FOR, Enrollment
from lingauth.services.grants import Grant, Profile
from lingauth.services.verification import Challenge


def time(value: datetime) -> str:
    """RFC 3339 in UTC."""
    return value.isoformat().replace("+00:00", "Z")


def session(grant: Grant) -> dict[str, Any]:
    """A token answer."""
    value: dict[str, Any] = {
        "access_token": grant.access_token,
        "token_type": "bearer",
        "expires_in": grant.expires_in,
        "expires_at": grant.expires_at,
        "refresh_token": grant.refresh_token,
        "user": user(grant.profile),
    }
    for name in ("provider_token", "provider_refresh_token"):
        if token := getattr(grant, name):
            value[name] = token
    if (weak := grant.weakness) is not None:
        value["weak_password"] = {"message": weak.message, "reasons": weak.reasons}
    return value


def user(profile: Profile) -> dict[str, Any]:
    """An account as its owner sees it. Members without a value are left out."""
    account = profile.account
    confirmed = account.email_confirmed_at
    value: dict[str, Any] = {
        "id": str(account.uuid),
        "aud": "authenticated",
        "role": "authenticated",
        "email": account.email,
        "phone": "",
        **_times(
            account,
            "email_confirmed_at",
            "confirmation_sent_at",
            "recovery_sent_at",
            "reauthentication_sent_at",
            "email_change_sent_at",
            "invited_at",
            "last_sign_in_at",
            "banned_until",
            "deleted_at",
        ),
        "app_metadata": account.app_metadata,
        "user_metadata": account.user_metadata,
        "identities": [identity(row, account) for row in profile.identities],
        "created_at": time(account.created_at),
        "updated_at": time(account.updated_at),
        "is_anonymous": account.is_anonymous,
    }
    if account.new_email:
        value["new_email"] = account.new_email
    if confirmed is not None:
        value["confirmed_at"] = time(confirmed)
    if shown := factors(profile):
        value["factors"] = shown
    return value


def identity(row: Identity, account: Account) -> dict[str, Any]:
    """One way in. ``id`` is the provider's subject, ``identity_id`` the row's own name."""
    return {
        "identity_id": str(row.uuid),
        "id": row.subject,
        "user_id": str(account.uuid),
        "identity_data": row.data,
        "provider": row.provider,
        "last_sign_in_at": time(account.last_sign_in_at or row.created_at),
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "email": row.data.get("email", account.email),
    }


def factor(row: TotpFactor) -> dict[str, Any]:
    """A factor without its secret."""
    return {
        "id": str(row.uuid),
        "friendly_name": row.name,
        "factor_type": "totp",
        "status": "verified" if row.confirmed else "unverified",
        "phone": "",
        "last_challenged_at": time(row.last_challenged_at) if row.last_challenged_at else None,
        "created_at": time(row.created_at),
        "updated_at": time(row.last_used_at or row.verified_at or row.created_at),
    }


def recovery_factor(row: RecoverySet) -> dict[str, Any]:
    """The recovery codes as one more factor."""
    return {
        "id": str(row.uuid),
        "friendly_name": "Recovery codes",
        "factor_type": "recovery_code",
        "status": "verified",
        "created_at": time(row.created_at),
        "updated_at": time(row.created_at),
    }


def enrollment(made: Enrollment) -> dict[str, Any]:
    """A factor to set up. ``qr_code`` is SVG text: the clients put the ``data:`` before it."""
    return {
        "id": str(made.factor.uuid),
        "type": "totp",
        "friendly_name": made.factor.name,
        "totp": {"qr_code": made.qr_svg, "secret": made.secret, "uri": made.uri},
    }


def challenge(made: Challenge) -> dict[str, Any]:
    return {
        "id": str(made.id),
        "type": "totp",
        "expires_at": int(made.expires_at.timestamp()),
    }


def own_session(row: Session, current: Session) -> dict[str, Any]:
    """One of the account's sessions."""
    return {
        "id": str(row.pk),
        "current": row.pk == current.pk,
        "aal": row.level(clock.now()).value,
        "device": str(device(row.user_agent)),
        "user_agent": row.user_agent,
        "ip": row.ip,
        "created_at": time(row.created_at),
        "last_seen_at": time(row.refreshed_at),
        "expires_at": time(row.expires_at),
    }


def factors(profile: Profile) -> list[dict[str, Any]]:
    """The account's factors: verified ones, set-ups that can still be finished, recovery codes."""
    now = clock.now()
    shown = [
        factor(row)
        for row in profile.factors
        if row.confirmed or now - row.created_at < PENDING_FOR
    ]
    if profile.recovery is not None:
        shown.append(recovery_factor(profile.recovery))
    return shown


def _times(account: Account, *names: str) -> dict[str, str]:
    values = {name: getattr(account, name) for name in names}
    return {name: time(value) for name, value in values.items() if value is not None}
