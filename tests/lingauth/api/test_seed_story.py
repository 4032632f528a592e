"""The story the product comes from, over HTTP: sign in, enrol, reach aal2, be required to."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from lingauth.core import clock
from lingauth.models import Event, Session
from lingauth.services import policy
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.support.app import App
from tests.support.totp import code_for, secret_of

START = clock.now().replace(microsecond=0) + timedelta(minutes=1)


def require_mfa(made: NewBackend, mode: str = "required") -> None:
    policy.change(
        backend_id=made.backend.pk, changes={"mfa_mode": mode}, actor=Actor.system("tests")
    )


def test_enrol_by_uri_then_verify_reaches_aal2_and_data(app: App, made: NewBackend) -> None:
    app.sign_up()
    assert app.data().status_code == 200
    require_mfa(made)
    refused = app.data()
    assert refused.status_code == 403
    assert refused.json()["code"] == "mfa_required"
    assert refused.json()["details"]["next"] == "enroll"
    enrolled = app.enroll()
    assert secret_of(enrolled["totp"]["uri"]) == enrolled["totp"]["secret"]
    app.keep(app.challenge_and_verify(enrolled["id"], code_for(app.secret)))
    assert app.data().status_code == 200
    user = app.auth("GET", "user").json()
    assert [f["status"] for f in user["factors"]] == ["verified"]


def test_a_later_sign_in_is_asked_for_a_code_and_may_give_one_in_one_call(
    app: App, made: NewBackend
) -> None:
    with time_machine.travel(START, tick=False) as moved:
        app.sign_up()
        app.reach_aal2()
        require_mfa(made)
        app.sign_in()
        refused = app.data()
        assert refused.json()["details"]["next"] == "challenge"
        moved.shift(timedelta(seconds=30))
        app.keep(app.auth("POST", "mfa/verify", {"code": code_for(app.secret)}))
        assert app.data().status_code == 200


def test_replaying_the_first_refresh_token_ends_the_family(app: App) -> None:
    app.sign_up()
    first = app.session["refresh_token"]
    app.keep(app.refresh(first))
    app.keep(app.refresh())
    replay = app.refresh(first)
    assert replay.status_code == 400
    assert replay.json()["code"] == "refresh_token_already_used"
    assert app.refresh().status_code == 400
    assert app.data().status_code == 401
    assert app.auth("GET", "user").json()["code"] == "session_not_found"
    assert Event.objects.filter(kind="refresh_replayed").count() == 1


def test_a_lost_answer_is_given_again_to_the_same_key(app: App) -> None:
    app.sign_up()
    parent = app.session["refresh_token"]
    children = [app.refresh(parent, key="k").json()["refresh_token"] for _ in range(3)]
    assert len(set(children)) == 1
    assert app.refresh(children[0]).status_code == 200


def test_aal2_ends_a_day_after_the_code_however_busy_the_session(
    app: App, made: NewBackend
) -> None:
    with time_machine.travel(START, tick=False) as moved:
        app.sign_up()
        app.reach_aal2()
        require_mfa(made)
        for _ in range(47):
            moved.shift(timedelta(minutes=30))
            app.keep(app.refresh())
            assert app.data().status_code == 200
        moved.shift(timedelta(minutes=30))
        app.keep(app.refresh())
        assert app.data().json()["code"] == "mfa_required"


def test_aal2_ends_after_an_hour_without_a_refresh(app: App, made: NewBackend) -> None:
    with time_machine.travel(START, tick=False) as moved:
        app.sign_up()
        app.reach_aal2()
        require_mfa(made)
        moved.shift(timedelta(minutes=59, seconds=59))
        app.keep(app.refresh())
        assert app.data().status_code == 200
        moved.shift(timedelta(minutes=60))
        app.keep(app.refresh())
        assert app.data().json()["code"] == "mfa_required"
        assert Session.objects.get().verified_at is None


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_signing_out_ends_the_access_token_too(app: App, made: NewBackend, mode: str) -> None:
    app.sign_up()
    require_mfa(made, mode)
    assert app.auth("POST", "logout").status_code == 204
    assert app.data().status_code == 401
    assert app.refresh().status_code == 400
