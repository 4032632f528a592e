"""A mail that was asked for: by whom, for what. The browser keeps it, and the code is only taken
from that browser."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse

from lingauth.core.errors import DomainError
from lingauth.models import Backend
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.sealed import Sealed
from lingauth.pages.visits import Visit
from lingauth.services import backends, mail_asks
from lingauth.services.mail_tokens import Purpose

LIMITED = "over_email_send_rate_limit"
_KEPT = Sealed("mail", "code", "mail that was asked for", timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Asked:
    """``wait_until``: before that another mail would be refused; in Unix seconds."""

    email: str
    purpose: Purpose
    wait_until: int

    def seconds_to_wait(self, now: datetime) -> int:
        return max(0, self.wait_until - int(now.timestamp()))


def ask(visit: Visit, email: str, purpose: Purpose, *, done: str = "") -> HttpResponse:
    """Ask for the mail, and on to the page that takes its code, whoever has the address.

    An address that had its mail a moment ago leads there too: the mail is on its way. Raises
    ValidationFailed for what is no address.
    """
    try:
        mail_asks.ask(
            backend=visit.backend,
            purpose=purpose,
            email=email,
            client=visit.client,
            redirect_to=return_address(visit.backend, visit.return_to),
            create_user=False,
        )
    except DomainError as error:
        if error.code != LIMITED:
            raise
        return expect(visit, email, purpose, wait=error.retry_after or 0, done="wait")
    return expect(visit, email, purpose, wait=visit.backend.mail_cooldown, done=done)


def expect(
    visit: Visit, email: str, purpose: Purpose, *, wait: int, done: str = ""
) -> HttpResponse:
    """On to the page that takes the code of a mail that was just asked for. ``done`` is its notice,
    and ``wait`` the seconds before another mail can be asked for."""
    asked = Asked(email, purpose, wait_until=int(visit.at.timestamp()) + wait)
    address = page("code", visit.backend.ref) + carry(visit.return_to)
    if done:
        address += f"{'&' if '?' in address else '?'}done={done}"
    ref = visit.backend.ref
    return _KEPT.put(go(address), asdict(asked), ref=ref, bound_to=_binding(visit), at=visit.at)


def read(visit: Visit) -> Asked | None:
    """What this browser asked for within the hour."""
    kept = _KEPT.read(visit.request, ref=visit.backend.ref, bound_to=_binding(visit), at=visit.at)
    return Asked(**kept | {"purpose": Purpose(kept["purpose"])}) if kept else None


def forget(visit: Visit, response: HttpResponse) -> HttpResponse:
    return _KEPT.drop(response, ref=visit.backend.ref)


def return_address(backend: Backend, return_to: str) -> str:
    """Where a mail's link ends, so that it goes on like the page it was asked for from."""
    return f"{backends.base_url(backend)}/{carry(return_to)}"


def _binding(visit: Visit) -> bytes:
    return str(visit.backend.pk).encode()
