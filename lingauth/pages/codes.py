"""Recovery codes on the screen: once, after they were made, until they are saved."""

from __future__ import annotations

import re
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lingauth.core import recovery as shape
from lingauth.core.errors import ValidationFailed
from lingauth.pages import reveal, words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit
from lingauth.services import recovery
from lingauth.services.access import SignedIn

_CODES = re.compile(r"(?:[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\s?){1,20}")


def show_soon(visit: Visit, me: SignedIn, made: list[str], *, done: str = "on") -> HttpResponse:
    """On to the page that shows new codes, which the browser carries there, encrypted."""
    address = page("codes", me.backend.ref) + carry(visit.return_to)
    joint = "&" if "?" in address else "?"
    # In capitals, where no letter looks like a digit of this alphabet.
    shown = [shape.grouped(code).upper() for code in made]
    return reveal.hand_over(me, shown, go(f"{address}{joint}done={done}"), at=visit.at)


@hosted()
def codes(visit: Visit) -> HttpResponse:
    """Show new codes; make them; finish."""
    me = visit.signed_in
    post = visit.request.POST
    shown = reveal.read(visit.request, me, at=visit.at)
    if "finish" in post:
        if "saved" in post:
            return _finish(visit, me)
        return _show(visit, me, shown or _given(visit), unsaved=True)
    if visit.request.method == "POST":
        status = recovery.status(me=me)
        make = recovery.generate if status is None else recovery.regenerate
        return show_soon(visit, me, make(me=me, client=visit.client).codes, done="")
    if shown:
        return _show(visit, me, shown)
    me.require_fresh(visit.at, "AAL2 required to manage recovery codes")
    if not me.has_factor:
        return go(page("mfa_setup", me.backend.ref))
    return visit.render("codes_new", {"status": recovery.status(me=me)})


@hosted("POST", resume=False)
def file(visit: Visit) -> HttpResponse:
    """The codes of the form as a text file. They come from the page, which is their only copy."""
    me = visit.signed_in
    given = _given(visit)
    if not given:
        raise ValidationFailed
    head = _("%(backend)s: recovery codes for %(email)s") % {
        "backend": me.backend.name,
        "email": me.account.email,
    }
    made = _("Made on %(date)s. Each code works once.") % {"date": _day(visit.at)}
    numbered = [f"{number:>2}. {code}" for number, code in enumerate(given, start=1)]
    text = "\r\n".join([head, made, "", *numbered, ""])
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = f"{me.backend.ref}-recovery-codes.txt"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _show(visit: Visit, me: SignedIn, shown: list[str], *, unsaved: bool = False) -> HttpResponse:
    if not shown:
        return go(page("account", me.backend.ref))
    context = {
        "codes": shown,
        "made": visit.at,
        "unsaved": unsaved,
        "notice": "" if unsaved else words.notice(visit.request.GET.get("done")),
    }
    return visit.render("codes_show", context, status=422 if unsaved else 200)


def _finish(visit: Visit, me: SignedIn) -> HttpResponse:
    return reveal.forget(me, go(visit.return_to or page("account", me.backend.ref)))


def _given(visit: Visit) -> list[str]:
    """The codes that the page sent back, if they look like codes."""
    text = visit.request.POST.get("codes", "")[:600].strip()
    return text.split() if _CODES.fullmatch(text) else []


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
