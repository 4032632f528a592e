"""Accounts that wait for mail, made by the services: for tests of what a mail leads to."""

from __future__ import annotations

from hashlib import sha256

from django.contrib.auth.hashers import make_password

from lingauth.core.pkce import Pkce, s256
from lingauth.models import Account, Backend, Flow, MailToken
from lingauth.services import backends, flows, mail_tokens, new_account
from lingauth.services.mail_tokens import Minted
from tests.support.events import CLIENT
from tests.support.noon import NOON
from tests.support.people import ACTOR

VERIFIER = "a-verifier-of-43-characters-and-not-one-less"


def strict_backend(ref: str = "acme") -> Backend:
    """A backend that confirms addresses by mail."""
    return backends.create_backend(ref=ref, name=ref.title(), actor=ACTOR).backend


def waiting(
    backend: Backend, email: str = "Ann@example.com", password: str = "as typed"
) -> Account:
    """A sign-up that was not confirmed."""
    account, _ = new_account.create(
        backend=backend,
        email=email,
        password=make_password(password),
        metadata={"lang": "en"},
        client=CLIENT,
    )
    return account


def member(backend: Backend, email: str = "Ann@example.com") -> Account:
    """One that was."""
    account = waiting(backend, email)
    account.email_confirmed_at = NOON
    account.save()
    return account


def mint(
    account: Account,
    purpose: MailToken.Purpose,
    *,
    to: str = "",
    flow: Flow | None = None,
    password: str = "",
) -> Minted:
    """What a mail to the account, or to another address, carries."""
    return mail_tokens.mint(
        account=account, purpose=purpose, email=to or account.email, flow=flow, password=password
    )


def flow_of(backend: Backend) -> Flow:
    """An app's flow, begun at noon."""
    pkce = Pkce(s256(VERIFIER), "s256")
    return flows.begin(backend=backend, provider="email", pkce=pkce, redirect_to="", now=NOON)


def guess_key(backend: Backend, kind: str, subject: str) -> str:
    """The key of a counter of wrong guesses."""
    return sha256(f"backend {backend.pk}\n{kind}\n{subject}".encode()).hexdigest()
