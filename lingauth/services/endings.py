"""Ending what an account has open: who holds a session, a mailed link or a code holds nothing."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from lingauth.models import Account, Flow, Session
from lingauth.services import mail_tokens


def end_all(account: Account, *, now: datetime, reason: str) -> int:
    """End every session, void what was mailed, and drop flows under way. Says how many sessions.

    For a transaction that holds the account: whoever is signing in meanwhile comes before it and
    is ended too, or after it and is refused.
    """
    ended = Session.objects.filter(account=account).end(now=now, reason=reason)
    mail_tokens.void(account)
    Flow.objects.filter(Q(account=account) | Q(link_to=account)).delete()
    return ended
