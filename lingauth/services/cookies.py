"""The hosted pages' session: an HttpOnly cookie bound to the same row as any other session."""

from __future__ import annotations

from datetime import timedelta

from lingauth import tokens
from lingauth.conf import settings
from lingauth.core import clock, refresh
from lingauth.core.assurance import Level
from lingauth.core.errors import DomainError
from lingauth.core.refresh import Kind
from lingauth.models import Session
from lingauth.services import access
from lingauth.services.access import SignedIn

_PURPOSE = "page cookie"
_TOUCH_AFTER = timedelta(minutes=1)


def cookie_for(session: Session) -> str:
    """The cookie's value. It changes with each verification, and the one before is dead."""
    key = settings.keychain.current(_PURPOSE)
    return refresh.encode(Kind.COOKIE, session.pk, session.elevations, bytes(session.secret), key)


def session_from(*, ref: str, cookie: str | None) -> SignedIn | None:
    """The live session a cookie stands for at this backend, or None. Notes the sign of life.

    Raises NotFound for an unknown backend.
    """
    claim = refresh.decode(cookie)
    if claim is None:
        return None
    found = access.read(ref=ref, session_id=claim.session_id)
    session = found.session
    if session is None or claim.counter != session.elevations:
        return None
    keys = settings.keychain.all(_PURPOSE)
    if not claim.is_authentic(Kind.COOKIE, bytes(session.secret), keys):
        return None
    try:
        me = found.signed_in()
    except DomainError:
        return None
    _touch(me)
    return me


def access_token(*, me: SignedIn) -> tuple[str, int]:
    """A short access token for an app on the same site, and its ``exp`` in Unix seconds. The cookie
    stays its only refresh credential."""
    return tokens.mint(me.session, me.account, me.backend, clock.now())


def _touch(me: SignedIn) -> None:
    """A page's request is activity. An ``aal2`` that had ended is dropped, never revived by it."""
    now, session = clock.now(), me.session
    if now - session.refreshed_at < _TOUCH_AFTER:
        return
    drops = session.verified_at is not None and session.level(now) is Level.AAL1
    if Session.objects.touch(session, now=now, drop_aal2=drops):
        session.refreshed_at = now
        if drops:
            session.verified_at = None
