"""Whose account it is that a provider's answer leads to.

In this order: whoever has signed in by this subject before; the one account whose address the
provider has proven; a new one. An address alone that nobody has proven leads to nobody's account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import AccountBanned, DomainError, SignupDisabled
from lingauth.models import Account, Identity, Provider, TotpFactor
from lingauth.services import access, confirmation, events, mail_asks, mail_tokens, users
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.mail_tokens import Purpose
from lingauth.services.notices import Notice
from lingauth.services.social import linking
from lingauth.services.social.profile import Profile


@dataclass(frozen=True, slots=True)
class _Found:
    """An account, and what its owner has to be told. ``waits``: for its address's confirmation."""

    account: Account
    linked: bool = False
    waits: bool = False


def account_for(
    *, provider: Provider, profile: Profile, client: ClientInfo, redirect_to: str = ""
) -> Account:
    """The account to sign in to, made or linked if need be.

    Raises AccountBanned, SignupDisabled, and DomainError ``provider_email_needs_verification``,
    ``identity_already_exists``, ``email_exists`` or ``bad_oauth_callback``.
    """
    try:
        found = _decide(provider, profile, client)
    except IntegrityError:  # the same person, or the same address, at the same moment
        found = _decide(provider, profile, client)
    account = found.account
    if found.linked:
        linking.tell(Notice.IDENTITY_LINKED, account, provider.label)
    if found.waits:
        mail_asks.ask(
            backend=provider.backend,
            purpose=Purpose.SIGNUP,
            email=account.email,
            client=client,
            redirect_to=redirect_to,
        )
        raise DomainError(
            "Unverified email with this provider. A confirmation email has been sent to you",
            code="provider_email_needs_verification",
            status=403,
        )
    return account


def _decide(provider: Provider, profile: Profile, client: ClientInfo) -> _Found:
    now = clock.now()
    with transaction.atomic(durable=True):
        known = _identity(provider, profile)
        if known is not None:
            return _known(known, provider, profile, client, now)
        rows = Account.objects.filter(
            backend_id=provider.backend_id, email_key__in=profile.verified_keys
        )[:2]
        if len(rows) == 1:
            account = _held(rows[0].pk, provider)
            known = _identity(provider, profile)  # perhaps made while this one waited
            if known is not None:
                return _known(known, provider, profile, client, now)
            if account.email_key in profile.verified_keys:  # and not changed meanwhile
                return _matching(account, provider, profile, client, now)
        return _new(provider, profile, client, now, is_alone=not rows)


def _identity(provider: Provider, profile: Profile) -> Identity | None:
    return Identity.objects.filter(
        backend_id=provider.backend_id, provider=provider.name, subject=profile.subject
    ).first()


def _known(
    identity: Identity, provider: Provider, profile: Profile, client: ClientInfo, now: datetime
) -> _Found:
    """Who signed in by this subject before. The issuer is part of who somebody is; an identity that
    was brought along has none before its first sign-in."""
    if identity.data.get("iss", profile.issuer) != profile.issuer:
        raise DomainError(
            "This identity belongs to another issuer of that name", code="bad_oauth_callback"
        )
    account = _held(identity.account_id, provider)
    _must_be_good(account, now)
    if account.has_address and account.email_confirmed_at is None:
        if account.email_key not in profile.verified_keys:
            return _Found(account, waits=True)
        _take_over(account, provider, profile, client, now)
        return _Found(account)
    mine = Identity.objects.filter(pk=identity.pk)
    if not mine.update(data=profile.data, updated_at=now):  # unlinked meanwhile
        raise DomainError("Identity doesn't exist", code="identity_not_found", status=422)
    return _Found(account)


