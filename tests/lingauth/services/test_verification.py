"""A code that is right: all that it writes, and what it answers with."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import CodeRefused, FactorNotFound
from lingauth.models import Event, GuessLimit, Session, TotpFactor
from lingauth.services import access, at_once, factors, verification
from lingauth.services.access import SignedIn
from lingauth.services.first_statement import Depth
from tests.lingauth.api.people import STEP, Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


@pytest.fixture
def enrolled(person: Person) -> Person:
    """With a factor and at ``aal2``, since one step."""
    return person.enrol("Phone")


def written(row: Any) -> dict[str, Any]:
    """A row as it is now, without what nothing here changes."""
    values = type(row).objects.filter(pk=row.pk).values().get()
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in values.items()
    }


def step() -> int:
    """RFC 6238, 4.2: T = (Unix time - 0) / 30."""
    return int(clock.now().timestamp()) // 30


@pytest.mark.parametrize("way", ["answering", "at once"])
def test_a_right_code_raises_the_session_and_is_used_up(enrolled: Person, way: str) -> None:
    Session.objects.update(verified_at=None)
    GuessLimit.objects.update(failures=3)
    me = enrolled.me()
    session, factor = written(me.session), written(TotpFactor.objects.get())
    given: dict[str, Any] = {"code": enrolled.code(), "idempotency_key": "key", "client": CLIENT}
    if way == "at once":
        got = verification.verify_any(me=me, **given)
    else:
        named: dict[str, Any] = {"factor_uuid": enrolled.factor}
        asked = verification.challenge(me=me, **named, client=CLIENT)
        got = verification.verify(me=me, **named, challenge_id=asked.id, **given)
        factor["last_challenged_at"] = clock.now()
    now = clock.now()
    proof = {"method": "totp", "timestamp": int(now.timestamp())}
    raised = {
        "generation": session["generation"] + 1,
        "elevations": 2,
        "methods": [proof, *session["methods"][1:]],
        "verified_at": now,
        "refreshed_at": now,
        "advanced_at": now,
        "advanced_by": "verification",
        "retry_digest": hmac.digest(session["secret"], b"key", sha256),
    }
    assert session["methods"][0]["method"] == "totp", "the older proof makes way"
    assert written(me.session) == session | raised
    assert {name: getattr(got.session, name) for name in raised if name != "retry_digest"} == {
        name: value for name, value in raised.items() if name != "retry_digest"
    }
    assert written(TotpFactor.objects.get()) == factor | {"last_step": step(), "last_used_at": now}
    guesses = GuessLimit.objects.values("failures", "locked_until", "updated_at").get()
    assert guesses == {"failures": 0, "locked_until": None, "updated_at": now}
    assert events.last() == events.by(me, "factor_verified", factor=str(enrolled.factor))
    (told,) = got.factors
    assert (told.confirmed, told.last_used_at) == (True, now)
    assert [row.provider for row in got.profile.identities] == ["email"]
    assert len(mail.outbox) == 1, "that of the set-up"


def test_it_goes_into_one_statement_where_the_database_has_it(
    enrolled: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the act, as it is written one by one elsewhere."""
    handed: list[Any] = []

    def prove(*given: Any) -> bool:
        handed.extend(given)
        return True

    monkeypatch.setattr(at_once, "prove", prove)
    me = enrolled.me()
    before, count = written(me.session), Event.objects.count()
    got = verification.verify_any(me=me, code=enrolled.code(), idempotency_key="key", client=CLIENT)
    factor, used, session, methods, digest, guess, event, now = handed
    assert (factor.uuid, used, session.pk) == (enrolled.factor, step(), me.session.pk)
    proof = {"method": "totp", "timestamp": int(clock.now().timestamp())}
    assert methods == [proof, before["methods"][1]]
    assert digest == hmac.digest(before["secret"], b"key", sha256)
    assert (guess.number, guess.rule.kind, now) == (1, "totp", clock.now())
    drafted = {name: getattr(event, name) for name in events.last()}
    assert drafted == events.by(me, "factor_verified", factor=str(enrolled.factor))
    assert (written(me.session), Event.objects.count()) == (before, count), "by the statement only"
    assert (got.session.generation, got.session.elevations) == (before["generation"] + 1, 2)
    assert (got.session.methods, got.session.verified_at) == (methods, clock.now())


