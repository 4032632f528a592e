"""The switch: what it says before, what it does, and when it refuses.

Long, because it is one page and its story.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
import time_machine

from lingauth.models import Backend, Event, PolicyVersion, Session, Tally
from lingauth.services import policy
from lingauth.services.context import Actor
from lingauth.services.gate import WOULD_REFUSE
from tests.console.conftest import MakeAccount
from tests.console.support import Operator, text

PAGE = "/backends/demo/authentication"


def asking(**values: object) -> str:
    return f"{PAGE}/review?{urlencode({'version': 1, **values})}"


ON = asking(require="on", when="now", grace_days=0)
OFF = asking(version=2)


@pytest.fixture
def people(make_account: MakeAccount) -> None:
    """Four accounts, three without an authenticator; five open sessions, one confirmed."""
    make_account("a@app.test", factors=2, sessions=2, proven=1)
    make_account("b@app.test", sessions=2)
    make_account("c@app.test", sessions=1)
    make_account("d@app.test")


def test_the_switch_has_its_promised_name_and_help(owner: Operator) -> None:
    page = owner.get(PAGE)
    assert "Multi-factor authentication" in text(page)
    assert b'<label class="label" for="require">Require MFA for all signed-in users' in page.content
    assert (
        "Signed-in users must confirm a code from an authenticator app before this backend returns "
        "data to them. Requests made with the anon key are not affected. Nobody is signed out: "
        "open sessions are asked for a code on their next request." in text(page)
    )


@pytest.mark.usefixtures("people")
def test_it_says_whom_it_affects_right_now(owner: Operator) -> None:
    words = text(owner.get(PAGE))
    assert "3 of 4 accounts have no authenticator" in words
    assert "4 of 5 open sessions have not confirmed a code" in words
    assert "Confirmed 24 Nov 2026, 14:00 UTC" in words


def test_an_empty_backend_is_described_without_zeros(owner: Operator) -> None:
    words = text(owner.get(PAGE))
    assert "No accounts yet." in words
    assert "No open sessions." in words


@pytest.mark.usefixtures("people")
def test_the_question_states_the_consequence_in_numbers(owner: Operator) -> None:
    words = text(owner.get(ON))
    assert "Require MFA for all signed-in users, starting now?" in words
    assert (
        "4 open sessions will be asked for a code on their next request. "
        "3 people will be asked to set up an authenticator first." in words
    )


def test_asking_changes_nothing(owner: Operator, demo: Backend) -> None:
    for _ in range(2):
        assert owner.get(ON).status_code == 200
    demo.refresh_from_db()
    assert (demo.mfa_mode, demo.policy_version) == ("optional", 1)
    assert not PolicyVersion.objects.exists()


@pytest.mark.usefixtures("people")
def test_confirming_turns_it_on_once_and_writes_it_down_once(
    owner: Operator, demo: Backend
) -> None:
    response = owner.post(ON)
    assert response["Location"] == PAGE
    demo.refresh_from_db()
    assert (demo.mfa_mode, demo.mfa_starts_at) == ("required", None)
    assert PolicyVersion.objects.get().actor_label == owner.email
    event = Event.objects.get(kind="policy_changed")
    assert event.actor_kind == "operator"
    assert event.data["before"]["mfa_mode"] == "optional"
    assert event.data["after"]["mfa_mode"] == "required"
    words = text(owner.get(PAGE))
    assert (
        "Saved. MFA is required since 24 Nov 2026, 14:00 UTC. 1 of 5 sessions confirmed." in words
    )
    assert "Saved." not in text(owner.get(PAGE))


@pytest.mark.usefixtures("people")
def test_nobody_is_signed_out_by_it(owner: Operator) -> None:
    owner.post(ON)
    assert Session.objects.filter(ended_at=None).count() == 5


def test_sending_the_answer_twice_changes_it_once(owner: Operator) -> None:
    owner.post(ON)
    assert owner.post(ON).status_code == 409
    assert Event.objects.filter(kind="policy_changed").count() == 1


def test_turning_it_off_is_asked_too_and_says_what_stays(owner: Operator, demo: Backend) -> None:
    owner.post(ON)
    words = text(owner.get(OFF))
    assert "Stop requiring MFA?" in words
    assert "Sessions that have confirmed a code keep it." in words
    owner.post(OFF)
    demo.refresh_from_db()
    assert demo.mfa_mode == "optional"
    assert "MFA is required" not in text(owner.get(PAGE))
    assert Event.objects.filter(kind="policy_changed").count() == 2


def test_a_date_starts_it_then(owner: Operator, demo: Backend) -> None:
    later = asking(require="on", when="date", date="2026-12-01", time="08:30", grace_days=7)
    words = text(owner.get(later))
    assert "Require MFA for all signed-in users from 1 Dec 2026, 08:30 UTC?" in words
    assert "Until then nothing changes." in words
    assert "people without an authenticator have 7 days to set one up" in words
    owner.post(later)
    demo.refresh_from_db()
    assert demo.mfa_starts_at == datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    assert demo.mfa_grace == 7 * 86400
    page = owner.get(PAGE)
    assert "MFA will be required from 1 Dec 2026, 08:30 UTC." in text(page)
    assert b'value="2026-12-01"' in page.content
    assert b'value="08:30"' in page.content


def test_observing_blocks_nothing(owner: Operator, demo: Backend) -> None:
    observe = asking(require="on", when="observe")
    assert "Nothing is blocked." in text(owner.get(observe))
    owner.post(observe)
    demo.refresh_from_db()
    assert demo.mfa_mode == "observe"
    assert "Observing since 24 Nov 2026, 14:00 UTC. Nothing is blocked." in text(owner.get(PAGE))


def test_observing_shows_what_it_counted_today(
    owner: Operator, demo: Backend, clock: time_machine.Traveller
) -> None:
    owner.post(asking(require="on", when="observe"))
    assert "0 requests of today would have been refused." in text(owner.get(PAGE))
    for day in (23, 24, 24):
        Tally.objects.add(demo.pk, date(2026, 11, day), WOULD_REFUSE)
    assert "2 requests of today would have been refused." in text(owner.get(PAGE))


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"when": "date"}, "Choose the day it should start."),
        ({"when": "date", "date": "2026-11-24", "time": "14:00"}, "This time has passed."),
        ({"when": "date", "date": "tomorrow"}, "Enter a valid date."),
        ({"when": "now", "grace_days": 91}, "A whole number from 0 to 90."),
        ({"when": "now", "grace_days": -1}, "A whole number from 0 to 90."),
        ({"when": "now", "grace_days": "1e9"}, "A whole number from 0 to 90."),
        ({"when": "whenever"}, "Nothing was saved yet."),
        ({"when": "now", "version": "x"}, "Nothing was saved yet."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    owner: Operator, demo: Backend, values: dict[str, object], complaint: str
) -> None:
    address = asking(require="on", **values)
    for response in (owner.get(address), owner.post(address)):
        assert response.status_code == 422
        assert complaint in text(response)
    demo.refresh_from_db()
    assert demo.policy_version == 1


def test_saving_what_is_set_already_says_so(owner: Operator) -> None:
    assert owner.get(asking())["Location"] == PAGE
    assert "There was nothing to change." in text(owner.get(PAGE))
    assert not PolicyVersion.objects.exists()


def test_saving_again_does_not_move_the_day_it_began(owner: Operator, demo: Backend) -> None:
    began = datetime(2026, 11, 1, tzinfo=UTC)
    Backend.objects.update(mfa_mode="required", mfa_starts_at=began)
    again = asking(require="on", when="now", grace_days=3)
    assert "Change the time to set up?" in text(owner.get(again))
    owner.post(again)
    demo.refresh_from_db()
    assert demo.mfa_starts_at == began
    assert demo.mfa_grace == 3 * 86400


def test_a_change_by_somebody_else_is_not_overwritten(
    owner: Operator, admin: Operator, demo: Backend, clock: time_machine.Traveller
) -> None:
    assert owner.get(ON).status_code == 200
    clock.shift(60)
    admin.post(asking(require="on", when="observe"))
    response = owner.post(ON)
    assert response.status_code == 409
    assert "Not saved. admin@console.test changed these settings at 24 Nov 2026, 14:01 UTC" in text(
        response
    )
    assert b'name="version" value="2"' in response.content
    demo.refresh_from_db()
    assert demo.mfa_mode == "observe"
    assert owner.get(ON).status_code == 409


def test_a_change_between_the_look_and_the_save_is_not_overwritten(
    owner: Operator, demo: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = policy.change

    def raced(**given: object) -> PolicyVersion:
        monkeypatch.setattr(policy, "change", change)
        change(backend_id=demo.pk, changes={"mfa_grace": 60}, actor=Actor.system("a command"))
        return change(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(policy, "change", raced)
    response = owner.post(ON)
    assert response.status_code == 409
    assert "a command changed these settings" in text(response)
    demo.refresh_from_db()
    assert demo.mfa_mode == "optional"


def test_an_old_code_does_not_suffice_and_the_question_comes_back(
    owner: Operator, demo: Backend, clock: time_machine.Traveller
) -> None:
    clock.shift(11 * 60)
    assert owner.get(PAGE).status_code == 200
    for response in (owner.get(ON), owner.post(ON)):
        assert response["Location"].startswith("/backends/verify?return_to=")
    demo.refresh_from_db()
    assert demo.mfa_mode == "optional"
    asked = owner.get(response["Location"])
    assert "This change needs a code from the last 10 minutes." in text(asked)
    assert f'href="{PAGE}"'.encode() in asked.content
    response = owner.verify(return_to=ON)
    assert response["Location"] == ON
    assert "starting now?" in text(owner.get(ON))
    assert owner.post(ON).status_code == 303


def test_ten_minutes_exactly_still_suffice(owner: Operator, clock: time_machine.Traveller) -> None:
    clock.shift(600)
    assert owner.get(ON).status_code == 200


def test_an_address_without_a_question_goes_back_to_the_page(owner: Operator) -> None:
    assert owner.get(f"{PAGE}/review")["Location"] == PAGE


def test_a_grace_of_part_of_a_day_is_not_cut_by_saving(owner: Operator, demo: Backend) -> None:
    Backend.objects.update(mfa_grace=90_000)
    owner.post(asking(require="on", when="now", grace_days=1))
    demo.refresh_from_db()
    assert demo.mfa_grace == 90_000
