"""The settings pages: what they show, what they ask first, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from console.settings_forms import SECTIONS
from console.settings_words import NAMES
from lingauth.models import Backend, PolicyVersion
from lingauth.services import policy
from tests.console.conftest import SETTING_UP
from tests.console.settings_support import PAGE, asking
from tests.console.support import Operator, dangers, text

pytestmark = pytest.mark.once


def set_now(backend: Backend, *names: str) -> list[Any]:
    backend.refresh_from_db()
    return [getattr(backend, name) for name in names]


def test_every_setting_has_a_page_and_a_name() -> None:
    """A new one that nobody can reach, or that the history shows by its column, fails here."""
    shown = {name for form in SECTIONS.values() for name in form.settings}
    mfa = {"mfa_mode", "mfa_starts_at", "mfa_grace"}
    assert shown | mfa == set(policy.SETTINGS) == set(NAMES)


def test_a_page_shows_what_is_set_and_sending_it_changes_nothing(owner: Operator) -> None:
    for section, form in SECTIONS.items():
        page = owner.get(f"{PAGE}/{section}")
        assert page.status_code == 200
        assert all(NAMES[name][0] in text(page) for name in form.settings)
        assert f'aria-current="page">{form.title}'.encode() in page.content
        assert owner.get(asking(section))["Location"] == f"{PAGE}/{section}"
        assert "There was nothing to change." in text(owner.get(f"{PAGE}/{section}"))


def test_the_settings_open_on_their_first_page(owner: Operator) -> None:
    assert owner.get(PAGE)["Location"] == f"{PAGE}/sign-in"
    assert owner.get(f"{PAGE}/nothing").status_code == 404
    assert owner.get(f"{PAGE}/nothing/review?version=1").status_code == 404


def test_a_change_is_asked_in_words_then_made_and_is_in_the_history(
    owner: Operator, demo: Backend
) -> None:
    address = asking("sessions", session_max_idle=7, session_max_idle_unit=86400)
    question = owner.get(address)
    words = text(question)
    assert dangers(question) == []
    assert "Change “Longest pause”?" in words
    assert "Longest pause: None → 7 days." in words
    assert "Sessions that were left alone for 7 days or longer are over at once." in words
    assert set_now(demo, "session_max_idle", "policy_version") == [0, 1], "asking changes nothing"
    assert owner.post(address)["Location"] == f"{PAGE}/sessions"
    assert set_now(demo, "session_max_idle") == [7 * 86400]
    assert PolicyVersion.objects.get().actor_label == owner.email
    assert 'value="7"' in owner.get(f"{PAGE}/sessions").content.decode()
    assert "Longest pause from None → to 7 days" in text(owner.get("/backends/demo/history"))


def test_several_changes_are_one_question_and_one_version(owner: Operator, demo: Backend) -> None:
    address = asking("sign-in", without=("signup_enabled",), password_min_length=15)
    words = text(owner.get(address))
    assert "Change 2 settings?" in words
    assert "Who has an account is not affected." in words
    assert b"button--danger" not in owner.get(address).content
    owner.post(address)
    assert set_now(demo, "signup_enabled", "password_min_length") == [False, 15]
    assert PolicyVersion.objects.count() == 1


def test_a_page_warns_before_the_guard_is_lowered(owner: Operator, demo: Backend) -> None:
    page = owner.get(asking("links", without=("secure_email_change",)))
    assert "can move the account to their own address" in text(page)
    assert b"button--danger" in page.content


def test_undoing_what_made_it_stricter_warns_too(owner: Operator, demo: Backend) -> None:
    policy.change(backend_id=demo.pk, changes={"single_session": True}, actor=SETTING_UP)
    page = owner.get("/backends/demo/history/2/undo")
    assert "A stolen session is no longer ended by the next sign-in." in text(page)
    assert b"button--danger" in page.content


def test_a_longer_password_is_recommended_while_it_stands_alone(
    owner: Operator, demo: Backend
) -> None:
    hint = "15 or more are recommended while MFA is not required"
    assert hint in text(owner.get(f"{PAGE}/sign-in"))
    policy.change(backend_id=demo.pk, changes={"mfa_mode": "required"}, actor=SETTING_UP)
    assert hint not in text(owner.get(f"{PAGE}/sign-in"))


def test_nothing_is_saved_of_a_form_with_a_mistake(owner: Operator, demo: Backend) -> None:
    address = asking("links", add='https://"><img src=x>', mails_per_hour=9)
    for response in (owner.get(address), owner.post(address)):
        assert response.status_code == 422
        assert "Nothing was saved yet. See below." in text(response)
        assert "printable ASCII without spaces" in text(response)
        assert dangers(response) == []
        assert b"<img" not in response.content
    assert set_now(demo, "policy_version") == [1]


def test_places_are_added_and_removed_one_by_one(owner: Operator, demo: Backend) -> None:
    there = [f"https://app{n}.example.com/**" for n in range(49)]
    policy.change(backend_id=demo.pk, changes={"redirect_urls": there}, actor=SETTING_UP)
    new = "com.example.app://callback"
    address = asking("links", version=2, add=new, remove=there[:2])
    assert len(address) < 500, "the address stays short, however long the list is"
    assert f"Whoever owns {new} can receive the sessions" in text(owner.get(address))
    owner.post(address)
    assert set_now(demo, "redirect_urls") == [[*there[2:], new]]
    page = text(owner.get(f"{PAGE}/links"))
    assert new in page
    assert there[0] not in page


def test_a_list_that_is_full_takes_no_more(owner: Operator, demo: Backend) -> None:
    there = [f"https://app{n}.example.com/**" for n in range(50)]
    policy.change(backend_id=demo.pk, changes={"redirect_urls": there}, actor=SETTING_UP)
    response = owner.get(asking("links", version=2, add="https://more.example.com/"))
    assert "At most 50 patterns." in text(response)


def test_claims_in_another_order_are_the_same(owner: Operator, demo: Backend) -> None:
    claims = ["user_metadata", "email"]
    policy.change(backend_id=demo.pk, changes={"token_claims": claims}, actor=SETTING_UP)
    same = asking("sessions", version=2, token_claims=["email", "user_metadata"])
    assert owner.get(same)["Location"] == f"{PAGE}/sessions"


def test_a_change_by_somebody_else_meanwhile_is_not_overwritten(
    owner: Operator, demo: Backend
) -> None:
    policy.change(backend_id=demo.pk, changes={"mail_cooldown": 5}, actor=SETTING_UP)
    address = asking("links", mails_per_hour=50)
    gone = asking("links", remove="https://removed-meanwhile.example/")
    for response in (owner.get(address), owner.post(address), owner.get(gone)):
        assert response.status_code == 409
        assert "Not saved. test changed settings of this backend" in text(response)
    assert set_now(demo, "mails_per_hour", "policy_version") == [5, 2]


def test_a_viewer_looks_and_changes_nothing(viewer: Operator, demo: Backend) -> None:
    page = viewer.get(f"{PAGE}/sessions")
    assert "You are a viewer of this backend." in text(page)
    assert "Review and save" not in text(page)
    assert b"<fieldset disabled>" in page.content
    address = asking("sessions", single_session="on")
    for method in (viewer.get, viewer.post):
        assert method(address).status_code == 403
    assert set_now(demo, "single_session") == [False]


def test_a_change_needs_a_fresh_code_and_comes_back_to_the_question(
    owner: Operator, demo: Backend, clock: time_machine.Traveller
) -> None:
    clock.shift(660)
    address = asking("sessions", single_session="on", access_token_ttl=10)
    for method in (owner.get, owner.post):
        answer = method(address)
        assert answer["Location"].startswith("/backends/verify?return_to=")
    assert f'href="{PAGE}/sessions"'.encode() in owner.get(answer["Location"]).content
    assert owner.verify(return_to=address)["Location"] == address
    assert owner.post(address).status_code == 303
    assert set_now(demo, "single_session", "access_token_ttl") == [True, 600]
