"""People as a provider tells of them, and the accounts that they may lead to."""

from __future__ import annotations

from typing import Any

from lingauth.models import Account, Backend, Identity, Provider
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.social import decision
from lingauth.services.social.profile import Profile
from tests.support import acts
from tests.support.acts import CLIENT
from tests.support.people import Person

ISSUER, ADA = "https://sso.example.com", "Ada@Example.com"
KEY = "ada@example.com"


def profile(
    email: str = ADA,
    *,
    verified: bool = True,
    proven: tuple[str, ...] | None = None,
    subject: str = "s-1",
    issuer: str = ISSUER,
) -> Profile:
    """``proven``: which addresses, if it is not the shown one alone."""
    if proven is None:
        proven = (email,) if email and verified else ()
    return Profile(issuer, subject, email, proven, {"full_name": "Ada"})


def said(subject: str = "s-1", email: str = ADA, *, verified: bool = True) -> dict[str, Any]:
    """What an identity keeps of such a profile."""
    told: dict[str, Any] = {
        "full_name": "Ada",
        "iss": ISSUER,
        "sub": subject,
        "provider_id": subject,
        "phone_verified": False,
    }
    return told | ({"email": email, "email_verified": verified} if email else {})


def decide(
    provider: Provider, found: Profile, client: ClientInfo = CLIENT, to: str = ""
) -> Account:
    return decision.account_for(provider=provider, profile=found, client=client, redirect_to=to)


def owner(backend: Backend, email: str = KEY, **columns: Any) -> Person:
    """Somebody who signed up by password and has shown that the address is theirs."""
    Backend.objects.filter(pk=backend.pk).update(auto_confirm=True)
    backend.refresh_from_db()
    person = Person.sign_up(backend, email)
    Backend.objects.filter(pk=backend.pk).update(auto_confirm=False)
    backend.refresh_from_db()
    changes = {"auto_confirmed": False, **columns}
    Account.objects.filter(pk=person.account.pk).update(**changes)
    return person


def row(account: Account) -> dict[str, Any]:
    """The account as it is stored."""
    return dict(Account.objects.filter(pk=account.pk).values().get())


def identities(account: Account) -> list[tuple[str, str, dict[str, Any]]]:
    """Its ways in, the oldest first."""
    rows = Identity.objects.filter(account=account).order_by("pk")
    return [(each.provider, each.subject, each.data) for each in rows]


def event(account: Account, kind: str, result: str = "ok", **data: Any) -> dict[str, Any]:
    """What is to be written of an act of the account's own, in no session."""
    actor = Actor("account", str(account.uuid))
    backend = account.backend
    return acts.event(kind, backend=backend, actor=actor, account=account, result=result, **data)


def events_since(number: int) -> list[dict[str, Any]]:
    """What was written after so many."""
    return acts.written()[number:]
