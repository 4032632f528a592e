"""The soak at small length: it finds nothing, and would find what is to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from lingauth import keyring
from lingauth.api.credentials import Caller
from lingauth.core import clock, guesses
from lingauth.models import RecoverySet, Session, session
from lingauth.models.guess_limit import GuessLimitQuerySet
from lingauth.services import access, at_once, events, gate, limits, verification
from lingauth.services.access import SignedIn
from reliability.soak import rows, story
from reliability.soak import settings as soak_settings
from reliability.soak.acts.act import Act
from reliability.soak.acts.proving import Prove
from reliability.soak.acts.recovery import UseCode
from reliability.soak.choice import Choice
from reliability.soak.judge import Done, judge, perform
from reliability.soak.story import TOGETHER, Broken, Story
from reliability.soak.world import World
from tests.support.totp import code_for

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

SEED = 7
FAULTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], float]] = {}
"""Each with the share of rounds in which several acts are done at once."""
MOSTLY = 0.8


@pytest.fixture(autouse=True)
def as_in_the_soak(settings: Settings) -> Iterator[None]:
    settings.LINGAUTH = soak_settings.LINGAUTH
    at_once._written.cache_clear()
    yield
    at_once._written.cache_clear()
    keyring.forget()


def fault(
    name: str, share: float = TOGETHER
) -> Callable[[Callable[[pytest.MonkeyPatch], None]], None]:
    """A mistake in the product that one of its guards keeps out."""

    def register(make: Callable[[pytest.MonkeyPatch], None]) -> None:
        FAULTS[name] = make, share

    return register


@fault("a refresh token has as many children as ask for one at once", MOSTLY)
def _twins(patch: pytest.MonkeyPatch) -> None:
    unguarded = session._ADVANCE.replace("generation = %s AND", "%s > 0 AND")
    assert unguarded != session._ADVANCE
    patch.setattr(session, "_ADVANCE", unguarded)


@fault("a code works twice", MOSTLY)
def _reuse(patch: pytest.MonkeyPatch) -> None:
    unguarded = at_once._PROVE.replace("(last_step IS NULL OR last_step < %(step)s)", "TRUE")
    assert unguarded != at_once._PROVE
    patch.setattr(at_once, "_PROVE", unguarded)


@fault("an event is lost")
def _lost(patch: pytest.MonkeyPatch) -> None:
    write = events.write
    patch.setattr(events, "write", lambda row: row.kind == "signed_out" or write(row))


@fault("a new challenge forgives wrong codes")
def _forgiven(patch: pytest.MonkeyPatch) -> None:
    challenge = verification.challenge

    def forgiving(*, me: SignedIn, **given: Any) -> verification.Challenge:
        made = challenge(me=me, **given)
        limits.forgive(
            guesses.TOTP,
            subject=f"user {me.account.user_id}",
            backend=me.backend,
            now=clock.now(),
        )
        return made

    patch.setattr(verification, "challenge", forgiving)


@fault("guesses are counted after they were read", MOSTLY)
def _burst(patch: pytest.MonkeyPatch) -> None:
    """As by a SELECT and an UPDATE, between which others read the same number."""

    def claim_attempt(
        self: GuessLimitQuerySet,
        key: str,
        rule: Any,
        *,
        backend_id: int | None,
        account_id: int | None,
        now: datetime,
        **_: Any,
    ) -> int | None:
        found = self.filter(key=key).first()
        failures = found.failures if found else 0
        if failures >= rule.cap or (found and found.locked_until and found.locked_until > now):
            return None
        wait = rule.wait_after(failures + 1)
        values = {
            "kind": rule.kind,
            "backend_id": backend_id,
            "failures": failures + 1,
            "locked_until": now + wait if wait else None,
            "updated_at": now,
            **({"account_id": account_id} if account_id else {}),
        }
        self.update_or_create(key=key, defaults=values)
        return failures + 1

    patch.setattr(GuessLimitQuerySet, "claim_attempt", claim_attempt)


@fault("a token of another backend is believed")
def _neighbours(patch: pytest.MonkeyPatch) -> None:
    signed_in = Caller.signed_in

    def anywhere(self: Caller) -> SignedIn:
        if self.claims is None or self.claims.backend_ref == self.access.backend.ref:
            return signed_in(self)
        of = Session.objects.select_related("backend").get(pk=self.claims.session_id)
        return access.read(ref=of.backend.ref, session_id=of.pk).signed_in()

    patch.setattr(Caller, "signed_in", anywhere)


@fault("the switch does nothing")
def _open_gate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "check", lambda **_: None)


def test_fifteen_hundred_steps_are_as_the_model_says() -> None:
    steps = batches = 0
    answers: set[str] = set()
    for number in range(3):
        story = Story(SEED, number)
        steps += sum(story.play(500))
        batches += story.tally.batches
        answers.update(story.tally.answers)
    assert steps >= 1500
    assert batches > 100
    assert len(answers) > 50


def do(world: World, *acts: Act) -> list[Done]:
    return [Done(act, act.do(world.wire)) for act in acts]


def a_world_with_codes() -> tuple[World, Choice]:
    """Its first person has an authenticator and recovery codes, and then a minute passes."""
    with time_machine.travel(story.START, tick=False):
        world = World.make(int(story.START.timestamp()))
        world.clumsy = 0
        person = world.people[0]
        choice = Choice(Random(1), world, person)
        for kind in (choice.enrol, choice.prove, choice.make_codes):
            (done,) = do(world, kind())
            assert not perform(done, world.scene(person))
    world.now += 60
    return world, choice


def test_of_two_proofs_the_later_has_the_newest_token_whichever_was_answered_first() -> None:
    """Else the walk goes on with the older one, and calls its refusal a fault."""
    world, choice = a_world_with_codes()
    person, asking = choice.person, choice.asking()
    (factor,) = person.owner.factors
    with time_machine.travel(world.now, tick=False):
        done = do(
            world,
            Prove(*asking, code_for(factor.secret, world.now)),
            UseCode(*asking, person.owner.unused[0], None),
        )
    assert [each.told.status for each in done] == [200, 200]
    found = rows.of_people([person])[person.row]
    verdict = judge(
        world.scene(person), done[::-1], lambda after: rows.differs(after.person, found)
    )
    assert verdict.scene is not None
    newest = verdict.scene.person.chains[person.devices[0]][-1]
    assert newest == done[1].told.body["refresh_token"]


def test_a_set_of_codes_that_should_not_be_there_is_seen_though_none_is_used() -> None:
    world, choice = a_world_with_codes()
    assert not world.wrong()
    there, choice.person.codes = choice.person.codes, ()
    assert f"codes {there[0]}" in world.wrong()
    choice.person.codes = there
    RecoverySet.objects.all().delete()
    assert f"codes {there[0]}" in world.wrong()


@pytest.mark.parametrize("name", FAULTS)
def test_it_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, share = FAULTS[name]
    make(monkeypatch)
    with pytest.raises(Broken) as found:
        for number in range(20):
            for _ in Story(SEED, number, together=share).play():
                pass
    assert "unexpected_failure" not in str(found.value), "It fell over; that is easily found."
