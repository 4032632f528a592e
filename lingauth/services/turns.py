"""Acts that change who can sign in take turns, one account at a time.

Such an act was allowed by what its request read at its start. Whoever was first may have changed
that: removed the factor, changed the password, ended the session. So each of them begins its
transaction here, waits for the one before, and is judged again by what that one left.

Locks are taken in this order: account, recovery codes, factor, guess limit, sessions.
"""

from __future__ import annotations

from lingauth.models import Account
from lingauth.services import access
from lingauth.services.access import SignedIn


def take(me: SignedIn) -> SignedIn:
    """Wait for one's turn and read anew who is asking. For the start of a transaction.

    Raises SessionGone or AccountBanned if that was lost in between.
    """
    Account.objects.hold(me.account.pk)
    return access.read(ref=me.backend.ref, session_id=me.session.pk).signed_in()
