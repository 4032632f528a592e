"""INV-3: a refresh token has at most one child; a second presentation ends the family."""

from __future__ import annotations

import pytest

from lingauth.models import Event, Session
from tests.support.app import App

pytestmark = pytest.mark.django_db
GENERATIONS = 5


@pytest.mark.parametrize("replayed", range(GENERATIONS - 1))
def test_a_replay_of_any_generation_ends_everything(app: App, replayed: int) -> None:
    app.sign_up()
    chain = [app.session["refresh_token"]]
    access = [app.session["access_token"]]
    for _ in range(GENERATIONS - 1):
        app.keep(app.refresh())
        chain.append(app.session["refresh_token"])
        access.append(app.session["access_token"])
    assert len(set(chain)) == GENERATIONS
    assert app.refresh(chain[replayed]).json()["code"] == "refresh_token_already_used"
    for token in chain:
        assert app.refresh(token).status_code == 400
    for token in access:
        assert app.data(token=token).status_code == 401
    assert Event.objects.filter(kind="refresh_replayed").count() == 1
    assert Session.objects.get().generation == GENERATIONS


def test_a_lost_answer_is_given_again_until_its_child_is_used(app: App) -> None:
    app.sign_up()
    parent = app.session["refresh_token"]
    children = {app.refresh(parent, key="mine").json()["refresh_token"] for _ in range(4)}
    assert len(children) == 1
    assert Session.objects.get().generation == 2
    app.keep(app.refresh(children.pop(), key="mine too"))
    assert app.refresh(parent, key="mine").json()["code"] == "refresh_token_already_used"
    assert Session.objects.get().ended_at is not None


@pytest.mark.parametrize("key", [None, "a guess", "mine "[:-1] + "!"])
def test_a_thief_without_the_key_gets_nothing_and_ends_it(app: App, key: str | None) -> None:
    app.sign_up()
    parent = app.session["refresh_token"]
    app.keep(app.refresh(parent, key="mine"))
    assert app.refresh(parent, key=key).status_code == 400
    assert app.refresh().status_code == 400


def test_a_rotation_without_a_key_can_be_retried_by_nobody(app: App) -> None:
    """No key on the first call means that no key fits later: not an empty one, nor any."""
    app.sign_up()
    parent = app.session["refresh_token"]
    app.keep(app.refresh(parent))
    assert app.refresh(parent, key="anything").status_code == 400
    assert Session.objects.get().end_reason == "refresh_replayed"


def test_what_never_was_a_token_ends_nothing(app: App) -> None:
    app.sign_up()
    token = app.session["refresh_token"]
    last = "A" if token[-1] != "A" else "Q"
    for bad in ("", "x", token[:-1], token + "=", token[:-1] + last, token[::-1]):
        assert app.refresh(bad or " ").status_code == 400
    assert app.refresh(token).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_family_outlives_a_hosts_request_transaction(
    atomic_requests: None, app: App
) -> None:
    app.sign_up()
    first = app.session["refresh_token"]
    app.keep(app.refresh())
    assert app.refresh(first).status_code == 400
    assert Session.objects.get().end_reason == "refresh_replayed"
    assert Event.objects.filter(kind="refresh_replayed").count() == 1
