"""The ways in that an account has: adding one of a provider's, removing one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.api.browser import remember
from lingauth.core.errors import DomainError, NotFound, ReauthenticationNeeded, ValidationFailed
from lingauth.models import Identity
from lingauth.pages.addresses import carry, go, leave, page
from lingauth.pages.forms import EmptyForm
from lingauth.pages.hosted import hosted
from lingauth.pages.security import policy
from lingauth.pages.social import cookie_of, trouble
from lingauth.pages.visits import Visit
from lingauth.services import grants, providers
from lingauth.services.access import SignedIn
from lingauth.services.backends import base_url
from lingauth.services.social import authorize, browser, linking, presets


@dataclass(frozen=True, slots=True)
class Way:
    """A way in, as the account page shows it; ``removable``: others remain."""

    id: UUID
    label: str
    who: str
    removable: bool


@hosted()
def add(visit: Visit, provider: str) -> HttpResponse:
    """Ask, then set out for the provider."""
    me = visit.signed_in
    try:
        row = providers.usable(backend=visit.backend, name=provider)
    except ValidationFailed:
        raise NotFound from None
    try:
        linking.may_change(me, visit.at)
        if visit.request.method == "POST":
            cookie = browser.value_for(cookie_of(visit))
            flow = authorize.set_out(
                provider=row,
                redirect_to=f"{base_url(visit.backend)}/account",
                pkce=None,
                browser_digest=browser.digest(visit.backend, cookie),
                link_to=me,
            )
            return remember(leave(authorize.departure(flow, row)), visit.backend.ref, cookie)
        ends_at = authorize.configuration(row).authorization_endpoint
    except ReauthenticationNeeded:
        return _sign_in_again(visit)
    except DomainError as error:
        if error.status < 500:
            raise
        return trouble(visit, error.code)
    context = {
        "heading": _("Connect %(label)s?") % {"label": row.label},
        "lead": _("Whoever signs in there can then sign in to this account."),
        "action": _("Continue to %(label)s") % {"label": row.label},
    }
    response = visit.render("form", {"form": EmptyForm(), **context})
    response.headers["Content-Security-Policy"] = policy(form_ends_at=ends_at)
    return response


@hosted()
def remove(visit: Visit, identity: UUID) -> HttpResponse:
    """Ask, then take a way in away."""
    me = visit.signed_in
    way = next((way for way in ways(me) if way.id == identity), None)
    if way is None or not way.removable:
        raise NotFound
    try:
        linking.may_change(me, visit.at)
        if visit.request.method == "POST":
            linking.unlink(me=me, identity_uuid=identity, client=visit.client)
            return go(f"{page('account', visit.backend.ref)}?done=unlinked")
    except ReauthenticationNeeded:
        return _sign_in_again(visit)
    context = {
        "heading": _("Remove %(label)s?") % {"label": way.label},
        "lead": _("It will no longer sign in to your account."),
        "action": _("Remove"),
        "danger": True,
    }
    return visit.render("form", {"form": EmptyForm(), **context})


def ways(me: SignedIn) -> list[Way]:
    """The ways in that an account has, oldest first."""
    rows = _rows(me)
    labels = {row.name: row.label for row in providers.listed(me.backend)} | {"email": _("Email")}
    return [
        Way(
            row.uuid,
            labels.get(row.provider) or presets.of(row.provider).label,
            _who(row),
            len(rows) > 1 and me.backend.manual_linking_enabled,
        )
        for row in rows
    ]


def more_ways(me: SignedIn) -> list[tuple[str, str]]:
    """Name and label of each provider that could be added; none where the backend forbids it."""
    if not me.backend.manual_linking_enabled:
        return []
    have = {row.provider for row in _rows(me)}
    return [(name, label) for name, label in providers.enabled(me.backend) if name not in have]


def _rows(me: SignedIn) -> list[Identity]:
    return list(grants.profile(me.account, factors=()).identities)


def _who(row: Identity) -> str:
    """What tells two accounts at one provider apart."""
    return str(row.data.get("email") or row.data.get("preferred_username") or "")


def _sign_in_again(visit: Visit) -> HttpResponse:
    here = visit.request.get_full_path()
    return go(page("again", visit.backend.ref) + carry(here))
