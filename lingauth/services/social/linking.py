"""Identities of an account: adding one, keeping what is said of them right, taking one away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import DomainError, ReauthenticationNeeded
from lingauth.models import Account, Flow, Identity, Session
from lingauth.services import access, events, mail_tokens, turns, users
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.notices import Notice, send
from lingauth.services.social import presets
from lingauth.services.social.profile import Profile

_MESSAGE = "AAL2 session is required to link or unlink an identity when MFA is enabled."


def may_change(me: SignedIn, now: datetime) -> None:
    """Ask for a recent proof, for a change of who can sign in. Somebody anonymous has none to give,
    and nothing that could be taken over.

    Raises DomainError ``manual_linking_disabled``, InsufficientLevel, ReauthenticationNeeded.
    """
    if not me.backend.manual_linking_enabled:
        raise DomainError("Manual linking is disabled", code="manual_linking_disabled", status=404)
    me.require_fresh(now, _MESSAGE)
    if not (me.has_factor or me.account.is_anonymous or me.session.is_fresh(now, has_factor=False)):
        raise ReauthenticationNeeded("Sign in again to link or unlink an identity.")


def still_may(*, ref: str, session_id: UUID, account_id: int) -> SignedIn:
    """The one who began to link, if they still may when the provider has answered.

    Raises DomainError ``session_not_found`` if that session ended, and what ``may_change`` does.
    """
    me = access.read(ref=ref, session_id=session_id).signed_in()
    if me.account.pk != account_id:
        raise DomainError("This session is not theirs.", code="bad_oauth_state")
    may_change(me, clock.now())
    return me


def attach(me: SignedIn, name: str, profile: Profile, client: ClientInfo) -> Identity:
    """Add an identity to the account, in the caller's transaction with the account held.

    Somebody anonymous becomes a full account by it. Raises DomainError ``identity_already_exists``.
    """
    now = clock.now()
    try:
        with transaction.atomic():
            identity = added(me.account, name, profile, now)
    except IntegrityError:
        raise already_linked() from None
    if me.account.is_anonymous:
        _convert(me.account, profile, now)
        events.record_for(me, Kind.ACCOUNT_CONVERTED, client, provider=name)
    refresh(me.account, now)
    events.record_for(me, Kind.IDENTITY_LINKED, client, provider=name)
    return identity


def added(account: Account, name: str, profile: Profile, now: datetime) -> Identity:
    """A new identity of the account. Raises IntegrityError if somebody has it."""
    identity = Identity(
        backend_id=account.backend_id,
        account=account,
        provider=name,
        subject=profile.subject,
        data=profile.data,
        created_at=now,
        updated_at=now,
    )
    identity.save(force_insert=True)
    return identity


def complete(flow: Flow, packed: Mapping[str, Any] | None, client: ClientInfo) -> Account | None:
    """Add the identity that a flow set out for, in the transaction which spends its code: whoever
    has the PKCE verifier is the app that was signed in then, in whatever browser the rest ran.

    The account to tell, or None for a flow that only signs in.
    """
    account, session_id = flow.link_to, flow.link_session_id
    if account is None or session_id is None or packed is None:
        return None
    account.backend = flow.backend
    me = still_may(ref=flow.backend.ref, session_id=session_id, account_id=account.pk)
    attach(me.after(account=account), flow.provider, Profile.unpacked(packed), client)
    return account


def unlink(*, me: SignedIn, identity_uuid: UUID, client: ClientInfo) -> None:
    """Take an identity away. With the one of the address goes the password.

    Raises what ``may_change`` does, and DomainError ``identity_not_found`` or
    ``single_identity_not_deletable``, both 422.
    """
    now = clock.now()
    may_change(me, now)
    with transaction.atomic(durable=True):
        me = turns.take(me)
        may_change(me, now)
        rows = list(Identity.objects.filter(account=me.account))
        gone = next((row for row in rows if row.uuid == identity_uuid), None)
        if gone is None:
            raise DomainError("Identity doesn't exist", code="identity_not_found", status=422)
        if len(rows) < 2:
            raise DomainError(
                "User must have at least 1 identity after unlinking",
                code="single_identity_not_deletable",
                status=422,
            )
        gone.delete()
        if gone.provider == "email":
            _drop_password(me, now)
        refresh(me.account, now)
        events.record_for(me, Kind.IDENTITY_UNLINKED, client, provider=gone.provider)
    tell(Notice.IDENTITY_UNLINKED, me.account, presets.of(gone.provider).label)


def tell(notice: Notice, account: Account, label: str) -> None:
    """The owner of the account hears of it. After the commit."""
    send(notice, backend=account.backend, account=account, context={"provider": label})


def refresh(account: Account, now: datetime) -> None:
    """Write into ``app_metadata`` which providers there are now: the first, and all."""
    rows = list(Identity.objects.filter(account=account).order_by("created_at", "pk"))
    names = list(dict.fromkeys(row.provider for row in rows))
    if names:
        account.app_metadata = {**account.app_metadata, "provider": names[0], "providers": names}
    account.updated_at = now
    account.save(update_fields=["app_metadata", "updated_at"])


def already_linked() -> DomainError:
    return DomainError(
        "Identity is already linked to another user",
        code="identity_already_exists",
        status=422,
    )


def _convert(account: Account, profile: Profile, now: datetime) -> None:
    """A proven address that nobody has becomes the account's own."""
    account.is_anonymous = False
    account.user_metadata = {**profile.named, **account.user_metadata}
    fields = ["is_anonymous", "user_metadata"]
    key = addresses.normalise(profile.email) if profile.is_verified else ""
    taken = Account.objects.filter(backend_id=account.backend_id, email_key=key).exists()
    if key and not taken:
        account.email, account.email_key, account.email_confirmed_at = profile.email, key, now
        fields += ["email", "email_key", "email_confirmed_at"]
        users.set_email(account.user_id, profile.email)
    account.save(update_fields=fields)


def _drop_password(me: SignedIn, now: datetime) -> None:
    manager = get_user_model()._default_manager
    manager.filter(pk=me.account.user_id).update(password=make_password(None))
    me.account.password_changed_at = now
    me.account.save(update_fields=["password_changed_at"])
    others = Session.objects.filter(account=me.account).exclude(pk=me.session.pk)
    others.end(now=now, reason="password_changed")
    mail_tokens.void(me.account)
