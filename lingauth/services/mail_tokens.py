"""Mailed tokens: making one, and finding the one that a code or a link belongs to."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import randbelow, token_urlsafe

from django.db import transaction

from lingauth.conf import settings
from lingauth.core import clock, guesses
from lingauth.core import email as addresses
from lingauth.models import Account, Backend, Flow, MailToken
from lingauth.services import limits

Purpose = MailToken.Purpose

CODE_LIFE = timedelta(minutes=10)
"""A code is short enough to be guessed, so it lives shorter than its link (ASVS 6.5.5)."""

LINK_LIFE = {
    Purpose.SIGNUP: timedelta(hours=24),
    Purpose.INVITE: timedelta(hours=24),
    Purpose.MAGICLINK: timedelta(minutes=10),
    Purpose.RECOVERY: timedelta(minutes=30),
    Purpose.EMAIL_CHANGE_CURRENT: timedelta(hours=24),
    Purpose.EMAIL_CHANGE_NEW: timedelta(hours=24),
    Purpose.REAUTHENTICATION: CODE_LIFE,
}
CHANGES = (Purpose.EMAIL_CHANGE_CURRENT, Purpose.EMAIL_CHANGE_NEW)

_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Minted:
    """What goes into the mail, and nowhere else. ``link`` is the token that a link carries."""

    code: str
    link: str
    row: MailToken


def mint(
    *,
    account: Account,
    purpose: MailToken.Purpose,
    email: str,
    flow: Flow | None = None,
    password: str | None = "",
) -> Minted:
    """A new token for the account and the purpose, mailed to ``email``; the one before is void.

    With a ``flow`` the link begins with ``pkce_`` and leads to that flow's code. ``password`` is a
    hash that comes with the confirmation; None stands for that of the token before. Without it
    whoever signed up first could have their password confirmed by a mail that is sent once more.
    """
    now = clock.now()
    key = addresses.normalise(email)
    code = f"{randbelow(10**6):06d}"
    link = ("pkce_" if flow is not None else "") + token_urlsafe(32)
    row = MailToken(
        backend_id=account.backend_id,
        account=account,
        purpose=purpose,
        email_key=key,
        code_digest=_digests(account, purpose, key, code)[0],
        link_digest=_link_digests(link)[0],
        flow=flow,
        password=password or "",
        created_at=now,
        expires_at=now + LINK_LIFE[purpose],
    )
    with transaction.atomic():
        Account.objects.hold(account.pk)
        before = MailToken.objects.filter(account=account, purpose=purpose)
        if password is None:
            row.password = before.values_list("password", flat=True).first() or ""
        before.delete()
        row.save(force_insert=True)
    return Minted(code, link, row)


def by_link(*, backend: Backend, link: object) -> MailToken | None:
    """The token of a link that can still be used. Finding it spends nothing."""
    if not isinstance(link, str) or len(link) > 100:
        return None
    rows = MailToken.objects.filter(
        backend=backend,
        link_digest__in=_link_digests(link),
        used_at=None,
        expires_at__gt=clock.now(),
    )
    return rows.select_related("account__user", "flow").exclude(
        purpose=Purpose.REAUTHENTICATION
    ).first()  # fmt: skip


def by_code(
    *,
    backend: Backend,
    email_key: str,
    purposes: Sequence[MailToken.Purpose],
    code: object,
    account: Account | None = None,
) -> MailToken | None:
    """The token that was mailed to this address with this code.

    The guess counts for the address and for each token that it could have been, in one commit
    before anything is compared, whether there is such a token or not. Call it outside of
    transactions. Raises TooManyAttempts while the address's codes are locked.
    """
    text, now = plain(code), clock.now()
    with transaction.atomic(durable=True):
        rows = MailToken.objects.claim_attempts(
            backend=backend, email_key=email_key, purposes=purposes, since=now - CODE_LIFE
        )
        owner = next((row.account for row in rows if row.account.email_key == email_key), account)
        limits.claim_within(
            guesses.MAIL_CODE, subject=email_key, backend=backend, account=owner, now=now
        )
    found = None
    for row in rows:
        known = _digests(row.account, row.purpose, row.email_key, text)
        if any(hmac.compare_digest(row.code_digest, digest) for digest in known):
            found = row
    return found


def plain(code: object) -> str:
    """The six digits of what was typed, without spaces and dashes; else nothing."""
    text = re.sub(r"[ \-]", "", code) if isinstance(code, str) and len(code) <= 20 else ""
    return text if _CODE.fullmatch(text) else ""


def void(account: Account) -> None:
    """Nothing that was mailed to the account works any longer, nor the code of a flow that a link
    led to, and no change of address waits."""
    MailToken.objects.filter(account=account).delete()
    Flow.objects.filter(account=account, used_at=None).delete()
    Account.objects.filter(pk=account.pk).exclude(new_email="").update(new_email="")
    account.new_email = ""


def _digests(account: Account, purpose: str, email_key: str, code: str) -> list[str]:
    parts = (str(account.uuid), str(purpose), email_key, code)
    made = settings.keychain.digests("mail code", *(part.encode() for part in parts))
    return [digest.hex() for digest in made]


def _link_digests(link: str) -> list[str]:
    made = settings.keychain.digests("mail link", link.encode("utf-8", "replace"))
    return [digest.hex() for digest in made]
