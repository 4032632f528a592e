"""``POST logout`` in its three scopes (auth-wire 1.8)."""

from __future__ import annotations

import pytest

from lingauth.models import Event
from tests.lingauth.api import contract
from tests.lingauth.api.people import beside, stored
from tests.support.app import App

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


@pytest.fixture
def laptop(phone: App) -> App:
    return beside(phone)


@pytest.fixture
def stranger(app: App) -> App:
    other = App(app.ref, app.anon_key)
    other.sign_up("bob@example.com")
    return other


def is_in(app: App) -> bool:
    """Whether the session lives, told alike by account routes, data and the refresh token."""
    user = app.auth("GET", "user")
    data = app.data().status_code
    if user.status_code == 200:
        assert data == 200
        app.keep(app.refresh())
        return True
    contract.refused(user, 403, "session_not_found")
    assert data == 401
    contract.refused(app.refresh(), 400, "refresh_token_not_found")
    return False


@pytest.mark.parametrize(
    ("query", "phone_stays", "laptop_stays"),
    [
        ("", False, False),
        ("?scope=", False, False),
        ("?scope=global", False, False),
        ("?scope=local", False, True),
        ("?scope=others", True, False),
    ],
)
def test_scopes(
    phone: App, laptop: App, stranger: App, query: str, phone_stays: bool, laptop_stays: bool
) -> None:
    answer = phone.auth("POST", f"logout{query}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert (is_in(phone), is_in(laptop)) == (phone_stays, laptop_stays)
    assert is_in(stranger)
    assert Event.objects.filter(kind="signed_out").count() == 1


@pytest.mark.parametrize("scope", ["all", "GLOBAL", "local,others", "%00", "x" * 500])
def test_another_scope_ends_nothing(phone: App, scope: str) -> None:
    before = stored()
    contract.refused(phone.auth("POST", f"logout?scope={scope}"), 400, "validation_failed")
    assert stored() == before


def test_another_scope_is_not_said_back(phone: App) -> None:
    """Whatever somebody has put there by mistake (INV-10)."""
    assert b"canary" not in phone.auth("POST", "logout?scope=canary-of-a-code").content


def test_a_second_time_there_is_no_session(phone: App) -> None:
    phone.auth("POST", "logout")
    contract.refused(phone.auth("POST", "logout"), 403, "session_not_found")


def test_without_a_token_it_is_401(phone: App) -> None:
    contract.refused(phone.auth("POST", "logout", anonymous=True), 401, "no_authorization")
    assert is_in(phone)
