"""``POST token?grant_type=refresh_token``: DESIGN's table of answers, row by row."""

from __future__ import annotations

from uuid import uuid4

import pytest

from lingauth.models import Event, Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import beside, change, frozen, prove
from tests.support.app import App

pytestmark = pytest.mark.django_db

UNKNOWN = "Invalid Refresh Token: Refresh Token Not Found"
USED = "Invalid Refresh Token: Already Used"


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def is_dead(app: App, access: str) -> None:
    """The family is over: its newest pair is worth nothing."""
    contract.refused(app.refresh(), 400, "refresh_token_not_found", UNKNOWN)
    contract.refused(app.auth("GET", "user", token=access), 403, "session_not_found")
    assert app.data(token=access).status_code == 401
    assert Session.objects.get().end_reason == "refresh_replayed"
    assert Event.objects.filter(kind="refresh_replayed").count() == 1


def test_current_is_traded_for_a_new_pair_of_the_same_session(member: App) -> None:
    first = dict(member.session)
    answer = contract.session(member.refresh())
    assert answer["refresh_token"] != first["refresh_token"]
    assert answer["user"]["id"] == first["user"]["id"]
    assert Session.objects.get().generation == 2


def test_the_parent_again_is_a_replay_and_ends_the_family(member: App) -> None:
    parent = member.session["refresh_token"]
    member.keep(member.refresh())
    contract.refused(member.refresh(parent), 400, "refresh_token_already_used", USED)
    is_dead(member, member.session["access_token"])


@pytest.mark.parametrize("generations", [2, 3, 7])
def test_any_older_generation_is_a_replay(member: App, generations: int) -> None:
    oldest = member.session["refresh_token"]
    for _ in range(generations):
        member.keep(member.refresh(key=str(uuid4())))
    contract.refused(member.refresh(oldest), 400, "refresh_token_already_used", USED)
    is_dead(member, member.session["access_token"])


def test_the_same_key_gets_the_same_child_until_that_is_used(member: App) -> None:
    parent = member.session["refresh_token"]
    with frozen() as moved:
        child = contract.session(member.refresh(parent, key="tab"))["refresh_token"]
        moved.shift(3600)
        for _ in range(3):
            again = contract.session(member.refresh(parent, key="tab"))
            assert again["refresh_token"] == child
        member.keep(member.refresh(child))
        contract.refused(member.refresh(parent, key="tab"), 400, "refresh_token_already_used")
        is_dead(member, member.session["access_token"])


@pytest.mark.parametrize("key", ["other", "Tab", "tab ", None])
def test_another_key_is_a_replay(member: App, key: str | None) -> None:
    parent = member.session["refresh_token"]
    member.keep(member.refresh(parent, key="tab"))
    contract.refused(member.refresh(parent, key=key), 400, "refresh_token_already_used", USED)
    is_dead(member, member.session["access_token"])


def test_a_key_given_only_at_the_second_time_does_not_help(member: App) -> None:
    parent = member.session["refresh_token"]
    member.keep(member.refresh(parent))
    contract.refused(member.refresh(parent, key="tab"), 400, "refresh_token_already_used")


def test_a_key_is_worth_nothing_in_another_family(member: App) -> None:
    other = beside(member)
    parents = member.session["refresh_token"], other.session["refresh_token"]
    children = [member.refresh(parent, key="tab").json()["refresh_token"] for parent in parents]
    assert len({*parents, *children}) == 4


@pytest.mark.parametrize(("seconds", "same"), [(0, True), (9, True), (10, True), (10.001, False)])
def test_the_reuse_grace_of_a_backend(
    member: App, made: NewBackend, seconds: float, same: bool
) -> None:
    change(made, refresh_reuse_grace=10)
    parent = member.session["refresh_token"]
    with frozen() as moved:
        member.keep(member.refresh(parent))
        moved.shift(seconds)
        again = member.refresh(parent)
        if same:
            assert contract.session(again)["refresh_token"] == member.session["refresh_token"]
            contract.session(member.refresh())
        else:
            contract.refused(again, 400, "refresh_token_already_used", USED)
            is_dead(member, member.session["access_token"])


def test_the_grace_does_not_reach_to_a_grandparent(member: App, made: NewBackend) -> None:
    change(made, refresh_reuse_grace=10)
    oldest = member.session["refresh_token"]
    with frozen():
        member.keep(member.refresh())
        member.keep(member.refresh())
        contract.refused(member.refresh(oldest), 400, "refresh_token_already_used")


@pytest.mark.parametrize(("seconds", "spared"), [(0, True), (30, True), (30.001, False)])
def test_a_token_that_a_verification_overtook_is_spared_for_a_while(
    member: App, seconds: float, spared: bool
) -> None:
    with frozen() as moved:
        member.reach_aal2()
        member.sign_in()
        before = member.session["refresh_token"]
        prove(member, moved)
        moved.shift(seconds)
        answer = member.refresh(before, key="tab")
        if spared:
            contract.refused(answer, 400, "refresh_token_not_found", UNKNOWN)
            contract.session(member.refresh())
        else:
            contract.refused(answer, 400, "refresh_token_already_used", USED)
            contract.refused(member.refresh(), 400, "refresh_token_not_found")


def test_a_grace_does_not_hand_out_what_a_verification_made(member: App, made: NewBackend) -> None:
    """The token from before the code never becomes one of ``aal2``."""
    change(made, refresh_reuse_grace=10)
    with frozen():
        before = member.session["refresh_token"]
        member.reach_aal2()
        contract.refused(member.refresh(before), 400, "refresh_token_not_found", UNKNOWN)


def test_a_session_ends_on_its_day_however_busy(member: App, made: NewBackend) -> None:
    change(made, session_max_age=7200)
    with frozen() as moved:
        member.sign_in()
        moved.shift(7199)
        member.keep(member.refresh())
        assert member.session["expires_in"] == 1
        moved.shift(1)
        message = "Invalid Refresh Token: Session Expired"
        contract.refused(member.refresh(), 400, "session_expired", message)
        contract.refused(member.auth("GET", "user"), 403, "session_not_found")


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "tab\u00e9", 'a"b', "\x01"])
def test_a_key_that_is_none_is_refused_before_anything_is_used(member: App, key: str) -> None:
    body = {"refresh_token": member.session["refresh_token"]}
    headers = {"Idempotency-Key": key}
    path = "token?grant_type=refresh_token"
    answer = member.auth("POST", path, body, anonymous=True, headers=headers)
    contract.refused(answer, 400, "validation_failed")
    contract.session(member.refresh())


def test_quoted_or_not_a_key_is_the_same(member: App) -> None:
    parent = member.session["refresh_token"]
    path, body = "token?grant_type=refresh_token", {"refresh_token": parent}
    first = member.refresh(parent, key="tab").json()["refresh_token"]
    plain = member.auth("POST", path, body, anonymous=True, headers={"Idempotency-Key": "tab"})
    assert contract.session(plain)["refresh_token"] == first
