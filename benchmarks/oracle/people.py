"""The people that ``benchmarks.oracle`` asks for: one of each kind."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from lingauth.core import clock
from lingauth.models import Account, Backend, GuessLimit, Identity, MailToken
from lingauth.services import accounts, backends, mail_tokens
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.mail_tokens import Purpose

ADDRESSES = {
    kind: f"{kind.replace('-', ''):x<16.16}@example.com"
    for kind in ("known", "banned", "unconfirmed", "social-only")
}
"""All as long as those that nobody has."""


def prepare() -> tuple[str, dict[str, str]]:
    """A backend with its people. Answers its anon key and the addresses by kind."""
    made = backends.create_backend(
        ref="oracle", name="Oracle", auto_confirm=True, actor=Actor.system("bench")
    )
    for email in ADDRESSES.values():
        accounts.sign_up(
            backend=made.backend, email=email, password="correct horse battery", client=ClientInfo()
        )
    _of("banned").update(banned_until=clock.now() + timedelta(days=1))
    _of("unconfirmed").update(email_confirmed_at=None)
    social = _of("social-only").get()
    users = get_user_model()._default_manager
    users.filter(pk=social.user_id).update(password=make_password(None))
    Identity.objects.filter(account=social).update(provider="github")
    Backend.objects.update(auto_confirm=False, mail_cooldown=0, mails_per_hour=10**6)
    return made.anon_key, ADDRESSES


def reset() -> None:
    """Locks are another matter: everybody's guesses begin again, at codes that wait for them."""
    GuessLimit.objects.all().delete()
    for account in Account.objects.filter(email__in=ADDRESSES.values()).select_related("user"):
        if not MailToken.objects.filter(
            account=account, created_at__gt=clock.now() - timedelta(minutes=5)
        ).update(attempts=0):
            purpose = Purpose.MAGICLINK if account.email_confirmed_at else Purpose.SIGNUP
            mail_tokens.mint(account=account, purpose=purpose, email=account.email)


def _of(kind: str) -> QuerySet[Account]:
    return Account.objects.filter(email=ADDRESSES[kind])
