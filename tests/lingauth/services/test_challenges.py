"""A challenge: what is written down of it, and what it fits."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.errors import ChallengeExpired
from lingauth.models import GuessLimit, TotpFactor
from lingauth.services import verification
from tests.lingauth.api.people import STEP, Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolled(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend).enrol()


def test_a_challenge_ends_in_five_minutes_and_is_written_down(
    enrolled: Person, moved: Clock
) -> None:
    moved.shift(timedelta(seconds=7, microseconds=654321))
    factor, me = TotpFactor.objects.get(), enrolled.me()
    before = TotpFactor.objects.values().get()
    made = verification.challenge(me=me, factor_uuid=enrolled.factor, client=CLIENT)
    ends = clock.now().replace(microsecond=0) + timedelta(seconds=300)
    assert (made.factor.pk, made.expires_at) == (factor.pk, ends)
    assert TotpFactor.objects.values().get() == before | {"last_challenged_at": clock.now()}
    assert events.last() == events.by(me, "factor_challenged", factor=str(enrolled.factor))


def test_nodes_of_every_version_make_the_same_challenge(enrolled: Person) -> None:
    """One answers what another has asked."""
    me = enrolled.me()
    made = verification.challenge(me=me, factor_uuid=enrolled.factor, client=CLIENT)
    bound = f"{me.backend.pk}/{me.session.pk}/1/{enrolled.factor}".encode()
    end = int(made.expires_at.timestamp()).to_bytes(4, "big")
    mac = hmac.digest(settings.keychain.current("challenge"), end + bound, sha256)[:12]
    value = bytearray(end + mac)
    value[6], value[8] = (value[6] & 0x0F) | 0x80, (value[8] & 0x3F) | 0x80
    assert made.id == UUID(bytes=bytes(value))


@pytest.mark.parametrize("seconds", [299, 300])
def test_a_challenge_may_be_answered_until_its_end(
    enrolled: Person, moved: Clock, seconds: int
) -> None:
    asked = verification.challenge(me=enrolled.me(), factor_uuid=enrolled.factor, client=CLIENT)
    moved.shift(seconds)
    given: dict[str, Any] = {
        "me": enrolled.me(),
        "factor_uuid": enrolled.factor,
        "challenge_id": asked.id,
        "code": enrolled.code(),
        "client": CLIENT,
    }
    if seconds < 300:
        assert verification.verify(**given).session.pk == enrolled.session.pk
    else:
        with pytest.raises(ChallengeExpired):
            verification.verify(**given)


@pytest.mark.parametrize("part", ["factor", "session", "proofs", "backend", "time", "made up"])
def test_a_challenge_fits_what_it_was_made_for(enrolled: Person, moved: Clock, part: str) -> None:
    me = enrolled.me()
    named: dict[str, Any] = {"factor_uuid": enrolled.factor}
    asked = verification.challenge(me=me, client=CLIENT, **named).id
    match part:
        case "factor":
            moved.shift(STEP)
            enrolled.enrol("Second")
            moved.shift(STEP)
            named, me = {"factor_uuid": enrolled.factor}, enrolled.me()
            me.session.elevations -= 1
        case "session":
            me = enrolled.me(enrolled.another_session())
        case "proofs":
            me.session.elevations += 1
        case "backend":
            me.backend.pk += 1
        case "time":
            moved.shift(300)
        case "made up":
            asked = uuid4()
    failures = GuessLimit.objects.get(kind="totp").failures
    with pytest.raises(ChallengeExpired):
        verification.verify(me=me, challenge_id=asked, code=enrolled.code(), client=CLIENT, **named)
    assert GuessLimit.objects.get(kind="totp").failures == failures
