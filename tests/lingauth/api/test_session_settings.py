"""What a backend says of its sessions: one at a time, and how long one may be left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from lingauth.core import clock
from lingauth.core.errors import ValidationFailed
from lingauth.models import Event, Session
from lingauth.services import overview, policy
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import TESTS, beside
from tests.support.app import PASSWORD, App
from tests.support.statements import counted

pytestmark = pytest.mark.django_db(transaction=True)

EXPIRED = "Invalid Refresh Token: Session Expired"
HOUR = timedelta(hours=1)


def set_(made: NewBackend, **values: Any) -> None:
    policy.change(backend_id=made.backend.pk, changes=values, actor=TESTS)


@pytest.fixture
def phone(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def test_a_newer_sign_in_ends_the_sessions_before_it(made: NewBackend, phone: App) -> None:
    App(phone.ref, phone.anon_key).sign_up("bob@example.com")
    set_(made, single_session=True)
    laptop = beside(phone)
    contract.refused(phone.auth("GET", "user"), 403, "session_not_found")
    contract.refused(phone.refresh(), 400, "session_expired", f"{EXPIRED} (Revoked by Newer Login)")
    assert laptop.auth("GET", "user").status_code == 200
    assert Session.objects.filter(ended_at=None).count() == 2, "hers and Bob's"
    assert Event.objects.filter(kind="signed_in").first().data == {  # type: ignore[union-attr]  # it was just written
        "method": "password",
        "ended": 1,
    }


def test_turning_it_on_ends_nothing_by_itself(made: NewBackend, phone: App) -> None:
    laptop = beside(phone)
    set_(made, single_session=True)
    assert [app.auth("GET", "user").status_code for app in (phone, laptop)] == [200, 200]


def test_a_refused_sign_in_ends_nothing(made: NewBackend, phone: App) -> None:
    set_(made, single_session=True)
    body = {"email": phone.email, "password": "not this one"}
    phone.auth("POST", "token?grant_type=password", body, anonymous=True)
    assert phone.auth("GET", "user").status_code == 200


@pytest.mark.parametrize(("single", "most"), [(False, 9), (True, 10)])
def test_it_costs_a_sign_in_one_statement_and_only_where_it_is_on(
    made: NewBackend, phone: App, single: bool, most: int
) -> None:
    set_(made, single_session=single)
    body = {"email": phone.email, "password": PASSWORD}
    with counted() as statements:
        phone.auth("POST", "token?grant_type=password", body, anonymous=True)
    assert len(statements) <= most, statements


def test_a_session_left_alone_for_too_long_is_over(made: NewBackend, phone: App) -> None:
    set_(made, session_max_idle=3600)
    with time_machine.travel(clock.now(), tick=False) as moved:
        phone.sign_in()
        moved.shift(HOUR - timedelta(seconds=1))
        phone.keep(phone.refresh())
        moved.shift(HOUR - timedelta(seconds=1))
        assert is_listed(made, phone)
        moved.shift(1)
        assert not is_listed(made, phone)
        contract.refused(phone.refresh(), 400, "session_expired", f"{EXPIRED} (Inactivity)")


def is_listed(made: NewBackend, phone: App) -> bool:
    """Whether the operators' pages count the session as open."""
    made.backend.refresh_from_db()
    [row] = overview.account_rows(backend=made.backend).rows
    assert policy.impact(backend=made.backend).open_sessions == row.sessions
    return row.sessions == 1


def test_it_is_judged_at_use_by_the_setting_of_that_moment(made: NewBackend, phone: App) -> None:
    """An access token that lives longer than the session may be idle opens nothing either."""
    Session.objects.update(refreshed_at=clock.now() - 2 * HOUR)
    assert phone.auth("GET", "user").status_code == 200
    set_(made, session_max_idle=3600)
    contract.refused(phone.auth("GET", "user"), 403, "session_not_found")
    assert phone.auth("GET", "sessions").status_code == 403
    set_(made, session_max_idle=0)
    assert phone.auth("GET", "user").status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"session_max_idle": 599},
        {"session_max_idle": 1200, "access_token_ttl": 601},
        {"session_max_idle": -1},
        {"session_max_idle": 31 * 86400},
    ],
)
def test_a_pause_too_short_for_the_tokens_is_refused(
    made: NewBackend, values: dict[str, int]
) -> None:
    with pytest.raises(ValidationFailed):
        set_(made, **values)
    set_(made, session_max_idle=600)
    with pytest.raises(ValidationFailed, match="while they work"):
        set_(made, access_token_ttl=301)


def test_the_list_names_the_device_and_when_it_was_last_seen(phone: App) -> None:
    phone.http.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    with time_machine.travel(clock.now(), tick=False) as moved:
        phone.sign_in()
        moved.shift(60)
        phone.keep(phone.refresh())
        [row, _] = phone.auth("GET", "sessions").json()["sessions"]
        assert row["device"] == "Firefox on Linux"
        contract.moment(row["last_seen_at"])
        assert row["last_seen_at"] > row["created_at"]
