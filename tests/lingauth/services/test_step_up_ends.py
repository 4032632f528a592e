"""An app's second step at our pages: who is there, and each end it can come to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import Settings

from lingauth.core import clock
from lingauth.core.errors import (
    AccountBanned,
    DomainError,
    SessionGone,
)
from lingauth.models import Account, Flow, Session
from lingauth.services import flows, step_up, verification
from tests.lingauth.api.people import Clock, frozen
from tests.support.events import CLIENT
from tests.support.people import Person
from tests.support.statements import counted
from tests.support.step_up import (
    ANOTHER,
    COOKIE,
    PLACE,
    VERIFIER,
    arrive,
    guest,
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


def prove(person: Person, who: step_up.Guest) -> None:
    verification.verify_any(me=who.me, code=person.code(), client=CLIENT)


def test_what_ended_the_session_ends_the_step(person: Person) -> None:
    given, who = ticket(person), there(person)
    Account.objects.update(banned_until=clock.now() + timedelta(days=1))
    with pytest.raises(AccountBanned):
        arrive(person, given)
    assert guest(person, who.flow.pk) is None
    Account.objects.update(banned_until=None)
    assert guest(person, who.flow.pk) is not None
    Session.objects.filter(pk=person.session.pk).end(now=clock.now(), reason="signed_out")
    with pytest.raises(SessionGone):
        arrive(person, given)
    assert guest(person, who.flow.pk) is None
    Session.objects.filter(pk=person.session.pk).update(end_reason="factor_enrolled")
    assert guest(person, who.flow.pk) is not None, "a first factor ends the session that asked"
    Session.objects.filter(pk=who.me.session.pk).end(now=clock.now(), reason="signed_out")
    assert guest(person, who.flow.pk) is None


def test_a_guest_is_known_in_their_browser_while_under_way(person: Person) -> None:
    flow_id = arrive(person, ticket(person))
    flow = Flow.objects.get()
    who = guest(person, flow_id)
    assert who is not None
    assert (who.flow, who.me.session.pk) == (flow, flow.session_id)
    assert (who.me.account, who.me.backend) == (person.account, person.session.backend)
    for cookie in (None, "", ANOTHER):
        assert guest(person, flow_id, cookie) is None
    assert guest(person, uuid4()) is None
    for changes in ({"provider": "google"}, {"session_id": None}, {"code_digest": "x"}):
        before = Flow.objects.values(*changes).get()
        Flow.objects.update(**changes)
        assert guest(person, flow_id) is None, changes
        Flow.objects.update(**before)
    assert guest(person, flow_id) is not None


def test_where_a_flow_came_from_is_told_to_its_browser_alone(person: Person, moved: Clock) -> None:
    flow_id = arrive(person, ticket(person))
    moved.shift(timedelta(days=1))
    assert step_up.origin(flow_id=flow_id, cookie=COOKIE) == PLACE
    for cookie in (None, "", ANOTHER):
        assert step_up.origin(flow_id=flow_id, cookie=cookie) == ""
    assert step_up.origin(flow_id=uuid4(), cookie=COOKIE) == ""


def cancelled(url: str) -> bool:
    """Told so, and nothing else."""
    assert url.startswith("https://app.example.com/notes?tab=own&")
    return parse_qs(urlsplit(url).query) == {
        "tab": ["own"],
        "error": ["access_denied"],
        "error_code": ["step_up_cancelled"],
        "error_description": ["The second step was not taken."],
    }


def test_who_did_not_take_the_step_comes_back_with_nothing(person: Person, moved: Clock) -> None:
    who = there(person)
    assert cancelled(who.cancelled_url)
    assert cancelled(step_up.leave(who))
    assert Flow.objects.get().code_digest is None


@pytest.mark.parametrize("method", ["totp", "mfa/recovery_code"])
def test_who_took_it_comes_back_with_the_one_code(person: Person, method: str) -> None:
    who = there(person)
    if method == "totp":
        prove(person, who)
    else:
        Session.objects.filter(pk=who.me.session.pk).update(
            methods=[{"method": method, "timestamp": 1}], verified_at=clock.now()
        )
    who = guest(person, who.flow.pk) or who
    url = step_up.leave(who)
    query = parse_qs(urlsplit(url).query)
    assert set(query) == {"tab", "code"}
    assert query["tab"] == ["own"]
    flow = Flow.objects.get()
    assert (flow.account, flow.method) == (person.account, method)
    assert flow.code_expires_at == clock.now() + timedelta(seconds=60)
    with pytest.raises(DomainError) as refused:
        step_up.leave(who)
    assert refused.value.code == "flow_state_not_found"
    assert guest(person, flow.pk) is None
    got = flows.exchange(
        backend=person.session.backend,
        auth_code=query["code"][0],
        code_verifier=VERIFIER,
        client=CLIENT,
    )
    assert got.session == who.me.session


def test_looking_who_is_there_takes_few_statements(person: Person) -> None:
    """The flow with its backend; the session that asked; the stand-in."""
    flow_id = arrive(person, ticket(person))
    with counted() as statements:
        assert guest(person, flow_id) is not None
    assert len(statements) == 3
    with counted() as statements:
        assert step_up.origin(flow_id=flow_id, cookie=COOKIE) == PLACE
    assert len(statements) == 1


def test_each_step_commits_by_itself(person: Person) -> None:
    given, who = ticket(person), there(person)
    prove(person, who)
    who = guest(person, who.flow.pk) or who
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            arrive(person, given)
        with pytest.raises(RuntimeError):
            step_up.leave(who)
