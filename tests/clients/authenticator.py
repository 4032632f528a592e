"""An authenticator app in somebody's pocket."""

from __future__ import annotations

import time
from dataclasses import dataclass

from supabase_auth import SyncGoTrueClient

from tests.support.totp import code_for, secret_of

STEP = 30
SLACK = 20
"""Seconds into a step for which the one before is still given out: it must not end on its way."""


@dataclass
class Authenticator:
    """Shows codes that the server has not seen, because codes work once.

    It accepts the steps beside the present one too, so three are at hand, or two when the present
    one is about to end; one more is waited for.
    """

    secret: str
    factor: str = ""
    _last: int = 0

    def code(self) -> str:
        oldest = int(time.time() - SLACK) // STEP
        self._last = max(self._last + 1, oldest)
        while self._last > int(time.time()) // STEP + 1:
            time.sleep(0.25)
        return code_for(self.secret, self._last * STEP)

    def verify(self, client: SyncGoTrueClient) -> None:
        """Raise the client's session."""
        client.mfa.challenge_and_verify({"factor_id": self.factor, "code": self.code()})


def enrolled(client: SyncGoTrueClient) -> Authenticator:
    """A verified factor; the client's session is then at ``aal2``."""
    made = client.mfa.enroll({"factor_type": "totp", "friendly_name": "Phone"})
    assert made.totp is not None
    assert made.totp.qr_code.startswith("data:image/svg+xml;utf-8,<")
    authenticator = Authenticator(secret_of(made.totp.uri), made.id)
    authenticator.verify(client)
    return authenticator
