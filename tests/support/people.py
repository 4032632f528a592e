"""Accounts and sessions made by the services, for tests that act below HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from lingauth.core import clock
from lingauth.models import Account, Backend, Session
from lingauth.services import access, accounts, backends, factors, recovery, signin, verification
from lingauth.services.access import SignedIn
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.grants import Grant
from tests.support.app import PASSWORD
from tests.support.totp import code_for

CLIENT = ClientInfo(ip="192.0.2.7", user_agent="tests")
ACTOR = Actor.system("tests")
NOBODYS = UUID(int=0)
"""The id of a person's factor before they enrolled one."""


def new_backend(ref: str = "acme") -> NewBackend:
    """A backend that confirms addresses by itself."""
    return backends.create_backend(ref=ref, name=ref.title(), auto_confirm=True, actor=ACTOR)


@dataclass
class Person:
    """One account. ``grant`` is the newest answer of the session it acts with."""

    ref: str
    email: str
    grant: Grant
    secret: str = ""
    factor: UUID = NOBODYS
    codes: list[str] = field(default_factory=list)
    password: str = PASSWORD

    @classmethod
    def sign_up(cls, backend: Backend, email: str | None = None) -> Person:
        email = email or f"{uuid4().hex}@example.com"
        made = accounts.sign_up(backend=backend, email=email, password=PASSWORD, client=CLIENT)
        assert isinstance(made, Grant)
        return cls(backend.ref, email, made)

    @property
    def account(self) -> Account:
        return self.grant.account

    @property
    def session(self) -> Session:
        """The session's row as it is now."""
        return Session.objects.select_related("backend", "account").get(pk=self.grant.session.pk)

    def me(self, session: Session | None = None) -> SignedIn:
        """What a request of this session (or another of the account's) reads at its start."""
        return access.read(ref=self.ref, session_id=(session or self.grant.session).pk).signed_in()

    def another_session(self) -> Session:
        """A second device, at ``aal1``."""
        return self.sign_in().session

    def sign_in(self, password: str | None = None) -> Grant:
        return signin.with_password(
            read=lambda key: access.read(ref=self.ref, email_key=key),
            email=self.email,
            password=password or self.password,
            client=CLIENT,
        )

    def code(self, steps: int = 0) -> str:
        """The authenticator's code, ``steps`` away from now."""
        return code_for(self.secret, clock.now().timestamp() + 30 * steps)

    def enrol(self, name: str = "") -> Person:
        """A verified factor, by the code before the present one; the session is at ``aal2``."""
        made = factors.enroll(me=self.me(), name=name, client=CLIENT)
        self.secret, self.factor = made.secret, made.factor.uuid
        self.grant = verification.verify_any(me=self.me(), code=self.code(-1), client=CLIENT)
        return self

    def make_codes(self) -> Person:
        self.codes = recovery.regenerate(me=self.me(), client=CLIENT).codes
        return self
