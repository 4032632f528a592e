"""Raising a session while others write it too."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.core.assurance import Method
from lingauth.core.errors import ChallengeExpired, SessionGone
from lingauth.models import Session
from lingauth.models.session import SessionQuerySet
from lingauth.services.elevation import elevate
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend)


def row() -> dict[str, Any]:
    return dict(Session.objects.values().get())


def refresh(session: Session) -> None:
    """What a refresh that ran meanwhile has left."""
    done = Session.objects.advance(
        session, now=clock.now(), retry_digest=b"its own", drop_aal2=False
    )
    assert done


@pytest.mark.parametrize("refreshes", [0, 1])
@pytest.mark.parametrize("key", [None, "key"])
def test_a_refresh_that_ran_meanwhile_is_allowed_for(
    person: Person, moved: Clock, refreshes: int, key: str | None
) -> None:
    me = person.me()
    before = row()
    for _ in range(refreshes):
        refresh(me.session)
    moved.shift(timedelta(seconds=5, milliseconds=600))
    now = clock.now()
    raised = elevate(me, Method.TOTP, now, idempotency_key=key)
    after = before | {
        "generation": 2 + refreshes,
        "elevations": 1,
        "methods": [{"method": "totp", "timestamp": int(now.timestamp())}, *before["methods"]],
        "verified_at": now,
        "refreshed_at": now,
        "advanced_at": now,
        "advanced_by": "verification",
    }
    kept = row()
    digest = kept.pop("retry_digest")
    after.pop("retry_digest")
    assert kept == after
    if key:
        assert bytes(digest) == hmac.digest(bytes(before["secret"]), b"key", sha256)
    else:
        assert digest is None if not refreshes else bytes(digest) == b"its own"
    told = {name: getattr(raised, name) for name in after if name != "secret"}
    assert told == {name: value for name, value in after.items() if name != "secret"}
    assert (raised.backend, raised.account) == (me.backend, me.account)
    assert raised.backend is me.backend, "what was read along is kept"
    assert raised.account is me.account


def test_a_recovery_code_is_told_as_that(person: Person) -> None:
    raised = elevate(person.me(), Method.RECOVERY_CODE, clock.now())
    assert [proof["method"] for proof in raised.methods] == ["mfa/recovery_code", "password"]


def test_an_older_second_factor_makes_way(person: Person) -> None:
    elevate(person.me(), Method.RECOVERY_CODE, clock.now())
    raised = elevate(person.me(), Method.TOTP, clock.now())
    assert [proof["method"] for proof in raised.methods] == ["totp", "password"]
    assert (raised.elevations, row()["elevations"]) == (2, 2)


def test_a_verification_that_ran_meanwhile_has_spent_the_challenge(person: Person) -> None:
    late = person.me()
    elevate(person.me(), Method.TOTP, clock.now())
    before = row()
    with pytest.raises(ChallengeExpired):
        elevate(late, Method.TOTP, clock.now())
    assert row() == before


def test_a_session_that_was_ended_meanwhile_stays_ended(person: Person) -> None:
    late = person.me()
    Session.objects.all().end(now=clock.now(), reason="signed_out")
    person.another_session()
    before = list(Session.objects.order_by("pk").values())
    with pytest.raises(SessionGone):
        elevate(late, Method.TOTP, clock.now())
    assert list(Session.objects.order_by("pk").values()) == before


def test_refreshes_in_between_are_allowed_for_twice(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time between the reading and the writing; then it is given up."""
    claim = SessionQuerySet.elevate
    tries = 0

    def overtaken(rows: SessionQuerySet, session: Session, **given: Any) -> bool:
        nonlocal tries
        tries += 1
        if tries <= in_between:
            refresh(session)
        return claim(rows, session, **given)

    monkeypatch.setattr(SessionQuerySet, "elevate", overtaken)
    in_between = 2
    assert elevate(person.me(), Method.TOTP, clock.now()).generation == 4
    tries, in_between = 0, 3
    with pytest.raises(ChallengeExpired):
        elevate(person.me(), Method.TOTP, clock.now())
    assert tries == 3
