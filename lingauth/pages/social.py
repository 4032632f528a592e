"""Coming in by a provider."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingauth.api.browser import remember
from lingauth.core.email import mask
from lingauth.core.errors import DomainError
from lingauth.pages.addresses import carry, leave, page
from lingauth.pages.entry import enter
from lingauth.pages.hosted import hosted
from lingauth.pages.security import policy
from lingauth.pages.visits import Visit
from lingauth.services import flows, providers
from lingauth.services.backends import base_url
from lingauth.services.social import authorize, browser

_TROUBLE = {
    "access_denied": gettext_lazy("Nothing was done: you went back before the end."),
    "email_exists": gettext_lazy(
        "There is an account with your address. Sign in to it, and connect this way from there."
    ),
    "identity_already_exists": gettext_lazy(
        "Another account is connected to that one. Sign in the way you did before."
    ),
    "provider_email_needs_verification": gettext_lazy(
        "Open the mail that we have sent you to confirm your address, then sign in again."
    ),
    "over_email_send_rate_limit": gettext_lazy(
        "Your address has to be confirmed, by the mail that we sent you a moment ago."
    ),
    "signup_disabled": gettext_lazy("There is no account for you here, and none can be made."),
    "user_banned": gettext_lazy("This account cannot be used."),
    "bad_oauth_state": gettext_lazy("That took too long, or began in another browser. Try again."),
    "flow_state_not_found": gettext_lazy("That took too long, or was done already. Try again."),
    "flow_state_expired": gettext_lazy("That took too long. Try again."),
    "reauthentication_needed": gettext_lazy("That took too long. Sign in again and try again."),
}
_OTHER_TROUBLE = gettext_lazy("It did not work this time. Try again in a moment.")


@hosted("GET")
def signed_in(visit: Visit) -> HttpResponse:
    """The end of a sign-in by a provider that one of our pages began: the code for a cookie."""
    code = visit.request.GET.get("code")
    if not code:
        return trouble(visit, visit.request.GET.get("error_code", ""))
    try:
        grant = flows.exchange_here(
            backend=visit.backend,
            auth_code=code,
            browser_digests=browser.digests(visit.backend, cookie_of(visit)),
            client=visit.client,
        )
    except DomainError as error:
        return trouble(visit, error.code)
    return enter(visit, grant)


@hosted()
def connect(visit: Visit) -> HttpResponse:
    """An app asks to add an identity and has no PKCE verifier to show at the end that this browser
    is its user's. So the person is asked, and told whose account it is."""
    ticket = visit.request.POST.get("ticket") or visit.request.GET.get("ticket", "")
    try:
        flow = authorize.by_ticket(visit.backend, ticket)
        provider = providers.usable(backend=visit.backend, name=flow.provider)
        if visit.request.method == "POST":
            cookie = browser.value_for(cookie_of(visit))
            digest = browser.digest(visit.backend, cookie)
            url = authorize.pick_up(backend=visit.backend, ticket=ticket, browser_digest=digest)
            return remember(leave(url), visit.backend.ref, cookie)
        ends_at = authorize.configuration(provider).authorization_endpoint
    except DomainError as error:
        return trouble(visit, error.code)
    email = flow.link_to.email if flow.link_to is not None else ""
    context = {
        "ticket": ticket,
        "provider": provider.label,
        "email": mask(email) if email else "",
    }
    response = visit.render("connect", context)
    response.headers["Content-Security-Policy"] = policy(form_ends_at=ends_at)
    return response


def buttons(visit: Visit) -> list[tuple[str, str]]:
    """Label and address of each provider's button, for people without a session."""
    base = base_url(visit.backend)
    there = f"{base}/{carry(visit.return_to)}" if visit.return_to else f"{base}/account"
    return [
        (label, f"{base}/auth/v1/authorize?{urlencode({'provider': name, 'redirect_to': there})}")
        for name, label in providers.enabled(visit.backend)
    ]


def cookie_of(visit: Visit) -> str | None:
    """What this browser was given when a flow began in it."""
    return visit.request.COOKIES.get(browser.cookie_name(visit.backend.ref))


def trouble(visit: Visit, code: str) -> HttpResponse:
    """What went wrong, for a person, and the way back."""
    here = visit.me is not None
    context = {
        "heading": _("Nothing was changed") if here else _("You are not signed in"),
        "lines": [_TROUBLE.get(code, _OTHER_TROUBLE)],
        "link": page("account" if here else "sign_in", visit.backend.ref) + carry(visit.return_to),
        "link_text": _("Back to your account") if here else _("Back to the sign-in page"),
    }
    return visit.render("message", context, status=400)
