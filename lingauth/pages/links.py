"""Where the links of mails land. Looking spends nothing; the button does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.email import mask
from lingauth.core.errors import DomainError
from lingauth.models import MailToken
from lingauth.pages import mail_words
from lingauth.pages.addresses import beyond, go, host_of, leave, local_path, page
from lingauth.pages.entry import changed, enter
from lingauth.pages.hosted import hosted
from lingauth.pages.sealed import Sealed
from lingauth.pages.security import policy
from lingauth.pages.visits import Visit
from lingauth.services import redemption, redirects, return_urls
from lingauth.services.grants import Grant
from lingauth.services.mail_letters import type_of
from lingauth.services.mail_tokens import CHANGES, Purpose
from lingauth.services.redemption import CodeIssued, HalfChanged

MAX_TOKEN = 100
_KEPT = Sealed("link", "link", "link that was opened", timedelta(minutes=30), samesite="Lax")
"""From the address, where the next person at this screen could read it, to the form. ``Lax``: the
way here begins at a mail, on another site."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says. None of it is believed: the token is looked up, the target is judged."""

    token: str
    type: str
    redirect_to: str

    @classmethod
    def of(cls, given: Any) -> Link:
        token = given.get("token", "")[: MAX_TOKEN + 1]
        return cls(token, given.get("type", "")[:20], given.get("redirect_to", "")[:2000])

    @property
    def has_flow(self) -> bool:
        """Whether an app waits with a PKCE verifier (RFC 7636)."""
        return self.token.startswith("pkce_")


@hosted()
def land(visit: Visit) -> HttpResponse:
    """GET and HEAD only show, so that programs which look at the links in mails do no harm."""
    if visit.request.method == "POST":
        return _redeem(visit, Link.of(visit.request.POST))
    if "token" in visit.request.GET:
        response = go(page("link", visit.backend.ref))
        response.headers["Referrer-Policy"] = "no-referrer"
        kept = asdict(Link.of(visit.request.GET))
        return _KEPT.put(response, kept, **_whose(visit), at=visit.at)
    kept = _KEPT.read(visit.request, **_whose(visit), at=visit.at)
    if kept is None:
        return _message(visit, 200, _("Open the link again"), [mail_words.OPEN_AGAIN])
    return _show(visit, Link(**kept))


def _show(visit: Visit, link: Link) -> HttpResponse:
    row = redemption.peek(backend=visit.backend, token=link.token)
    if row is None:
        return _dead(visit, link, redemption.expired(by_code=False))
    target = _target(visit, link, row)
    there = _own_path(visit, target)
    values = {
        "name": visit.backend.name,
        "email": mask(row.email_key),
        "new_email": row.account.new_email,  # in full, as in the mail: they decide on it
    }
    said = mail_words.LINKS[Purpose(row.purpose)]
    other = visit.me is not None and visit.me.account.pk != row.account_id
    context = {
        "link": link,
        "heading": said.heading % values,
        "lead": said.lead % values,
        "action": said.action,
        "ends": mask(visit.me.account.email) if visit.me and other and there else "",
        "host": "" if there else host_of(target),
    }
    response = visit.render("link", context)
    response.headers["Content-Security-Policy"] = policy(form_ends_at="" if there else target)
    return response


def _redeem(visit: Visit, link: Link) -> HttpResponse:
    row = redemption.peek(backend=visit.backend, token=link.token)
    purpose = Purpose(row.purpose) if row is not None else Purpose.MAGICLINK
    target = _target(visit, link, row)
    try:
        outcome = redemption.with_link(
            backend=visit.backend, type=type_of(purpose), token=link.token, client=visit.client
        )
    except DomainError as error:
        return _dead(visit, link, error)
    there = _own_path(visit, target)
    if isinstance(outcome, CodeIssued):
        response = leave(return_urls.of_code(target, outcome.code))
    elif isinstance(outcome, HalfChanged):
        if there:
            account = {"link": page("account", visit.backend.ref), "link_text": _("Your account")}
            lines = [mail_words.HALF_CHANGED]
            response = _message(visit, 200, _("One more to go"), lines, **account)
        else:
            told = return_urls.of_message(target, outcome.message, pkce=link.has_flow)
            response = leave(told)
    elif there:
        response = _enter(visit, outcome, purpose, there)
    else:
        response = leave(return_urls.of_grant(target, outcome, type_of(purpose)))
    return _KEPT.drop(response, ref=visit.backend.ref)


def _enter(visit: Visit, grant: Grant, purpose: Purpose, there: str) -> HttpResponse:
    """Into our own pages: a cookie, and nothing in the address."""
    if purpose in CHANGES:
        return changed(visit, grant)
    return enter(visit, grant, purpose=purpose, return_to=beyond(there, visit.backend.ref))


def _target(visit: Visit, link: Link, row: MailToken | None) -> str:
    """Where this link ends: where its flow was going, else what the link says, if that is right."""
    given = row.flow.redirect_to if row is not None and row.flow is not None else ""
    return redirects.target(backend=visit.backend, given=given or link.redirect_to)


def _own_path(visit: Visit, target: str) -> str:
    """The target's path, if it is one of our own pages; else nothing."""
    if not redirects.is_hosted(visit.backend, target):
        return ""
    parts = urlsplit(target)
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _dead(visit: Visit, link: Link, error: DomainError) -> HttpResponse:
    """It no longer works: what to do about it, and the way back to an app that waits."""
    said = mail_words.dead_link(link.type, error, signed_in=visit.me is not None)
    ref = visit.backend.ref
    target = redirects.target(backend=visit.backend, given=link.redirect_to)
    context = {"link": page(said.page, ref), "link_text": said.link_text}
    if not _own_path(visit, target):
        context["back"] = return_urls.of_error(target, error, pkce=link.has_flow)
        context["back_text"] = _("Back to %(host)s") % {"host": host_of(target)}
    return _message(visit, error.status, said.heading, [said.line], **context)


def _message(
    visit: Visit, status: int, heading: Any, lines: list[Any], **more: Any
) -> HttpResponse:
    context = {"heading": heading, "lines": lines, **more}
    return _KEPT.drop(visit.render("message", context, status=status), ref=visit.backend.ref)


def _whose(visit: Visit) -> dict[str, Any]:
    return {"ref": visit.backend.ref, "bound_to": str(visit.backend.pk).encode()}
