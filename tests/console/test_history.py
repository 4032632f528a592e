"""The history of a backend's settings, and the way back."""

from __future__ import annotations

import pytest
import time_machine

from lingauth.models import Backend, Event, PolicyVersion
from lingauth.services import policy
from lingauth.services.context import Actor
from tests.console.support import Operator, text

PAGE = "/backends/demo/history"


def change(demo: Backend, by: str = "a command", **changes: object) -> PolicyVersion:
    return policy.change(backend_id=demo.pk, changes=changes, actor=Actor.system(by))


def test_it_tells_who_when_and_before_after_newest_first(owner: Operator, demo: Backend) -> None:
    change(demo, "first", mfa_mode="required", mfa_grace=7 * 86400)
    change(demo, "second", access_token_ttl=600, token_claims=["email"])
    words = text(owner.get(PAGE))
    assert "Version 3 Current second 24 Nov 2026, 14:00 UTC" in words
    assert "MFA for signed-in users from Not required → to Required" in words
    assert "Time to set up from None → to 7 days" in words
    assert "Life of an access token from 5 minutes → to 10 minutes" in words
    assert words.index("Version 3") < words.index("Version 2")


def test_before_the_first_change_it_says_so(owner: Operator) -> None:
    assert "Nothing was changed yet" in text(owner.get(PAGE))


def test_undoing_asks_and_then_puts_back_what_was_before(owner: Operator, demo: Backend) -> None:
    change(demo, mfa_mode="required")
    change(demo, access_token_ttl=600)
    page = owner.get(f"{PAGE}/2/undo")
    assert "Undo version 2? MFA for signed-in users: Required → Not required." in text(page)
    assert "Sessions that have confirmed a code keep it." in text(page)
    assert b'name="version" value="3"' in page.content
    assert owner.post(f"{PAGE}/2/undo", {"version": "3"})["Location"] == PAGE
    demo.refresh_from_db()
    assert (demo.mfa_mode, demo.access_token_ttl, demo.policy_version) == ("optional", 600, 4)
    assert Event.objects.filter(kind="policy_changed").count() == 3
    assert "Version 2 is undone." in text(owner.get(PAGE))


def test_a_start_that_was_set_comes_back_as_a_time(owner: Operator, demo: Backend) -> None:
    starts = "2026-12-01T08:00:00Z"
    change(demo, mfa_mode="required", mfa_starts_at=starts)
    change(demo, mfa_mode="optional", mfa_starts_at=None)
    assert "Start: At once → 1 Dec 2026, 08:00 UTC." in text(owner.get(f"{PAGE}/3/undo"))
    owner.post(f"{PAGE}/3/undo", {"version": "3"})
    demo.refresh_from_db()
    assert demo.mfa_starts_at is not None
    assert demo.mfa_starts_at.isoformat() == "2026-12-01T08:00:00+00:00"


@pytest.mark.parametrize("seen", ["2", "", "x", "9" * 30])
def test_an_answer_to_an_older_question_is_refused(
    owner: Operator, demo: Backend, seen: str
) -> None:
    change(demo, mfa_mode="required")
    change(demo, access_token_ttl=600)
    owner.post(f"{PAGE}/2/undo", {"version": seen})
    demo.refresh_from_db()
    assert demo.mfa_mode == "required"
    assert "Not undone: somebody changed the settings meanwhile." in text(owner.get(PAGE))


def test_undoing_what_is_undone_changes_nothing(owner: Operator, demo: Backend) -> None:
    change(demo, mfa_mode="required")
    change(demo, mfa_mode="optional")
    assert owner.get(f"{PAGE}/2/undo")["Location"] == PAGE
    assert "as they were before that change already" in text(owner.get(PAGE))
    assert PolicyVersion.objects.count() == 2


def test_undoing_needs_a_fresh_code(
    owner: Operator, demo: Backend, clock: time_machine.Traveller
) -> None:
    change(demo, mfa_mode="required")
    clock.shift(601)
    for response in (owner.get(f"{PAGE}/2/undo"), owner.post(f"{PAGE}/2/undo", {"version": "2"})):
        assert response["Location"].startswith("/backends/verify")
    demo.refresh_from_db()
    assert demo.mfa_mode == "required"
