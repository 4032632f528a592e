"""The frame of every hosted view: headers, CSRF, the visitor, and errors as pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from lingauth.core import clock
from lingauth.core.errors import (
    ChallengeExpired,
    DomainError,
    InsufficientLevel,
    NotFound,
    SessionGone,
)
from lingauth.pages import guests, words
from lingauth.pages.addresses import carry, go, host_of, page
from lingauth.pages.security import secured
from lingauth.pages.visits import Visit, cookie_name
from lingauth.services import access, cookies, traces
from lingauth.services.access import SignedIn
from lingauth.services.context import client_info

PageView = Callable[..., HttpResponse]


def hosted(*methods: str, resume: bool = True) -> Callable[[PageView], PageView]:
    """Frame ``view(visit, **kwargs)``.

    ``resume``: after a sign-in or a code was asked for, come back to this address; else (an address
    that only takes a POST) to the account page.
    """

    def frame(view: PageView) -> PageView:
        allowed = methods or ("GET", "HEAD", "POST")

        @wraps(view)
        def handle(request: HttpRequest, ref: str, **kwargs: Any) -> HttpResponse:
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            try:
                visit = _visit(request, ref)
            except NotFound:
                return _plain(request, 404, words.NO_SUCH_PAGE)
            except guests.Over as gone:
                return over(request, gone.back)
            try:
                return view(visit, **kwargs)
            except DomainError as error:
                return _answer(visit, error, resume=resume)

        # Services commit what must outlast an error, so no host's request transaction is around.
        return transaction.non_atomic_requests(secured(_checked(handle)))

    return frame


def _checked(handle: PageView) -> PageView:
    """Check CSRF here, with or without the host's middleware, so that the refusal is our page.

    The middleware, where there is one, is told to leave the view alone: it would answer first.
    """

    @wraps(handle)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        passed = False

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            nonlocal passed
            passed = True
            return handle(request, *args, **kwargs)

        answer = csrf_protect(inner)(request, *args, **kwargs)
        return answer if passed else _plain(request, 403, words.FORM_TOO_OLD)

    return csrf_exempt(checked)


def _visit(request: HttpRequest, ref: str) -> Visit:
    client = client_info(request)
    try:
        guest = guests.of(request, ref)
    except guests.Over:
        access.read(ref=ref)  # an unknown backend is told first
        raise
    if guest is not None:
        _note(request, guest.me)
        return Visit(request, guest.me.backend, guest.me, client, clock.now(), guest)
    cookie = request.COOKIES.get(cookie_name(ref), "")
    found = cookies.session_from(ref=ref, cookie=cookie) if cookie else None
    at = clock.now()
    if found is None:
        return Visit(request, access.read(ref=ref).backend, None, client, at)
    _note(request, found)
    return Visit(request, found.backend, found, client, at)


def _note(request: HttpRequest, me: SignedIn) -> None:
    traces.note(request, account_uuid=me.account.uuid, session_id=me.session.pk)


def _answer(visit: Visit, error: DomainError, *, resume: bool) -> HttpResponse:
    """The page for an error that the view did not handle."""
    response = _page_of(visit, error, resume=resume)
    traces.refuse(response, error)
    return response


def _page_of(visit: Visit, error: DomainError, *, resume: bool) -> HttpResponse:
    ref = visit.backend.ref
    if visit.guest is not None and isinstance(error, SessionGone):
        return over(visit.request, visit.guest.flow.redirect_to)
    if visit.guest is not None and isinstance(error, (InsufficientLevel, ChallengeExpired)):
        return go(page("mfa", ref) + carry(visit.return_to))
    back = visit.request.get_full_path() if resume else page("account", ref)
    if isinstance(error, InsufficientLevel):
        return go(page("mfa_verify", ref) + carry(back))
    if isinstance(error, SessionGone):
        address = page("sign_in", ref) + carry(back)
        # The dead cookie is left alone: another answer may just have put a live one in its place.
        was_here = bool(visit.request.COOKIES.get(cookie_name(ref)))
        return go(f"{address}&done=gone" if was_here else address)
    if isinstance(error, ChallengeExpired):
        # Another tab's code was accepted at the same moment: look again where this visitor stands.
        return go(page("home", ref) + carry(visit.return_to))
    context = {
        "heading": words.heading(error),
        "lines": [words.sentence(error)],
        "link": page("home", ref),
        "link_text": _("Back to the start"),
    }
    response = visit.render("message", context, status=error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def over(request: HttpRequest, back: str = "") -> HttpResponse:
    """The page for a step that an app began and that cannot be gone on with; and the way back to
    the app, if that is known."""
    text = _("Back to %(host)s") % {"host": host_of(back)}
    return _plain(request, 410, words.STEP_OVER, back=back, back_text=text)


def _plain(
    request: HttpRequest, status: int, message: tuple[Any, Any], **more: str
) -> HttpResponse:
    """A page without a backend: there is none, or it was not asked for yet."""
    heading, line = message
    context = {"heading": heading, "lines": [line], **more}
    return render(request, "lingauth/pages/message.html", context, status=status)
