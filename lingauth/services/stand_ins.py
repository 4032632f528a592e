"""The app's part of a step-up at our pages: whose it is, and the session that it ends with."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.core.errors import InsufficientLevel, NotFound, SessionGone
from lingauth.models import Account, Flow, Session
from lingauth.services import access, events
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import Grant, grant

STEP_UP = "step_up"
"""The ``provider`` of these flows. No provider can have this name."""

_BY_THIS = "factor_enrolled"
"""A first factor ends the sessions that never proved it, the one that asked for it among them."""


def asker_of(flow: Flow, now: datetime) -> SignedIn:
    """The session that the app asked with, unless it was ended by anything but this very step.

    Raises SessionGone, AccountBanned. Those who go on look at the stand-in too, which tells what
    has happened to the account since.
    """
    assert flow.link_session_id is not None
    found = access.read(ref=flow.backend.ref, session_id=flow.link_session_id)
    session, account = found.session, found.account
    if session is None or account is None or session.end_reason != _BY_THIS:
        return found.signed_in(now)
    return SignedIn(found.backend, session, account, found.has_factor)


def give(flow: Flow, client: ClientInfo) -> Grant:
    """Spend the flow's code: the stand-in becomes the app's session, the one that asked is over.

    It ends when that one would have. Raises SessionGone if either was ended meanwhile,
    InsufficientLevel if the stand-in lost its ``aal2``, AccountBanned, and DomainError
    ``flow_state_not_found`` for a code that was spent.
    """
    now = clock.now()
    assert flow.account is not None
    assert flow.session_id is not None
    with transaction.atomic(durable=True):
        Account.objects.hold(flow.account.pk)
        asker = asker_of(flow, now)
        me = access.read(ref=flow.backend.ref, session_id=flow.session_id).signed_in(now)
        if me.level(now) is not Level.AAL2:
            raise InsufficientLevel
        if not Flow.objects.consume(flow.pk, session_id=me.session.pk, now=now):
            raise NotFound(code="flow_state_not_found")
        ends = asker.session.expires_at
        if not Session.objects.prolong(me.session.pk, until=ends):
            raise SessionGone
        me.session.expires_at = ends
        if Session.objects.filter(pk=asker.session.pk).end(now=now, reason="stepped_up"):
            events.record_for(
                asker, Kind.SESSION_REVOKED, client, by=STEP_UP, next=str(me.session.pk)
            )
    return grant(me.session, now=now)
