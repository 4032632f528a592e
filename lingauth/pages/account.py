"""The account page, and what can be changed from it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.assurance import Level
from lingauth.core.errors import FactorNotFound, NotFound
from lingauth.models import Session, TotpFactor
from lingauth.pages import steps, words
from lingauth.pages.addresses import go, page
from lingauth.pages.devices import device
from lingauth.pages.forms import EmptyForm, NameForm
from lingauth.pages.hosted import hosted
from lingauth.pages.identities import more_ways, ways
from lingauth.pages.visits import Visit
from lingauth.services import factors, recovery, sessions
from lingauth.services.access import SignedIn
from lingauth.services.recovery import RecoveryStatus

FEW = 3
"""So many recovery codes left, or fewer, is worth a banner."""


@hosted("GET", "HEAD")
def overview(visit: Visit) -> HttpResponse:
    """Everything about one's own account. Who has a factor proves it before seeing this."""
    me = visit.signed_in
    if me.has_factor and me.level(visit.at) is not Level.AAL2:
        return go(steps.onward(me, visit.at, visit.return_to))
    codes = recovery.status(me=me) if me.has_factor else None
    context = {
        "notice": words.notice(visit.request.GET.get("done")),
        "factors": factors.list_for(me=me),
        "required": steps.demand(me, visit.at).asked,
        "recovery": codes,
        "few_codes": codes is not None and codes.remaining <= FEW,
        "ticks": _ticks(codes),
        "has_password": me.account.user.has_usable_password(),
        "ways": ways(me),
        "more_ways": more_ways(me),
        "sessions": [_row(visit, me, session) for session in sessions.list_open(me=me)],
    }
    return visit.render("account", context)


@hosted()
def rename(visit: Visit, factor: UUID) -> HttpResponse:
    me = visit.signed_in
    mine = _own(visit, me, factor)
    form = NameForm(visit.request.POST or None, initial={"name": mine.name})
    if visit.request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            factors.rename(me=me, factor_uuid=factor, name=name, client=visit.client)
        except words.FIXABLE as error:
            form.add_error("name", words.sentence(error))
        else:
            return _done(visit, "renamed")
    context = {"heading": _("Rename the authenticator"), "action": _("Rename")}
    return _form(visit, form, context)


@hosted()
def remove(visit: Visit, factor: UUID) -> HttpResponse:
    """The last one takes the recovery codes along, which alone would open nothing."""
    me = visit.signed_in
    mine = _own(visit, me, factor)
    if visit.request.method == "POST":
        factors.unenroll(me=me, factor_uuid=factor, client=visit.client, with_recovery_codes=True)
        return _done(visit, "removed")
    last = len(factors.list_for(me=me)) == 1
    context = {
        "heading": _("Remove “%(name)s”?") % {"name": mine.name},
        "lead": words.REMOVES_LAST if last else words.REMOVES_ONE,
        "action": _("Remove"),
        "danger": True,
    }
    return _form(visit, EmptyForm(), context)


@hosted("POST", resume=False)
def end_session(visit: Visit, session: UUID) -> HttpResponse:
    me = visit.signed_in
    with suppress(NotFound):  # ended meanwhile, which is what was asked for
        sessions.revoke(me=me, session_id=session, client=visit.client)
    return _done(visit, "ended")


def _own(visit: Visit, me: SignedIn, uuid: UUID) -> TotpFactor:
    """A factor of one's own, for somebody who may change it. Raises as the services do."""
    me.require_fresh(visit.at, "AAL2 required to change a factor")
    for factor in factors.list_for(me=me):
        if factor.uuid == uuid:
            return factor
    raise FactorNotFound


def _done(visit: Visit, word: str) -> HttpResponse:
    return go(f"{page('account', visit.backend.ref)}?done={word}")


def _form(visit: Visit, form: Any, context: dict[str, Any]) -> HttpResponse:
    if form.errors:
        form.focus_first_error()
    return visit.render("form", context | {"form": form}, status=422 if form.errors else 200)


def _ticks(codes: RecoveryStatus | None) -> list[dict[str, Any]]:
    """The set's positions, used ones marked. What a code was is never shown again."""
    if codes is None:
        return []
    return [{"position": n, "used": n in codes.used} for n in range(1, codes.total + 1)]


def _row(visit: Visit, me: SignedIn, session: Session) -> dict[str, Any]:
    return {
        "id": session.pk,
        "device": device(session.user_agent),
        "current": session.pk == me.session.pk,
        "verified": session.level(visit.at) is Level.AAL2,
        "started": session.created_at,
        "seen": session.refreshed_at,
        "ip": session.ip,
    }
