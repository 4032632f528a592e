"""Entering a code of an authenticator that is set up already."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.assurance import Level
from lingauth.core.email import mask
from lingauth.core.errors import CodeRefused, TooManyAttempts
from lingauth.models import TotpFactor
from lingauth.pages import words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.forms import CodeForm
from lingauth.pages.hosted import hosted
from lingauth.pages.setup import seconds_to_next_code
from lingauth.pages.visits import Visit, remember
from lingauth.services import factors, recovery, verification
from lingauth.services.access import SignedIn


@hosted()
def verify(visit: Visit) -> HttpResponse:
    """Step up, or prove it again before something that matters."""
    me = visit.signed_in
    ref = visit.backend.ref
    if not me.has_factor:
        return go(page("mfa_setup", ref) + carry(visit.return_to))
    if visit.request.method != "POST":
        if me.session.is_fresh(visit.at, has_factor=True):
            return go(visit.return_to or page("account", ref))
        return _show(visit, me, CodeForm(initial={"return_to": visit.return_to}))
    form = CodeForm(visit.request.POST)
    if not form.is_valid():
        return _show(visit, me, form, status=422)
    try:
        grant = verification.verify_any(
            me=me,
            code=form.cleaned_data["code"],
            factor_uuid=_chosen_uuid(visit),
            client=visit.client,
        )
    except CodeRefused as error:
        form.add_error("code", wrong(error))
        wait = seconds_to_next_code(visit.at) if error.reused else 0
        return _show(visit, me, form, wait=wait, status=error.status)
    except TooManyAttempts as error:
        status = recovery.status(me=me)
        helps = status is not None and status.remaining > 0
        problem = words.locked(error, recovery_helps=helps)
        response = _show(visit, me, form, problem=problem, status=error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return remember(visit, go(visit.return_to or page("account", ref)), grant.session)


def wrong(error: CodeRefused) -> str:
    """What to say of a refused code."""
    if error.reused:
        return str(words.USED_CODE)
    return str(words.LATE_CODE if error.late else words.WRONG_CODE)


def _show(
    visit: Visit,
    me: SignedIn,
    form: CodeForm,
    *,
    problem: str = "",
    wait: int = 0,
    status: int = 200,
) -> HttpResponse:
    mine = factors.list_for(me=me)
    chosen = _chosen(mine, _chosen_uuid(visit))
    codes = recovery.status(me=me)
    form["code"].help_text = _("From %(factor)s, for %(backend)s.") % {
        "factor": chosen.name if chosen else _("your authenticator app"),
        "backend": me.backend.name,
    }
    if form.errors:
        form.focus_first_error()
    context = {
        "form": form,
        "problem": problem,
        "wait": wait,
        "who": mask(me.account.email),
        "again": me.level(visit.at) is Level.AAL2,
        "others": [_other(visit, factor) for factor in mine if factor is not chosen],
        "has_recovery": codes is not None and codes.remaining > 0,
    }
    return visit.render("mfa_verify", context, status=status)


def _chosen_uuid(visit: Visit) -> UUID | None:
    try:
        return UUID(visit.request.GET.get("factor", ""))
    except ValueError:
        return None


def _chosen(mine: list[TotpFactor], uuid: UUID | None) -> TotpFactor | None:
    """The one asked for, else the one used last, which is likeliest at hand."""
    by_use = sorted(mine, key=lambda factor: factor.last_used_at or factor.created_at, reverse=True)
    named = [factor for factor in by_use if factor.uuid == uuid]
    return next(iter(named or by_use), None)


def _other(visit: Visit, factor: TotpFactor) -> dict[str, str]:
    address = page("mfa_verify", visit.backend.ref) + carry(visit.return_to)
    joint = "&" if "?" in address else "?"
    return {"name": factor.name, "url": f"{address}{joint}factor={factor.uuid}"}
