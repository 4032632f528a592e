"""Signing up, in and out."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.conf import settings
from lingauth.core import email as addresses
from lingauth.core.errors import (
    AccountExists,
    DomainError,
    EmailNotConfirmed,
    InvalidCredentials,
    SignupDisabled,
    TooManyAttempts,
    ValidationFailed,
    WeakPassword,
)
from lingauth.models import Session
from lingauth.pages import steps, words
from lingauth.pages.addresses import carry, go, local_path, page
from lingauth.pages.forms import SignInForm, SignUpForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit, forget, remember
from lingauth.services import access, accounts, confirmation, sessions, signin
from lingauth.services.access import Access, SignedIn
from lingauth.services.grants import Grant

A_YEAR = 365 * 86400


@hosted("GET", "HEAD")
def home(visit: Visit) -> HttpResponse:
    """The address people are given: on to wherever they are."""
    if visit.me is None:
        return go(page("sign_in", visit.backend.ref) + carry(visit.return_to))
    return go(steps.onward(visit.me, visit.at, visit.return_to))


@hosted()
def sign_in(visit: Visit) -> HttpResponse:
    if visit.me is not None and visit.request.method != "POST":
        return go(steps.onward(visit.me, visit.at, visit.return_to))
    if visit.request.method != "POST":
        form = SignInForm(initial={"return_to": visit.return_to})
        return visit.render(
            "sign_in", {"form": form, "notice": words.notice(visit.request.GET.get("done"))}
        )
    form = SignInForm(visit.request.POST)
    if not form.is_valid():
        return _again(visit, "sign_in", form)
    data = form.cleaned_data
    try:
        grant = signin.with_password(
            read=partial(_read, visit),
            email=data["email"],
            password=data["password"],
            client=visit.client,
        )
    except EmailNotConfirmed:
        _mail_again(visit, data["email"])
        return _check_mail(visit, data["email"], status=400)
    except (InvalidCredentials, TooManyAttempts, ValidationFailed) as error:
        return _again(visit, "sign_in", form, error)
    return _enter(visit, grant)


@hosted()
def sign_up(visit: Visit) -> HttpResponse:
    if not visit.backend.signup_enabled:
        raise SignupDisabled
    minimum = visit.backend.password_min_length
    if visit.request.method != "POST":
        form = SignUpForm(initial={"return_to": visit.return_to}, minimum=minimum)
        return visit.render("sign_up", {"form": form})
    form = SignUpForm(visit.request.POST, minimum=minimum)
    if not form.is_valid():
        return _again(visit, "sign_up", form)
    data = form.cleaned_data
    try:
        outcome = accounts.sign_up(
            backend=visit.backend,
            email=data["email"],
            password=data["password"],
            client=visit.client,
        )
    except WeakPassword as error:
        form.add_error("password", words.sentence(error))
        return _again(visit, "sign_up", form)
    except (AccountExists, ValidationFailed) as error:
        form.add_error("email", words.sentence(error))
        return _again(visit, "sign_up", form)
    if isinstance(outcome, Grant):
        return _enter(visit, outcome)
    return _check_mail(visit, data["email"])


@hosted()
def confirm(visit: Visit) -> HttpResponse:
    """Opening the link only shows a button: programs that look at links in mails open them too."""
    if visit.request.method != "POST":
        return visit.render("confirm", {"token": visit.request.GET.get("token", "")})
    token = visit.request.POST.get("token", "")
    try:
        confirmation.confirm(backend=visit.backend, token=token, client=visit.client)
    except DomainError as error:
        context = {
            "heading": _("This link no longer works"),
            "lines": [_("It was used already, or it is too old. Sign in to get a new one.")],
            "link": page("sign_in", visit.backend.ref),
            "link_text": _("Sign in"),
        }
        return visit.render("message", context, status=error.status)
    address = page("sign_in", visit.backend.ref) + carry(visit.return_to)
    return go(f"{address}{'&' if '?' in address else '?'}done=confirmed")


@hosted("POST", resume=False)
def sign_out(visit: Visit) -> HttpResponse:
    """End this session, all of them, or all but this one, as ``scope`` says."""
    scope = visit.request.POST.get("scope") or "local"
    if visit.me is not None:
        sessions.sign_out(me=visit.me, scope=scope, client=visit.client)
        if scope == "others":
            return go(f"{page('account', visit.backend.ref)}?done=others")
    response = forget(visit, go(f"{page('sign_in', visit.backend.ref)}?done=signed-out"))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@hosted("POST", resume=False)
def theme(visit: Visit) -> HttpResponse:
    """Light, dark, or what the system says: kept in a cookie, so that the page comes right."""
    response = go(local_path(visit.return_to) or page("home", visit.backend.ref))
    chosen = visit.request.POST.get("theme")
    if chosen in ("light", "dark"):
        response.set_cookie(
            "theme",
            chosen,
            max_age=A_YEAR,
            secure=settings.is_https,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


def _read(visit: Visit, email_key: str) -> Access:
    return access.read(ref=visit.backend.ref, email_key=email_key)


def _mail_again(visit: Visit, email: str) -> None:
    """Another link, at most one a minute, for somebody who just gave the right password."""
    found = _read(visit, addresses.normalise(email))
    if found.account is not None:
        confirmation.request(backend=found.backend, account=found.account)


def signed_in_by(visit: Visit, session: Session, *, has_factor: bool) -> SignedIn:
    """The visitor as the session that a service just made or raised."""
    return SignedIn(visit.backend, session, session.account, has_factor)


def _enter(visit: Visit, grant: Grant) -> HttpResponse:
    """Hand out the new session's cookie. The one that the browser had before ends with that."""
    if visit.me is not None:
        sessions.sign_out(me=visit.me, scope="local", client=visit.client)
    verified = any(factor.confirmed for factor in grant.factors)
    me = signed_in_by(visit, grant.session, has_factor=verified)
    address = steps.onward(me, visit.at, visit.return_to)
    return remember(visit, go(address), grant.session)


def _again(
    visit: Visit, template: str, form: SignInForm | SignUpForm, error: DomainError | None = None
) -> HttpResponse:
    """The form once more, with what is wrong and never with the password."""
    form.focus_first_error()
    context = {"form": form, "problem": words.sentence(error) if error else ""}
    response = visit.render(template, context, status=error.status if error else 422)
    if error is not None and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _check_mail(visit: Visit, email: str, *, status: int = 200) -> HttpResponse:
    context = {
        "heading": _("Check your email"),
        "lines": [
            _("We sent a link to %(email)s. Open it to confirm your address, then sign in.")
            % {"email": email}
        ],
        "link": page("sign_in", visit.backend.ref) + carry(visit.return_to),
        "link_text": _("Sign in"),
    }
    return visit.render("message", context, status=status)
