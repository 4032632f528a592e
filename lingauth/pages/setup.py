"""Setting up an authenticator: get an app, scan, enter a code. One page, one form."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.errors import CodeRefused, FactorNotFound, TooManyAttempts
from lingauth.pages import reveal, steps, words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.codes import show_soon
from lingauth.pages.forms import CodeForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit, remember
from lingauth.services import factors, recovery, verification
from lingauth.services.access import SignedIn
from lingauth.services.factors import Enrollment

GROUP = 4


@hosted("GET", "HEAD")
def next_step(visit: Visit) -> HttpResponse:
    """For apps that only know that a step is missing: set up, or verify, or nothing."""
    me = visit.signed_in
    address = steps.onward(me, visit.at, visit.return_to)
    if not me.has_factor and address == (visit.return_to or page("account", me.backend.ref)):
        address = page("mfa_setup", me.backend.ref) + carry(visit.return_to)
    return go(address)


@hosted()
def set_up(visit: Visit) -> HttpResponse:
    """The same secret at every look and after a wrong code, until it expires or is restarted."""
    me = visit.signed_in
    if visit.request.method != "POST" and reveal.read(visit.request, me, at=visit.at):
        # Codes that were made a moment ago and not seen, as after a form that was sent twice.
        return go(page("codes", me.backend.ref) + carry(visit.return_to))
    enrollment = factors.pending(me=me)
    if visit.request.method != "POST":
        enrollment = enrollment or factors.enroll(me=me, client=visit.client)
        return _show(visit, me, enrollment, CodeForm(initial={"return_to": visit.return_to}))
    if enrollment is None:
        return _expired(visit)
    form = CodeForm(visit.request.POST)
    if not form.is_valid():
        return _show(visit, me, enrollment, form, status=422)
    try:
        grant = verification.verify_any(
            me=me,
            code=form.cleaned_data["code"],
            factor_uuid=enrollment.factor.uuid,
            client=visit.client,
        )
    except FactorNotFound:
        return _expired(visit)
    except CodeRefused as error:
        form.add_error("code", words.USED_CODE if error.reused else words.WRONG_AT_SET_UP)
        return _show(visit, me, enrollment, form, status=error.status)
    except TooManyAttempts as error:
        problem = words.locked(error)
        response = _show(visit, me, enrollment, form, problem=problem, status=error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    raised = SignedIn(visit.backend, grant.session, grant.account, has_factor=True)
    return remember(visit, _after(visit, raised, first=not me.has_factor), grant.session)


@hosted("POST", resume=False)
def restart(visit: Visit) -> HttpResponse:
    """A new secret. The old QR code is worth nothing from now on."""
    factors.enroll(me=visit.signed_in, client=visit.client)
    return go(page("mfa_setup", visit.backend.ref) + carry(visit.return_to))


def _after(visit: Visit, me: SignedIn, *, first: bool) -> HttpResponse:
    """To the recovery codes if there are none yet, else on."""
    if recovery.status(me=me) is None:
        made = recovery.generate(me=me, client=visit.client)
        return show_soon(visit, me, made.codes)
    done = "on" if first else "added"
    return go(visit.return_to or f"{page('account', me.backend.ref)}?done={done}")


def _show(
    visit: Visit,
    me: SignedIn,
    enrollment: Enrollment,
    form: CodeForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    demand = steps.demand(me, visit.at)
    ref = me.backend.ref
    later = visit.return_to or page("account", ref)
    form["code"].help_text = _("The six digits that the app shows for %(name)s.") % {
        "name": me.backend.name
    }
    # No cursor in the field at first: on a small screen it would scroll past the QR code.
    form.focus_first_error()
    context = {
        "form": form,
        "problem": problem,
        # As an image, so that nothing in the picture can act as markup of the page.
        "qr": f"data:image/svg+xml,{quote(enrollment.qr_svg)}",
        "uri": enrollment.uri,
        "secret": enrollment.secret,
        "groups": groups(enrollment.secret),
        "issuer": me.backend.name,
        "asked": demand.asked,
        "another": me.has_factor,
        "deadline": demand.deadline,
        "later": later if demand.can_wait else "",
        "wait": seconds_to_next_code(visit.at) if _was_used(form) else 0,
    }
    return visit.render("mfa_setup", context, status=status)


def groups(secret: str) -> list[str]:
    """The key in groups of four, as people type it."""
    return [secret[i : i + GROUP] for i in range(0, len(secret), GROUP)]


def seconds_to_next_code(at: datetime) -> int:
    """Until authenticator apps show the next one."""
    return 30 - int(at.timestamp()) % 30


def _was_used(form: CodeForm) -> bool:
    return str(words.USED_CODE) in form.errors.get("code", [])


def _expired(visit: Visit) -> HttpResponse:
    return visit.render("mfa_expired", status=422)
