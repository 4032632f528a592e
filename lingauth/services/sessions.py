"""Sessions: refreshing, listing, ending."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError, transaction

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.core.errors import NotFound, RefreshRefused, Unavailable, ValidationFailed
from lingauth.core.refresh import Claim, decode
from lingauth.core.refresh import Kind as TokenKind
from lingauth.models import Account, Session
from lingauth.services import access, events
from lingauth.services.access import Access, SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import SERVER_KEY, Grant, grant
from lingauth.services.notices import Notice, send

SUPERSEDED_FOR = timedelta(seconds=30)
"""How long a token that a verification overtook is refused without being called a replay."""

SCOPES = ("global", "local", "others")


def refresh(
    *,
    read: Callable[[UUID], Access],
    token: object,
    idempotency_key: str | None,
    client: ClientInfo,
) -> Grant:
    """Trade a refresh token for its child. Each token has at most one (RFC 9700, 4.14.2).

    ``read`` is given the session's id and reads it.

    Raises RefreshRefused, whose code says whether the session is gone; a replay has then ended it.
    Raises Unavailable for trouble of ours, because clients drop their session on a 4xx.
    """
    claim = decode(token)
    if claim is None:
        raise RefreshRefused
    try:
        return exchange(
            read(claim.session_id), claim, idempotency_key=idempotency_key, client=client
        )
    except OperationalError:
        raise Unavailable from None


def exchange(
    found: Access, claim: Claim, *, idempotency_key: str | None, client: ClientInfo
) -> Grant:
    """Judge a claim against the session that ``access.read`` found for it."""
    now = clock.now()
    session = _trusted(found, claim, now)
    digest = session.digest_of_retry(idempotency_key)
    if claim.counter > session.generation:
        raise RefreshRefused
    if claim.counter == session.generation:
        if advanced := _rotate(session, digest, now):
            return grant(advanced, now=now, factors=found.factors, identities=found.identities)
        # Another request rotated it between our read and our write: judge again, by what it left.
        session = _read_again(session)
        if session.ended_at is not None:
            raise _ended(session)
    if child := _child(session, claim, digest, now):
        return child
    _end_family(session, claim, client, now)
    raise RefreshRefused("Invalid Refresh Token: Already Used", code="refresh_token_already_used")


def list_open(*, me: SignedIn) -> list[Session]:
    """The account's open sessions, newest first. Each knows its backend and account."""
    sessions = list(
        Session.objects.alive(clock.now(), me.backend)
        .filter(account=me.account)
        .order_by("-created_at")
    )
    for session in sessions:
        session.backend, session.account = me.backend, me.account
    return sessions


def revoke(*, me: SignedIn, session_id: UUID, client: ClientInfo) -> None:
    """End one session of one's own, at any level. Raises NotFound for any that is not."""
    with transaction.atomic(durable=True):
        mine = Session.objects.filter(pk=session_id, account=me.account)
        ended = mine.end(now=clock.now(), reason="revoked")
        if ended:
            events.record_for(me, Kind.SESSION_REVOKED, client, session_id=session_id)
    if not ended:
        raise NotFound("There is no such session.", code="session_not_found")


def sign_out(*, me: SignedIn, scope: str, client: ClientInfo) -> int:
    """End the account's sessions: all (``global``), this one, or the others. Says how many."""
    if scope not in SCOPES:
        raise ValidationFailed("Unsupported logout scope")
    sessions = Session.objects.filter(account=me.account)
    if scope == "local":
        sessions = sessions.filter(pk=me.session.pk)
    elif scope == "others":
        sessions = sessions.exclude(pk=me.session.pk)
    with transaction.atomic(durable=True):
        Account.objects.hold(me.account.pk)  # several rows, which another act may be ending too
        ended = sessions.end(now=clock.now(), reason="signed_out")
        events.record_for(me, Kind.SIGNED_OUT, client, scope=scope, sessions=ended)
    return ended


def _trusted(found: Access, claim: Claim, now: datetime) -> Session:
    """The live session whose token this is. One answer for everything that is not one."""
    session, account = found.session, found.account
    keys = settings.keychain.all(SERVER_KEY)
    if session is None or account is None:
        raise RefreshRefused
    if not claim.is_authentic(TokenKind.REFRESH, bytes(session.secret), keys):
        raise RefreshRefused
    if access.is_barred(account, now):
        raise RefreshRefused("Invalid Refresh Token: User Banned", code="user_banned")
    if session.ended_at is not None:
        raise _ended(session)
    if now >= session.expires_at:
        raise _expired()
    if session.is_idle(now):
        raise _expired(" (Inactivity)")
    return session


def _ended(session: Session) -> RefreshRefused:
    """The refusal of an ended session's token. Only its holder learns of the newer sign-in."""
    if session.end_reason == Session.NEWER_LOGIN:
        return _expired(" (Revoked by Newer Login)")
    return RefreshRefused()


def _expired(why: str = "") -> RefreshRefused:
    return RefreshRefused(f"Invalid Refresh Token: Session Expired{why}", code="session_expired")


def _rotate(session: Session, digest: bytes | None, now: datetime) -> Session | None:
    drops = session.verified_at is not None and session.level(now) is Level.AAL1
    advanced = Session.objects.advance(session, now=now, retry_digest=digest, drop_aal2=drops)
    if not advanced:
        return None
    session.generation += 1
    session.refreshed_at = now
    if drops:
        session.verified_at = None
    return session


def _read_again(session: Session) -> Session:
    fresh = Session.objects.filter(pk=session.pk).first()
    if fresh is None:
        raise RefreshRefused
    fresh.backend, fresh.account = session.backend, session.account
    return fresh


def _child(session: Session, claim: Claim, digest: bytes | None, now: datetime) -> Grant | None:
    """The child that an old token already has, for those who may have it again; else None.

    Raises RefreshRefused where a verification overtook the token before it was ever used.
    """
    since = now - session.advanced_at
    behind = session.generation - claim.counter
    overtaken = session.advanced_by == Session.Step.VERIFICATION
    known = bytes(session.retry_digest or b"")
    # A verification may have come between a refresh and the retry of its lost answer.
    if digest and hmac.compare_digest(digest, known) and behind <= (2 if overtaken else 1):
        return grant(session, now=now)
    if behind != 1:
        return None
    if overtaken:
        if since <= SUPERSEDED_FOR:
            raise RefreshRefused
        return None
    grace = timedelta(seconds=session.backend.refresh_reuse_grace)
    return grant(session, now=now) if grace and since <= grace else None


def _end_family(session: Session, claim: Claim, client: ClientInfo, now: datetime) -> None:
    """A used token came back: somebody else holds this family's tokens. Nobody keeps any."""
    with transaction.atomic(durable=True):
        ended = Session.objects.filter(pk=session.pk).end(now=now, reason="refresh_replayed")
        if ended:
            events.record(
                Kind.REFRESH_REPLAYED,
                backend_id=session.backend_id,
                client=client,
                account=session.account,
                session_id=session.pk,
                result="refused",
                data={"presented": claim.counter, "current": session.generation},
            )
    if ended:
        send(Notice.SESSION_ENDED, backend=session.backend, account=session.account)
