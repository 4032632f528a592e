"""Who may reach what: every address of the console, for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from console.urls import below
from lingauth.models import Backend, PolicyVersion, TotpFactor
from lingauth.models import Operator as Role
from lingauth.services import accounts, cookies
from lingauth.services.context import ClientInfo
from lingauth.services.grants import Grant
from tests.console.support import PASSWORD, Operator, text

OPEN = {"sign_in", "sign_out", "theme"}
STEPS = {"set_up", "verify"}
ON = "/backends/demo/authentication/review?version=1&require=on&when=now"


def addresses(*without: str) -> Iterator[str]:
    """Every address of the console, so that a new one cannot be forgotten here."""
    yield "/backends"
    for pattern in below:
        if pattern.name not in without:
            route = str(pattern.pattern).replace("<str:ref>", "demo")
            route = route.replace("<slug:section>", "sign-in")
            yield "/backends/" + re.sub(r"<int:\w+>", "2", re.sub(r"<str:\w+>", "x", route))


GUARDED = sorted(addresses(*OPEN))
INSIDE = sorted(addresses(*OPEN, *STEPS))
IN_PLACE = [address for address in INSIDE if "/demo" in address]


def turned_away(response: Any) -> bool:
    return bool(
        response.status_code == 303 and response["Location"].startswith("/backends/sign-in")
    )


@pytest.mark.parametrize("address", GUARDED)
def test_a_stranger_is_sent_to_sign_in(demo: Backend, address: str) -> None:
    stranger = Operator("stranger@console.test")
    assert turned_away(stranger.get(address))
    assert turned_away(stranger.post(address))


@pytest.mark.parametrize("address", INSIDE)
def test_without_an_authenticator_nothing_but_the_set_up_is_reachable(
    newcomer: Operator, address: str
) -> None:
    newcomer.give_password()
    for response in (newcomer.get(address), newcomer.post(address)):
        assert response.status_code == 303
        assert response["Location"].startswith("/backends/set-up")


@pytest.mark.parametrize("address", INSIDE)
def test_without_a_code_nothing_but_the_question_for_it_is_reachable(
    owner: Operator, address: str
) -> None:
    half = Operator(owner.email)
    half.give_password()
    for response in (half.get(address), half.post(address)):
        assert response.status_code == 303
        assert response["Location"].startswith("/backends/verify")


@pytest.mark.parametrize("address", IN_PLACE)
def test_a_backend_of_others_looks_like_none_at_all(
    owner: Operator, other: Backend, address: str
) -> None:
    for method in (owner.get, owner.post):
        theirs = method(address.replace("/demo", "/other"))
        missing = method(address.replace("/demo", "/missing"))
        assert theirs.status_code == missing.status_code == 404
        assert text(theirs) == text(missing)


@pytest.mark.parametrize(
    ("role", "sees", "changes"), [("owner", 200, 303), ("admin", 200, 303), ("viewer", 200, 403)]
)
def test_roles_and_what_they_may_do(
    demo: Backend, request: pytest.FixtureRequest, role: str, sees: int, changes: int
) -> None:
    operator: Operator = request.getfixturevalue(role)
    for address in ("/backends", *(f"/backends/demo/{p}" for p in SCREENS)):
        assert operator.get(address).status_code == sees
    assert operator.get(ON).status_code == (200 if changes == 303 else 403)
    assert operator.post(ON).status_code == changes
    demo.refresh_from_db()
    assert demo.mfa_mode == ("required" if changes == 303 else "optional")
    undo = operator.get("/backends/demo/history/2/undo")
    assert undo.status_code == (200 if changes == 303 else 403)
    undone = operator.post("/backends/demo/history/2/undo", {"version": "2"})
    assert undone.status_code == changes
    demo.refresh_from_db()
    assert demo.mfa_mode == "optional"
    assert PolicyVersion.objects.count() == (2 if changes == 303 else 0)


SCREENS = ("authentication", "settings/sign-in", "providers", "users", "keys", "history")


def test_a_viewer_sees_why_there_is_no_button(viewer: Operator) -> None:
    page = viewer.get("/backends/demo/authentication")
    assert "You are a viewer of this backend. An owner or an admin can change this." in text(page)
    assert "Review and save" not in text(page)
    assert b'name="require" value="on" aria-describedby="require-help require-role" disabled' in (
        page.content
    )


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(
    owner: Operator, demo: Backend
) -> None:
    Role.objects.filter(backend=demo).update(role="viewer")
    assert owner.post(ON).status_code == 403
    Role.objects.filter(backend=demo).delete()
    assert turned_away(owner.get("/backends/demo/users"))


def test_a_reset_authenticator_ends_what_it_had_opened(owner: Operator) -> None:
    TotpFactor.objects.all().delete()
    assert owner.get("/backends")["Location"] == "/backends/set-up"


def test_a_changed_password_ends_the_session(owner: Operator) -> None:
    user = get_user_model().objects.get(username=owner.email)
    user.set_password("another one altogether")
    user.save()
    assert turned_away(owner.get("/backends"))


def test_a_session_of_the_hosts_own_site_is_nobody_here(newcomer: Operator) -> None:
    user = get_user_model().objects.get(username=newcomer.email)
    newcomer.client.force_login(user)
    assert turned_away(newcomer.get("/backends"))


def test_an_account_is_nobody_here_whatever_it_brings(demo: Backend) -> None:
    grant = accounts.sign_up(
        backend=demo, email="ann@app.test", password=PASSWORD, client=ClientInfo()
    )
    assert isinstance(grant, Grant)
    cookie = cookies.cookie_for(grant.session)
    for name in (settings.SESSION_COOKIE_NAME, "lingauth-demo", "console"):
        client = Client()
        client.cookies[name] = cookie
        bearer = {"Authorization": f"Bearer {grant.access_token}"}
        assert turned_away(client.get("/backends/demo/users", headers=bearer))


def test_a_session_row_with_nonsense_in_it_is_nobody(newcomer: Operator) -> None:
    newcomer.give_password()
    key = newcomer.client.cookies[settings.SESSION_COOKIE_NAME].value
    for nonsense in ("x", {}, {"started": "x"}, {"started": 1e30, "seen": 1, "verified": None}):
        store = SessionStore(key)
        store["lingauth_console"] = nonsense
        store.save()
        assert turned_away(newcomer.get("/backends"))
        newcomer.client.cookies[settings.SESSION_COOKIE_NAME] = key


def test_addresses_that_do_not_exist_are_pages_too(owner: Operator) -> None:
    response = owner.get("/backends/demo/history/99/undo")
    assert response.status_code == 404
    assert "There is nothing at this address." in text(response)
