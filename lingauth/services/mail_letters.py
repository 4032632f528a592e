"""The letters that carry a link and a code."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import transaction

from lingauth import tokens
from lingauth.core import clock
from lingauth.models import Account, Backend, Flow
from lingauth.services import events, mail_tokens, mailing
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.mail_tokens import CHANGES, CODE_LIFE, LINK_LIFE, Minted, Purpose
from lingauth.services.notices import Notice, send

TEMPLATES = {
    Purpose.SIGNUP: "confirm_signup",
    Purpose.INVITE: "invite",
    Purpose.MAGICLINK: "magic_link",
    Purpose.RECOVERY: "recovery",
    Purpose.EMAIL_CHANGE_CURRENT: "email_change_current",
    Purpose.EMAIL_CHANGE_NEW: "email_change_new",
    Purpose.REAUTHENTICATION: "reauthentication",
}
_SENT_AT = {
    Purpose.SIGNUP: "confirmation_sent_at",
    Purpose.RECOVERY: "recovery_sent_at",
    Purpose.MAGICLINK: "recovery_sent_at",  # the contract has no name of its own for it
    Purpose.REAUTHENTICATION: "reauthentication_sent_at",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What all letters of one ask have in common."""

    backend: Backend
    account: Account
    client: ClientInfo
    redirect_to: str = ""
    flow: Flow | None = None

    def send(self, purpose: Purpose, *, to: str = "", password: str | None = "") -> None:
        """Make the token, send it, and write that down. Raises OSError for trouble with mail."""
        to = to or self.account.email
        minted = mail_tokens.mint(
            account=self.account, purpose=purpose, email=to, flow=self.flow, password=password
        )
        context = {
            "account": self.account,
            "code": minted.code,
            "code_minutes": int(CODE_LIFE.total_seconds()) // 60,
            "expires_in_minutes": int(LINK_LIFE[purpose].total_seconds()) // 60,
            "action_url": action_url(self.backend, minted, self.redirect_to),
        }
        mailing.write(TEMPLATES[purpose], backend=self.backend, to=to, context=context)
        with transaction.atomic(durable=True):
            if column := _SENT_AT.get(purpose):
                Account.objects.filter(pk=self.account.pk).update(**{column: clock.now()})
            events.record(
                Kind.MAIL_SENT,
                backend_id=self.backend.pk,
                client=self.client,
                account=self.account,
                data={"purpose": purpose.value},
            )


def action_url(backend: Backend, minted: Minted, redirect_to: str) -> str:
    """The link of a mail, in the contract's form."""
    query = {"token": minted.link, "type": type_of(Purpose(minted.row.purpose))}
    if redirect_to:
        query["redirect_to"] = redirect_to
    return f"{tokens.issuer_of(backend.ref)}/verify?{urlencode(query)}"


def type_of(purpose: Purpose) -> str:
    """What the contract calls it in a link."""
    return "email_change" if purpose in CHANGES else purpose.value


def tell_taken(backend: Backend, account: Account) -> None:
    """Somebody signed up with the address of an account that is there already."""
    send(Notice.ACCOUNT_EXISTS, backend=backend, account=account)