def _matching(
    account: Account, provider: Provider, profile: Profile, client: ClientInfo, now: datetime
) -> _Found:
    """The one account with an address that the provider has proven.

    If nobody has proven it here, whoever set the account up may be somebody else: nothing of theirs
    remains. But a factor is never swept aside by that: then its owner links the identity themself.
    """
    _must_be_good(account, now)
    same = Identity.objects.filter(account=account, provider=provider.name)
    unproven = account.email_confirmed_at is None or account.auto_confirmed
    if same.exists() and not unproven:
        # An address may be given to somebody else later; a subject never is (OpenID Connect Core
        # section 5.7). Whoever has this account has another one there.
        raise DomainError(
            f"This account signs in by another account of {provider.label}",
            code="identity_already_exists",
            status=422,
        )
    if not unproven:
        linking.added(account, provider.name, profile, now)
        linking.refresh(account, now)
        _record(Kind.IDENTITY_LINKED, account, provider, client)
        return _Found(account, linked=True)
    if account.auto_confirmed and _has_factor(account):
        raise DomainError(
            "A user with this email address has already been registered. Sign in and link the "
            "identity from there",
            code="email_exists",
            status=422,
        )
    _take_over(account, provider, profile, client, now)
    return _Found(account, linked=True)


def _new(
    provider: Provider, profile: Profile, client: ClientInfo, now: datetime, *, is_alone: bool
) -> _Found:
    """An account of its own; with the address, if that is free.

    ``is_alone``: nobody had a proven address of theirs a moment ago. If somebody has it now, it is
    to be decided again, and IntegrityError says so as the constraint itself would.
    """
    backend = provider.backend
    if not backend.signup_enabled:
        raise SignupDisabled
    uuid, email, key = uuid4(), profile.email, ""
    if email:
        key = addresses.normalise(email)
        if Account.objects.filter(backend=backend, email_key=key).exists():
            if is_alone and key in profile.verified_keys:
                raise IntegrityError
            email, key = "", ""
    confirmed = bool(key) and (profile.is_verified or backend.auto_confirm)
    account = Account(
        uuid=uuid,
        backend=backend,
        email=email,
        email_key=key or str(uuid),
        email_confirmed_at=now if confirmed else None,
        auto_confirmed=confirmed and not profile.is_verified,
        app_metadata={"provider": provider.name, "providers": [provider.name]},
        user_metadata=_shown(profile, email),
        created_at=now,
        updated_at=now,
    )
    account.user = users.make_user(backend=backend, account_uuid=uuid, email=email, password=None)
    account.save(force_insert=True)
    linking.added(account, provider.name, profile, now)
    _record(Kind.SIGNED_UP, account, provider, client)
    return _Found(account, waits=bool(key) and not confirmed)


def _take_over(
    account: Account, provider: Provider, profile: Profile, client: ClientInfo, now: datetime
) -> None:
    """The owner of the address has come: only what the provider says of them is left."""
    confirmation.take_over(account, make_password(None), now)
    mail_tokens.void(account)
    Identity.objects.filter(account=account).delete()
    account.email_confirmed_at, account.auto_confirmed, account.updated_at = now, False, now
    account.user_metadata = _shown(profile, account.email)
    account.save(
        update_fields=["email_confirmed_at", "auto_confirmed", "updated_at", "user_metadata"]
    )
    linking.added(account, provider.name, profile, now)
    linking.refresh(account, now)
    _record(Kind.EMAIL_CONFIRMED, account, provider, client)
    _record(Kind.IDENTITY_LINKED, account, provider, client)


def _held(account_id: int, provider: Provider) -> Account:
    """The account as it is once it is this transaction's turn with it."""
    Account.objects.hold(account_id)
    account = Account.objects.select_related("user").get(pk=account_id)
    account.backend = provider.backend
    return account


def _must_be_good(account: Account, now: datetime) -> None:
    if access.is_barred(account, now):
        raise AccountBanned


def _has_factor(account: Account) -> bool:
    return TotpFactor.objects.filter(account=account, confirmed=True).exists()


def _shown(profile: Profile, email: str) -> dict[str, Any]:
    """What the account's owner sees of themself; without an address that is not the account's."""
    value = profile.data
    if not email:
        value.pop("email", None)
        value.pop("email_verified", None)
    return value


def _record(kind: Kind, account: Account, provider: Provider, client: ClientInfo) -> None:
    events.record(
        kind,
        backend_id=account.backend_id,
        client=client,
        account=account,
        data={"provider": provider.name},
    )
