"""An answer that was lost on its way is no theft: by its name the client gets what it missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from lingauth.core import clock
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

WAYS = ("mfa/verify", "factors", "recovery codes")


def prove(app: App, way: str, key: str | None) -> Any:
    """A second factor given, each way there is, with an ``Idempotency-Key`` or without."""
    headers = {"Idempotency-Key": key} if key else {}
    if way == "recovery codes":
        codes = app.auth("POST", "factors/recovery-codes/regenerate").json()["codes"]
        body = {"code": codes[0]}
        return app.auth("POST", "factors/recovery-codes/verify", body, headers=headers)
    code = code_for(app.secret, clock.now().timestamp())
    if way == "mfa/verify":
        return app.auth("POST", "mfa/verify", {"code": code}, headers=headers)
    factor = app.auth("GET", "user").json()["factors"][0]["id"]
    challenge = app.auth("POST", f"factors/{factor}/challenge", {}).json()["id"]
    body = {"challenge_id": challenge, "code": code}
    return app.auth("POST", f"factors/{factor}/verify", body, headers=headers)


@pytest.fixture
def proven(app: App) -> Iterator[App]:
    """Somebody who set up a factor half a minute ago."""
    with time_machine.travel(clock.now(), tick=False) as moved:
        app.sign_up()
        app.reach_aal2(clock.now().timestamp() - 30)
        moved.shift(timedelta(seconds=30))
        yield app


@pytest.mark.parametrize("way", WAYS)
def test_the_answer_to_a_proof_may_be_lost_as_a_refreshs_may(proven: App, way: str) -> None:
    """Named like the refresh of the token that the client still has, it is there for that one."""
    before = proven.session["refresh_token"]
    lost = prove(proven, way, "name of the token before")
    assert lost.status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=4), tick=False):
        again = proven.refresh(before, key="name of the token before")
        assert again.json()["refresh_token"] == lost.json()["refresh_token"]
        proven.keep(again)
        assert proven.refresh().status_code == 200
        assert proven.refresh(before, key="name of the token before").status_code == 400


@pytest.mark.parametrize("key", [None, "name of the token before"])
def test_a_refresh_whose_answer_was_lost_before_a_proof_can_still_be_tried_again(
    proven: App, key: str | None
) -> None:
    before = proven.session["refresh_token"]
    assert proven.refresh(before, key="name of the token before").status_code == 200
    answer = proven.keep(prove(proven, "mfa/verify", key))
    again = proven.refresh(before, key="name of the token before")
    assert again.json()["refresh_token"] == answer.json()["refresh_token"]
    assert proven.refresh(answer.json()["refresh_token"]).status_code == 200


@pytest.mark.parametrize("key", [None, "another name"])
def test_a_thief_gets_nothing_that_a_proof_made(proven: App, key: str | None) -> None:
    before = proven.session["refresh_token"]
    made = prove(proven, "mfa/verify", "name of the token before").json()
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        assert proven.refresh(before, key=key).json()["code"] == "refresh_token_already_used"
        assert proven.refresh(made["refresh_token"]).status_code == 400


def test_two_refreshes_before_a_proof_are_a_replay(proven: App) -> None:
    before = proven.session["refresh_token"]
    proven.keep(proven.refresh(before, key="k"))
    proven.keep(proven.refresh(key="k"))
    proven.keep(prove(proven, "mfa/verify", "k"))
    assert proven.refresh(before, key="k").json()["code"] == "refresh_token_already_used"


def test_a_name_that_is_used_again_does_not_reach_further_back(proven: App) -> None:
    before = proven.session["refresh_token"]
    proven.keep(proven.refresh(before, key="k"))
    proven.keep(proven.refresh(key="k"))
    assert proven.refresh(before, key="k").json()["code"] == "refresh_token_already_used"
