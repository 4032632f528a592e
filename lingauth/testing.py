"""Helpers for the tests of projects that use the app.

def test_payments_ask_for_a_code(client, backend):
    person = sign_in(backend, "ada@example.com")
    assert client.get("/payments", headers=person.headers).status_code == 403
    person.verify()
    assert client.get("/payments", headers=person.headers).status_code == 200
"""

from __future__ import annotations

from dataclasses import dataclass

from lingauth.core import clock, totp
from lingauth.core import email as addresses
from lingauth.core.assurance import Method
from lingauth.core.errors import NotFound
from lingauth.models import Account, Backend
from lingauth.services import access, factors, signin, verification
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.grants import Grant

_CLIENT = ClientInfo(user_agent="lingauth.testing")


@dataclass
class Person:
    """Somebody with a real session. ``secret`` is their authenticator's, in base32."""

    grant: Grant
    secret: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a request of theirs carries."""
        return {"Authorization": f"Bearer {self.grant.access_token}"}

    def verify(self) -> None:
        """Set up an authenticator and give its first code: from now on at ``aal2``."""
        made = factors.enroll(me=self._me(), client=_CLIENT)
        self.secret = made.secret
        code = totp.code_of(made.factor.open_secret(), totp.step_at(clock.now()))
        self.grant = verification.verify_any(me=self._me(), code=code, client=_CLIENT)

    def _me(self) -> SignedIn:
        return access.read(ref=self.grant.backend.ref, session_id=self.grant.session.pk).signed_in()


def sign_in(backend: Backend, email: str) -> Person:
    """A session at ``aal1`` of the account with that address, without its password.

    Raises NotFound if the backend has no such account.
    """
    key = addresses.normalise(email)
    account = Account.objects.filter(backend=backend, email_key=key).first()
    if account is None:
        raise NotFound(f"{backend.ref} has no account {email}.")
    account.backend = backend
    now = clock.now()
    return Person(signin.start(backend, account, method=Method.PASSWORD, client=_CLIENT, now=now))
