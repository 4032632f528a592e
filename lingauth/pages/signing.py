"""Signing up, in and out."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse

from lingauth.conf import settings
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
from lingauth.pages import mailed, steps, words
from lingauth.pages.addresses import carry, go, local_path, page
from lingauth.pages.entry import enter
from lingauth.pages.forms import SignInForm, SignUpForm
from lingauth.pages.hosted import hosted
from lingauth.pages.social import buttons
from lingauth.pages.visits import Visit, forget
from lingauth.services import access, accounts, sessions, signin
from lingauth.services.access import Access
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Purpose

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
        notice = words.notice(visit.request.GET.get("done"))
        context = {"form": form, "notice": notice, "providers": buttons(visit)}
        return visit.render("sign_in", context)
    form = SignInForm(visit.request.POST)
    by_mail = "mail" in visit.request.POST and visit.backend.mail_sign_in_enabled
    form.fields["password"].required = not by_mail
    if not form.is_valid():
        return _again(visit, "sign_in", form)
    data = form.cleaned_data
    if by_mail:
        return _by_mail(visit, form, data["email"])
    try:
        grant = signin.with_password(
            read=partial(_read, visit),
            email=data["email"],
            password=data["password"],
            client=visit.client,
        )
    except EmailNotConfirmed:
        return mailed.ask(visit, data["email"], Purpose.SIGNUP)
    except (InvalidCredentials, TooManyAttempts, ValidationFailed) as error:
        return _again(visit, "sign_in", form, error)
    return enter(visit, grant)


@hosted()
def sign_up(visit: Visit) -> HttpResponse:
    if not visit.backend.signup_enabled:
        raise SignupDisabled
    minimum = visit.backend.password_min_length
    if visit.request.method != "POST":
        form = SignUpForm(initial={"return_to": visit.return_to}, minimum=minimum)
        return visit.render("sign_up", {"form": form, "providers": buttons(visit)})
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
            redirect_to=mailed.return_address(visit.backend, visit.return_to),
        )
    except WeakPassword as error:
        form.add_error("password", words.sentence(error))
        return _again(visit, "sign_up", form)
    except (AccountExists, ValidationFailed) as error:
        form.add_error("email", words.sentence(error))
        return _again(visit, "sign_up", form)
    except DomainError as error:
        if error.code != mailed.LIMITED:
            raise
        wait = error.retry_after or 0
        return mailed.expect(visit, data["email"], Purpose.SIGNUP, wait=wait, done="wait")
    if isinstance(outcome, Grant):
        return enter(visit, outcome)
    wait = visit.backend.mail_cooldown
    return mailed.expect(visit, data["email"], Purpose.SIGNUP, wait=wait)


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


def _by_mail(visit: Visit, form: SignInForm, email: str) -> HttpResponse:
    try:
        return mailed.ask(visit, email, Purpose.MAGICLINK)
    except ValidationFailed as error:
        form.add_error("email", words.sentence(error))
        return _again(visit, "sign_in", form)


def _again(
    visit: Visit, template: str, form: SignInForm | SignUpForm, error: DomainError | None = None
) -> HttpResponse:
    """The form once more, with what is wrong and never with the password."""
    form.focus_first_error()
    problem = words.sentence(error) if error else ""
    context = {"form": form, "problem": problem, "providers": buttons(visit)}
    response = visit.render(template, context, status=error.status if error else 422)
    if error is not None and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
