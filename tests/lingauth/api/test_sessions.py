"""``GET sessions`` and ``DELETE sessions/{id}``: ours, not the clients'."""

from __future__ import annotations

from uuid import UUID

import pytest

from lingauth.models import Event
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import (
    UNKNOWN,
    app_of,
    beside,
    change,
    create,
    frozen,
    stored,
)
from tests.support.app import App

pytestmark = pytest.mark.django_db

MEMBERS = {
    "id", "current", "aal", "device", "user_agent", "ip", "created_at", "last_seen_at",
    "expires_at",
}  # fmt: skip


@pytest.fixture
def phone(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def own(app: App) -> str:
    rows = app.auth("GET", "sessions").json()["sessions"]
    return str(next(row["id"] for row in rows if row["current"]))


def test_open_sessions_newest_first(phone: App) -> None:
    laptop = beside(phone)
    beside(phone).auth("POST", "logout?scope=local")
    App(phone.ref, phone.anon_key).sign_up("bob@example.com")
    answer = phone.auth("GET", "sessions")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json().keys() == {"sessions"}
    rows = answer.json()["sessions"]
    assert [row["id"] for row in rows] == [own(laptop), own(phone)]
    assert [row["current"] for row in rows] == [False, True]
    for row in rows:
        assert row.keys() == MEMBERS
        assert UUID(row["id"])
        assert row["aal"] == "aal1"
        assert row["ip"] == "127.0.0.1"
        for name in ("created_at", "last_seen_at", "expires_at"):
            contract.moment(row[name])


def test_the_level_is_the_one_of_now(phone: App) -> None:
    with frozen() as moved:
        phone.sign_in()
        phone.reach_aal2()
        assert levels(phone) == ["aal2"]
        moved.shift(3600)
        phone.keep(phone.refresh())
        assert levels(phone) == ["aal1"]


def levels(app: App) -> list[str]:
    return [row["aal"] for row in app.auth("GET", "sessions").json()["sessions"]]


def test_what_a_browser_says_of_itself_is_kept_harmless(phone: App) -> None:
    phone.http.defaults["HTTP_USER_AGENT"] = "Evil\x1b[2J\u202e" + "x" * 400
    phone.sign_in()
    agent = phone.auth("GET", "sessions").json()["sessions"][0]["user_agent"]
    assert agent.startswith("Evil[2J")
    assert len(agent) == 256


def test_ending_another_session_of_ones_own(phone: App) -> None:
    laptop = beside(phone)
    answer = phone.auth("DELETE", f"sessions/{own(laptop)}")
    assert (answer.status_code, answer.content) == (204, b"")
    contract.refused(laptop.auth("GET", "user"), 403, "session_not_found")
    assert phone.auth("GET", "user").status_code == 200
    assert Event.objects.filter(kind="session_revoked").count() == 1


def test_ending_the_own_session(phone: App) -> None:
    assert phone.auth("DELETE", f"sessions/{own(phone)}").status_code == 204
    contract.refused(phone.auth("GET", "user"), 403, "session_not_found")


def test_whatever_is_not_ones_own_is_unknown(phone: App) -> None:
    neighbour = App(phone.ref, phone.anon_key)
    neighbour.sign_up("bob@example.com")
    foreign = app_of(create("bravo"))
    foreign.sign_up("ann@example.com")
    ended = beside(phone)
    gone = own(ended)
    ended.auth("POST", "logout?scope=local")
    before = stored()
    answers = [
        phone.auth("DELETE", f"sessions/{id}")
        for id in (UNKNOWN, own(neighbour), own(foreign), gone)
    ]
    for answer in answers:
        contract.refused(answer, 404, "session_not_found", "There is no such session.")
    assert len({answer.content for answer in answers}) == 1
    assert stored() == before


def test_another_session_may_be_ended_at_any_level(phone: App) -> None:
    """Whoever can sign in can also sign out everywhere; a lost device must not wait for a code."""
    phone.reach_aal2()
    proven = own(phone)
    later = beside(phone)
    assert later.auth("DELETE", f"sessions/{proven}").status_code == 204
    contract.refused(phone.auth("GET", "user"), 403, "session_not_found")


@pytest.mark.parametrize("id", ["x", "1", "..", "A" * 36, UNKNOWN + "/x", "%00"])
def test_what_is_no_id_is_no_address(phone: App, id: str) -> None:
    contract.refused(phone.auth("DELETE", f"sessions/{id}"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "sessions"), ("DELETE", f"sessions/{UNKNOWN}")]
)
def test_without_a_token_it_is_401(phone: App, method: str, path: str) -> None:
    contract.refused(phone.auth(method, path, anonymous=True), 401, "no_authorization")


def test_a_short_life_is_told(phone: App, made: NewBackend) -> None:
    change(made, session_max_age=3600)
    phone.sign_in()
    newest = phone.auth("GET", "sessions").json()["sessions"][0]
    life = contract.moment(newest["expires_at"]) - contract.moment(newest["created_at"])
    assert life.total_seconds() == 3600
