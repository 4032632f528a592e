"""Flows and their one code: what is written, what a code is worth, once, and for a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from pytest_django import Settings

from lingauth.conf import settings as ours
from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.core.errors import DomainError
from lingauth.core.pkce import Pkce, s256
from lingauth.models import Account, Backend, Flow
from lingauth.services import flows
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

APP, VERIFIER = "https://app.example.com/cb", "a-verifier-of-the-app-that-is-long-enough-01234"


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def begin(backend: Backend, pkce: Pkce | None = None, **more: Any) -> Flow:
    asked = {"provider": "email", "pkce": pkce, "redirect_to": APP, "now": clock.now(), **more}
    return flows.begin(backend=backend, **asked)


def test_what_is_written_down(ann: Person) -> None:
    now = clock.now() - timedelta(seconds=5)
    blank = {
        "backend_id": ann.account.backend_id,
        "provider": "email",
        "challenge": "",
        "challenge_method": "",
        "redirect_to": APP,
        "created_at": now,
        "expires_at": now + timedelta(minutes=10),
        "link_to_id": None,
        "link_session_id": None,
        "browser_digest": "",
        "private": None,
        "answered_at": None,
        "account_id": None,
        "method": "",
        "code_digest": None,
        "code_expires_at": None,
        "used_at": None,
        "session_id": None,
    }
    one = begin(ann.account.backend, now=now)
    assert Flow.objects.filter(pk=one.pk).values().get() == blank | {"id": one.pk}
    life, challenge = timedelta(hours=1), s256(VERIFIER)
    two = begin(
        ann.account.backend, Pkce(challenge, "s256"), now=now, life=life, browser_digest="d"
    )
    assert Flow.objects.filter(pk=two.pk).values().get() == blank | {
        "id": two.pk,
        "challenge": challenge,
        "challenge_method": "s256",
        "expires_at": now + life,
        "browser_digest": "d",
    }


def test_its_one_code(ann: Person) -> None:
    flow = begin(ann.account.backend)
    before = Flow.objects.values().get()
    code = flows.issue_code(flow=flow, account=ann.account, method=Method.MAGICLINK)
    assert str(UUID(code)) == code
    kept = Flow.objects.values().get()
    assert kept == before | {
        "account_id": ann.account.pk,
        "method": "magiclink",
        "code_digest": kept["code_digest"],
        "code_expires_at": clock.now() + timedelta(seconds=60),
    }
    digest = ours.keychain.digest("flow code", code.encode()).hex()
    assert kept["code_digest"] == digest
    unknown(lambda: flows.issue_code(flow=flow, account=ann.account, method=Method.OTP))
    assert Flow.objects.values().get() == kept


def unknown(act: Any) -> None:
    with pytest.raises(DomainError) as refused:
        act()
    assert (refused.value.code, refused.value.status) == ("flow_state_not_found", 404)
    assert refused.value.message == "invalid flow state, no valid flow state found"


def test_what_is_sealed_is_for_one_flow_and_one_root_secret(
    ann: Person, settings: Settings
) -> None:
    flow_id = uuid4()
    sealed = flows.seal(flow_id, {"state": "s-1"})
    assert b"s-1" not in sealed
    flow = begin(ann.account.backend, id=flow_id, private=sealed)
    assert flows.unseal(flow) == {"state": "s-1"}
    assert flows.unseal(Flow.objects.get()) == {"state": "s-1"}
    assert flows.unseal(Flow(pk=uuid4(), private=sealed)) == {}
    assert flows.unseal(Flow(pk=flow_id)) == {}
    assert flows.unseal(Flow(pk=flow_id, private=b"x" * 60)) == {}
    settings.LINGAUTH = {
        **settings.LINGAUTH,
        "SECRET_KEYS": ["another root secret of 32 characters"],
    }
    assert flows.unseal(flow) == {}


def test_a_flow_that_is_spent_keeps_nothing_and_ends_what_it_began_when_it_comes_again(
    ann: Person, moved: Clock
) -> None:
    flow, phone = begin(ann.account.backend), ann.another_session()
    Flow.objects.filter(pk=flow.pk).update(account=ann.account, session_id=phone.pk)
    flow.refresh_from_db()
    moved.shift(5)
    flows._end_what_it_began(flow, clock.now())
    phone.refresh_from_db()
    assert (phone.ended_at, phone.end_reason) == (clock.now(), "code_replayed")
    assert ann.session.ended_at is None


def test_it_ends_no_session_of_anybody_else(ann: Person) -> None:
    other = Person.sign_up(Backend.objects.get(), "other@example.com")
    flow = begin(ann.account.backend, account=ann.account, session_id=other.session.pk)
    flows._end_what_it_began(flow, clock.now())
    flow.session_id = None
    flows._end_what_it_began(flow, clock.now())
    assert other.session.ended_at is None
    assert ann.session.ended_at is None


def test_an_ending_is_not_part_of_what_may_be_rolled_back(ann: Person) -> None:
    flow = begin(ann.account.backend, account=ann.account, session_id=ann.session.pk)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        flows._end_what_it_began(flow, clock.now())


def test_a_code_that_no_text_can_be_is_a_code(ann: Person) -> None:
    assert flows._digests("\ud800") == flows._digests("?") != flows._digests("x")
    assert Account.objects.count() == 1