def test_the_first_code_of_a_set_up_makes_it_a_factor(
    person: Person, moved: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_once, "prove", None)  # which is for what is a factor already
    made = factors.enroll(me=person.me(), name="Phone", client=CLIENT)
    person.secret = made.secret
    factor = written(made.factor)
    aside = person.another_session()
    moved.shift(STEP)
    me = person.me()
    named: dict[str, Any] = {"me": me, "factor_uuid": made.factor.uuid, "client": CLIENT}
    asked = verification.challenge(**named)
    got = verification.verify(**named, challenge_id=asked.id, code=person.code())
    now = clock.now()
    confirmed = {
        "last_challenged_at": now,
        "confirmed": True,
        "verified_at": now,
        "last_used_at": now,
        "last_step": step(),
        "session_id": None,
    }
    assert written(made.factor) == factor | confirmed
    assert events.last() == events.by(me, "factor_enrolled", factor=str(made.factor.uuid))
    assert [(f.uuid, f.confirmed, f.verified_at) for f in got.factors] == [
        (made.factor.uuid, True, now)
    ]
    account = type(person.account).objects.get()
    assert account.mfa_enrolled_at == me.account.mfa_enrolled_at == now
    aside.refresh_from_db()
    assert (aside.ended_at, aside.end_reason) == (now, "factor_enrolled")
    (told,) = mail.outbox
    assert told.to == ["ann@example.com"]
    assert told.subject == "An authenticator was added to your Acme account"
    assert f'"Phone" was set up for two-step verification on {now:%-d %B %Y}' in told.body


def test_a_code_without_a_name_is_looked_for_among_all_factors(
    enrolled: Person, moved: Clock
) -> None:
    first, secret = enrolled.factor, enrolled.secret
    moved.shift(STEP)
    enrolled.enrol("Second")
    second = enrolled.factor
    moved.shift(STEP)
    verification.verify_any(me=enrolled.me(), code=enrolled.code(), client=CLIENT)
    assert events.last()["data"] == {"factor": str(second)}
    enrolled.secret = secret
    given: dict[str, Any] = {"code": enrolled.code(), "client": CLIENT}
    with pytest.raises(CodeRefused):
        verification.verify_any(me=enrolled.me(), factor_uuid=second, **given)
    verification.verify_any(me=enrolled.me(), factor_uuid=first, **given)
    assert events.last()["data"] == {"factor": str(first)}


@pytest.mark.parametrize("way", ["answering", "at once"])
def test_what_the_request_has_read_is_not_read_again(enrolled: Person, way: str) -> None:
    """Neither factors nor ways in; where it has not, they are read."""
    read = access.read(ref="acme", session_id=enrolled.grant.session.pk, depth=Depth.WHOLE)
    me: SignedIn = read.signed_in()
    assert me.factors is not None
    assert enrolled.me().factors is None
    named: dict[str, Any] = {"me": me, "factor_uuid": enrolled.factor, "client": CLIENT}
    if way == "at once":
        got = verification.verify_any(**named, code=enrolled.code())
    else:
        asked = verification.challenge(**named)
        got = verification.verify(**named, challenge_id=asked.id, code=enrolled.code())
    assert got.factors is me.factors
    assert got.profile.identities is me.identities
    none = replace(enrolled.me(), factors=())
    with pytest.raises(FactorNotFound):
        verification.challenge(me=none, factor_uuid=enrolled.factor, client=CLIENT)


def test_it_commits_by_itself(enrolled: Person) -> None:
    """What is told to have happened is not taken back by whoever called."""
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            verification.challenge(me=enrolled.me(), factor_uuid=enrolled.factor, client=CLIENT)
        with pytest.raises(RuntimeError):
            verification.verify_any(me=enrolled.me(), code=enrolled.code(), client=CLIENT)
