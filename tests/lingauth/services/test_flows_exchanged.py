"""Trading a flow's code: for which session, and why not."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.core.errors import AccountBanned, ValidationFailed
from lingauth.models import Account, Backend, Flow, Session
from lingauth.services import flows, signin, stand_ins
from lingauth.services.grants import Grant
from lingauth.services.social import linking
from tests.lingauth.api.people import Clock
from tests.lingauth.services.trading import EMPTY, VERIFIER, begin, exchange, here, refused, unknown
from tests.support import acts
from tests.support.acts import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def test_a_code_becomes_a_session(ann: Person, moved: Clock) -> None:
    flow, code = begin(ann)
    tokens = {"provider_token": "at-1", "provider_refresh_token": "rt-1"}
    Flow.objects.update(private=flows.seal(flow.pk, tokens))
    before = Flow.objects.values().get()
    moved.shift(5)
    grant = exchange(ann, code)
    assert (grant.provider_token, grant.provider_refresh_token) == ("at-1", "rt-1")
    session = Session.objects.get(pk=grant.session.pk)
    assert session.account == ann.account
    assert session.created_at == clock.now()
    assert session.methods == [{"method": "oauth", "timestamp": int(clock.now().timestamp())}]
    assert (session.ip, session.user_agent) == ("192.0.2.7", "tests")
    assert Flow.objects.values().get() == before | {
        "private": None,
        "used_at": clock.now(),
        "session_id": session.pk,
    }
    row = acts.written()[-1]
    assert (row["kind"], row["session_id"], row["ip"]) == ("signed_in", session.pk, "192.0.2.7")
    assert row["data"] == {"method": "oauth"}


def test_without_a_providers_tokens_there_are_none(ann: Person) -> None:
    grant = exchange(ann, begin(ann)[1])
    assert (grant.provider_token, grant.provider_refresh_token) == ("", "")


def test_a_code_comes_a_second_time(ann: Person, moved: Clock) -> None:
    """RFC 9700, 4.5: what it gave is over, and nothing else of theirs."""
    _, code = begin(ann)
    grant = exchange(ann, code)
    moved.shift(5)
    unknown(lambda: exchange(ann, code))
    session = Session.objects.get(pk=grant.session.pk)
    assert (session.ended_at, session.end_reason) == (clock.now(), "code_replayed")
    assert ann.session.ended_at is None
    assert Session.objects.count() == 2
    moved.shift(120)
    unknown(lambda: exchange(ann, code))


def test_it_is_spent_once_at_the_same_moment_too(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, code = begin(ann)
    hold = Account.objects.hold

    def be_second(account_id: int) -> None:
        Flow.objects.filter(pk=flow.pk).update(used_at=clock.now())
        hold(account_id)

    monkeypatch.setattr(Account.objects, "hold", be_second)
    unknown(lambda: exchange(ann, code))
    assert Session.objects.count() == 1


def test_who_spends_it_holds_the_account_first(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    monkeypatch.setattr(Account.objects, "hold", held.append)
    exchange(ann, begin(ann)[1])
    assert held[0] == ann.account.pk


@pytest.mark.parametrize(("seconds", "good"), [(59, True), (60, False), (61, False)])
def test_it_is_good_for_a_minute(ann: Person, moved: Clock, seconds: int, good: bool) -> None:
    _, code = begin(ann)
    moved.shift(seconds)
    if good:
        assert exchange(ann, code)
        return
    message = "invalid flow state, flow state has expired"
    refused(lambda: exchange(ann, code), "flow_state_expired", 422, message)
    assert Session.objects.count() == 1


@pytest.mark.parametrize("value", [None, "", 5, ["x"]])
def test_a_code_and_a_verifier_are_texts(ann: Person, value: object) -> None:
    for given in ((value, VERIFIER), ("x", value)):
        with pytest.raises(ValidationFailed) as error:
            exchange(ann, *given)
        assert error.value.message == EMPTY
    with pytest.raises(ValidationFailed):
        here(ann, value, "d")


def test_the_verifier_is_the_challenges(ann: Person) -> None:
    message = "code challenge does not match previously saved code verifier"
    for pkce in (True, False):
        _, code = begin(ann, pkce)
        act = partial(exchange, ann, code, "x" * 43)
        refused(act, "bad_code_verifier", 400, message)
    _, code = begin(ann)
    assert exchange(ann, code)
    _, code = begin(ann)
    Flow.objects.filter(used_at=None).update(challenge=VERIFIER, challenge_method="plain")
    assert exchange(ann, code)


def test_a_code_is_of_its_backend(ann: Person) -> None:
    _, code = begin(ann)
    other = Person.sign_up(new_backend("other").backend)
    unknown(lambda: exchange(other, code))
    unknown(lambda: exchange(ann, "another"))
    assert exchange(ann, code)


@pytest.mark.parametrize("lacks", ["account", "code_expires_at"])
def test_a_code_of_nobody_is_unknown(ann: Person, lacks: str) -> None:
    _, code = begin(ann)
    Flow.objects.update(**{lacks: None})
    unknown(lambda: exchange(ann, code))


def test_in_the_browser_that_began_it(ann: Person) -> None:
    _, code = begin(ann, pkce=False, browser_digest="mine")
    unknown(lambda: here(ann, code, "other"))
    unknown(lambda: here(ann, code))
    assert here(ann, code, "other", "mine").account == ann.account
    _, unbound = begin(ann, pkce=False)
    unknown(lambda: here(ann, unbound, ""))
    _, apps = begin(ann, browser_digest="mine")
    unknown(lambda: here(ann, apps, "mine"))


def until_tomorrow() -> datetime:
    return clock.now() + timedelta(days=1)


@pytest.mark.parametrize("column", ["banned_until", "deleted_at"])
def test_an_account_that_is_barred_gets_none(ann: Person, column: str) -> None:
    _, code = begin(ann)
    Account.objects.update(**{column: until_tomorrow()})
    with pytest.raises(AccountBanned):
        exchange(ann, code)
    assert Flow.objects.get().used_at is None


def test_an_inactive_user_gets_none(ann: Person) -> None:
    _, code = begin(ann)
    user = Account.objects.select_related("user").get().user
    user.is_active = False
    user.save()
    with pytest.raises(AccountBanned):
        exchange(ann, code)


def test_the_backends_rules_are_those_of_now(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code's row was joined with no backend: the one that was asked for is used."""
    given: list[tuple[Backend, Account]] = []
    start = signin.start

    def noting(backend: Backend, account: Account, **more: Any) -> Grant:
        given.append((backend, account))
        return start(backend, account, **more)

    monkeypatch.setattr(signin, "start", noting)
    backend = ann.account.backend
    exchange(ann, begin(ann)[1])
    assert given[0][0] is backend
    assert given[0][1].backend is backend


def test_a_step_up_is_given_its_stand_in(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(stand_ins, "give", lambda *values: given.append(values))
    flow, code = begin(ann)
    Flow.objects.update(provider="step_up")
    exchange(ann, code)
    assert given == [(flow, CLIENT)]
    assert given[0][0].backend is ann.account.backend


def test_an_identity_joins_as_the_code_is_spent(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(linking, "tell", lambda *values: told.append(values))
    link: dict[str, Any] = {"link_to": ann.account, "link_session_id": ann.session.pk}
    flow, code = begin(ann, **link)
    named = {"issuer": "https://i", "subject": "s-1", "email": "", "verified": [], "named": {}}
    Flow.objects.update(private=flows.seal(flow.pk, {"profile": named}))
    grant = exchange(ann, code)
    providers = ["email", "corp"]
    assert grant.account.app_metadata["providers"] == providers
    assert Account.objects.get().app_metadata["providers"] == providers
    assert told == [("identity_linked", ann.account, "Corp")]
    assert acts.written()[-2]["ip"] == "192.0.2.7"
