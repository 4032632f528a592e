"""An app's second step at our pages: what is written down when it begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from pytest_django import Settings

from lingauth.core import clock
from lingauth.core.errors import (
    DomainError,
    NoAuthorization,
    ValidationFailed,
)
from lingauth.core.pkce import s256
from lingauth.models import Account, Flow, Session
from lingauth.services import flows
from lingauth.services.social import authorize
from tests.lingauth.api.people import Clock, frozen
from tests.support.people import Person
from tests.support.step_up import (
    ANOTHER,
    COOKIE,
    PLACE,
    VERIFIER,
    arrive,
    begin,
    digest,
    guest,
    rows,
    somebody,
    there,
    ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(settings: Settings) -> Iterator[Clock]:
    settings.LINGAUTH = {**settings.LINGAUTH, "SITE_URL": "https://auth.example.com"}
    with frozen() as moved:
        yield moved


@pytest.fixture
def person(moved: Clock) -> Person:
    return somebody(moved)


def unknown(person: Person, given: object, cookie: str = COOKIE) -> None:
    """The ticket is told to be over, and nothing has changed."""
    before = rows()
    with pytest.raises(DomainError) as refused:
        arrive(person, given, cookie)
    error = refused.value
    assert (error.status, error.code) == (404, "flow_state_not_found")
    assert error.message == "This step is over, or was never begun."
    assert rows() == before


def test_setting_out_is_a_flow_of_that_session(person: Person) -> None:
    url = begin(person)
    flow = Flow.objects.get()
    address, _, query = url.partition("?")
    assert address == "https://auth.example.com/b/acme/mfa/step-up"
    assert parse_qs(query) == {"ticket": [authorize.state_of(flow)]}
    assert flow.provider == "step_up"
    assert flow.backend == person.session.backend
    assert (flow.challenge, flow.challenge_method) == (s256(VERIFIER), "s256")
    assert flow.redirect_to == PLACE
    assert (flow.created_at, flow.expires_at) == (
        clock.now(),
        clock.now() + timedelta(minutes=10),
    )
    assert (flow.link_to, flow.link_session_id) == (person.account, person.session.pk)
    assert (flow.session_id, flow.browser_digest, flow.code_digest) == (None, "", None)
    kept = flows.unseal(flow)
    assert kept.keys() == {"state"}
    assert len(kept["state"]) == 22, "128 bits"


def test_every_ticket_is_another(person: Person) -> None:
    assert len({ticket(person) for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"pkce": None}, "code_challenge and code_challenge_method are required.", None),
        *(
            (
                {"redirect_to": place},
                "redirect_to is none of this backend's places.",
                "Add the app's address to the backend's redirect URLs.",
            )
            for place in (None, "", "https://elsewhere.example/", "javascript:alert(1)")
        ),
    ],
)
def test_nobody_sets_out_without_pkce_or_to_another_place(
    person: Person, changes: dict[str, Any], message: str, hint: str | None
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        begin(person, **changes)
    assert (refused.value.message, refused.value.hint) == (message, hint)
    assert not Flow.objects.exists()


def test_an_anonymous_account_has_no_second_step(person: Person) -> None:
    Account.objects.update(is_anonymous=True)
    with pytest.raises(NoAuthorization) as refused:
        begin(person)
    assert (refused.value.status, refused.value.message) == (
        403,
        "Anonymous accounts have no factors.",
    )


def test_a_stand_in_is_as_old_as_its_session_and_ends_with_the_flow(
    person: Person, moved: Clock
) -> None:
    given = ticket(person)
    asker = person.session
    Session.objects.filter(pk=asker.pk).update(
        methods=[{"method": "totp", "timestamp": 1}, *asker.methods]
    )
    moved.shift(100)
    flow_id = arrive(person, given)
    flow = Flow.objects.get()
    assert (flow.pk, flow.browser_digest) == (flow_id, digest(person))
    row: dict[str, Any] = dict(Session.objects.exclude(pk=asker.pk).values().latest("advanced_at"))
    assert len(row.pop("secret")) == 32
    assert row == {
        "id": flow.session_id,
        "backend_id": asker.backend_id,
        "account_id": asker.account_id,
        "generation": 1,
        "retry_digest": None,
        "advanced_at": clock.now(),
        "advanced_by": "sign_in",
        "elevations": 0,
        "verified_at": None,
        "methods": asker.methods,
        "created_at": asker.created_at,
        "refreshed_at": clock.now(),
        "expires_at": flow.expires_at + timedelta(seconds=60),
        "ended_at": None,
        "end_reason": "",
        "user_agent": "tests",
        "ip": "192.0.2.7",
    }


def test_a_stand_in_does_not_outlive_its_session(person: Person) -> None:
    ends = clock.now() + timedelta(minutes=5)
    Session.objects.filter(pk=person.session.pk).update(expires_at=ends)
    assert there(person).me.session.expires_at == ends


def test_a_ticket_is_one_browsers_and_makes_one_stand_in(person: Person) -> None:
    given = ticket(person)
    flow_id = arrive(person, given)
    before = rows()
    assert arrive(person, given) == flow_id
    assert rows() == before
    unknown(person, given, ANOTHER)
    for made_up in (None, "", "x", f"{uuid4()}.{'A' * 22}"):
        unknown(person, made_up)


@pytest.mark.parametrize("seconds", [599, 600])
def test_a_ticket_is_good_for_ten_minutes(person: Person, moved: Clock, seconds: int) -> None:
    given = ticket(person)
    moved.shift(seconds)
    if seconds < 600:
        who = guest(person, arrive(person, given))
        assert who is not None
        moved.shift(1)
        assert guest(person, who.flow.pk) is None
    else:
        unknown(person, given)
