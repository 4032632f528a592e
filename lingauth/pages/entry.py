"""Coming in: the new session's cookie, and where it leads."""

from __future__ import annotations

from django.http import HttpResponse

from lingauth.core.assurance import Level
from lingauth.pages import steps
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.visits import Visit, remember
from lingauth.services import sessions
from lingauth.services.access import SignedIn
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Purpose


def enter(
    visit: Visit, grant: Grant, *, purpose: Purpose | None = None, return_to: str | None = None
) -> HttpResponse:
    """Hand out the cookie. The session that the browser had before ends with that.

    After a mail for that ``purpose`` a password may have to be chosen before anything else.
    """
    if visit.me is not None:
        sessions.sign_out(me=visit.me, scope="local", client=visit.client)
    verified = any(factor.confirmed for factor in grant.factors)
    me = SignedIn(visit.backend, grant.session, grant.session.account, verified)
    onward = visit.return_to if return_to is None else return_to
    if purpose is not None and chooses_password(me, purpose):
        address = _to_new_password(visit, me, onward)
    else:
        address = steps.onward(me, visit.at, onward)
    return remember(visit, go(address), grant.session)


def chooses_password(me: SignedIn, purpose: Purpose) -> bool:
    """Whoever forgot theirs, and whoever was invited and has none yet."""
    if purpose is Purpose.INVITE:
        return not me.account.user.has_usable_password()
    return purpose is Purpose.RECOVERY


def _to_new_password(visit: Visit, me: SignedIn, return_to: str) -> str:
    """By way of a code where there is a factor: a mailbox alone never opens such an account."""
    address = page("new_password", me.backend.ref) + carry(return_to)
    if me.has_factor and me.level(visit.at) is not Level.AAL2:
        return page("mfa_verify", me.backend.ref) + carry(address)
    return address


def changed(visit: Visit, grant: Grant) -> HttpResponse:
    """The account has its new address. Who is here already keeps their session, perhaps at aal2;
    anybody else comes in by the new one."""
    address = f"{page('account', visit.backend.ref)}?done=email"
    if visit.me is None or visit.me.account.pk != grant.account.pk:
        return enter(visit, grant, return_to=address)
    sessions.revoke(me=visit.me, session_id=grant.session.pk, client=visit.client)
    return go(address)
