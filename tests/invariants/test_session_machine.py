"""One session family through everything that can happen to it, judged by a model after each step.

The family belongs to an account with a second device. A bystander at the same backend and a
namesake at another one must not notice anything. Long, because a machine is one class.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lingauth import keyring, tokens
from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.models import Account, GuessLimit, RecoveryCode, Session, TotpFactor
from project.demo.models import Note
from tests.invariants.actions import require_mfa, unproven_levels
from tests.invariants.session_model import Authenticator, Family, Owner
from tests.support.app import App
from tests.support.people import new_backend
from tests.support.totp import code_for

START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PASSWORDS = ("correct horse battery", "another horse battery")
KEYS = st.sampled_from([None, "key one", "key two"])
EXAMPLES = int(os.environ.get("LINGAUTH_TEST_EXAMPLES") or 20)
"""More of them take longer and find more: set it when the rules of sessions were touched."""
WAITS = [1, 29, 31, 310, 600, 601, 1_800, 3_599, 3_600, 43_200, 86_400, 10 * 86_400]

AFTER = st.sampled_from([0, 31, 0, 601, 0, 3_600])
"""What may pass before somebody acts: a step, what is fresh, or what ``aal2`` may idle."""

_numbers = count()


class Machine(RuleBasedStateMachine):
    """``family`` and ``spare`` model the two devices; ``app`` and ``device`` are their clients."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = time_machine.travel(START, tick=False)
        self.traveller = self.moved.start()
        number = next(_numbers)
        keyring.forget()
        self.made = new_backend(f"machine-{number}")
        self.other = new_backend(f"other-{number}")
        self.password = 0
        self.required = False
        self.owner = Owner()
        self.app, self.device = self._client(), self._client()
        self.device.sign_up(f"owner-{number}@example.com", PASSWORDS[0])
        self.spare = Family(self.now)
        self.app.email = self.device.email
        self._sign_in()
        self.namesake = App(self.other.backend.ref, self.other.anon_key)
        self.namesake.sign_up(self.app.email, PASSWORDS[0])
        self.bystander = self._client()
        self.bystander.sign_up(f"bystander-{number}@example.com")
        self.bystander.reach_aal2()
        self.account = Account.objects.get(backend=self.made.backend, email=self.app.email)
        Note.objects.create(
            backend=self.made.backend, owner=self.account, title="Public", is_public=True
        )
        self.public = self.app.data(anonymous=True).content
        self.others = self._others()
        self.dead: list[str] = []

    def teardown(self) -> None:
        self.moved.stop()

    @initialize(already=st.sampled_from(["factor", "factor and codes", "nothing"]))
    def begin(self, already: str) -> None:
        """Most stories begin with an account that is set up."""
        if already != "nothing":
            self.enrol(name="Phone", after=0)
        if already == "factor and codes":
            self.make_recovery_codes(after=0)

    # --- What the machine does -------------------------------------------------------------------

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: int) -> None:
        self.traveller.shift(seconds)

    @rule(on=st.booleans())
    def flip_the_switch(self, on: bool) -> None:
        require_mfa(self.made.backend, "required" if on else "optional")
        self.required = on

    @rule(key=KEYS)
    def refresh(self, key: str | None) -> None:
        answer = self.app.refresh(key=key)
        if not self.family.is_alive(self.now):
            assert answer.status_code == 400
            return
        self.family.refresh(self.now, key)
        self._keep(answer)

    @precondition(lambda self: self.family.key and self.family.is_alive(self.now))
    @rule()
    def retry_a_lost_answer(self) -> None:
        answer = self.app.refresh(self.chain[-2], key=self.family.key)
        assert answer.status_code == 200
        assert answer.json()["refresh_token"] == self.chain[-1]
        self.app.session = answer.json()
        self.family.mint(self.now)

    @precondition(lambda self: len(self.chain) > 1 and self.family.is_alive(self.now))
    @rule(back=st.integers(1, 4), key=KEYS)
    def present_an_old_token(self, back: int, key: str | None) -> None:
        back = min(back, len(self.chain) - 1)
        answer = self.app.refresh(self.chain[-1 - back], key=key)
        match self.family.presents_old(back, key, self.now):
            case "child":
                assert answer.json()["refresh_token"] == self.chain[-1]
                self.app.session = answer.json()
                self.family.mint(self.now)
            case "refused":
                assert answer.json()["code"] == "refresh_token_not_found"
            case "ended":
                assert answer.json()["code"] == "refresh_token_already_used"

    @rule()
    def sign_in_again(self) -> None:
        """On a new device; the present one is the spare one from now on."""
        self.spare, self.device = self.family, self.app
        self.app = self._client()
        self.app.email = self.device.email
        self._sign_in()

    @rule(after=AFTER, name=st.sampled_from(["Phone", "Tablet"]))
    def enrol(self, name: str, after: int) -> None:
        self._be_able_to_act(after)
        if len(self.owner.factors) == 2 or not self.owner.totp.is_open(self.now):
            return
        body = {"factor_type": "totp", "friendly_name": f"{name} {next(_numbers)}"}
        answer = self.app.auth("POST", "factors", body)
        if self.owner.factors and not self.family.is_fresh(self.now):
            assert answer.json()["code"] == "insufficient_aal"
            return
        made = answer.json()
        step = self.now // 30 - 1
        code = code_for(made["totp"]["secret"], step * 30)
        self._raised(self.app.challenge_and_verify(made["id"], code))
        self.owner.factors.append(Authenticator(made["id"], made["totp"]["secret"], step))
        self.owner.totp.hit()
        if not self.spare.at_aal2(self.now):
            self.spare.ended = True

    @precondition(lambda self: self.owner.factors)
    @rule(after=AFTER, which=st.integers(0, 1), key=KEYS)
    def verify(self, which: int, after: int, key: str | None) -> None:
        self._be_able_to_act(after)
        factor = self.owner.factors[which % len(self.owner.factors)]
        step = factor.next_step(self.now)
        if step is None:
            return
        answer = self._give(code_for(factor.secret, step * 30), key)
        if not self.owner.totp.is_open(self.now):
            assert answer.status_code == 429
            return
        self._raised(answer, key)
        factor.used = step
        self.owner.totp.hit()

    @precondition(lambda self: self.owner.factors)
    @rule(after=AFTER, used=st.booleans())
    def verify_with_a_bad_code(self, used: bool, after: int) -> None:
        self._be_able_to_act(after)
        factor = self.owner.factors[0]
        code = code_for(factor.secret, factor.used * 30) if used else self._wrong()
        answer = self._give(code)
        if not self.owner.totp.is_open(self.now):
            assert answer.status_code == 429
            return
        assert answer.status_code == 422
        self.owner.totp.miss(self.now)

    @precondition(lambda self: self.owner.factors)
    @rule(after=AFTER)
    def unenrol(self, after: int) -> None:
        self._be_able_to_act(after)
        factor = self.owner.factors[-1]
        answer = self.app.auth("DELETE", f"factors/{factor.id}")
        if not self.family.is_fresh(self.now):
            assert answer.json()["code"] == "insufficient_aal"
        elif len(self.owner.factors) == 1 and self.owner.has_codes:
            assert answer.json()["code"] == "mfa_recovery_codes_sole_factor"
        else:
            assert answer.status_code == 200
            self.owner.factors.remove(factor)
            self.family.verified = self.spare.verified = None

    @precondition(lambda self: self.owner.factors)
    @rule(after=AFTER)
    def make_recovery_codes(self, after: int) -> None:
        self._be_able_to_act(after)
        answer = self.app.auth("POST", "factors/recovery-codes/regenerate")
        if not (self.owner.factors and self.family.is_fresh(self.now)):
            assert answer.status_code in (403, 422)
            return
        self.owner.unused, self.owner.used = answer.json()["codes"], []
        if self.owner.recovery.failures >= 20:
            self.owner.recovery.hit()

    @precondition(lambda self: self.owner.has_codes)
    @rule(after=AFTER)
    def remove_recovery_codes(self, after: int) -> None:
        self._be_able_to_act(after)
        answer = self.app.auth("DELETE", "factors/recovery-codes")
        if not self.family.is_fresh(self.now):
            assert answer.status_code == 403
            return
        assert answer.status_code == 200
        self.owner.unused, self.owner.used = [], []

    @precondition(lambda self: self.owner.has_codes)
    @rule(after=AFTER, again=st.booleans())
    def use_a_recovery_code(self, again: bool, after: int) -> None:
        self._be_able_to_act(after)
        good = not again and bool(self.owner.unused)
        pool = self.owner.unused if good else [*self.owner.used, "0000-0000-0000-0000"]
        answer = self.app.auth("POST", "factors/recovery-codes/verify", {"code": pool[0]})
        if not self.owner.recovery.is_open(self.now):
            assert answer.json()["code"] == "mfa_recovery_codes_locked"
        elif not good:
            assert answer.status_code == 422
            self.owner.recovery.miss(self.now)
        else:
            self._raised(answer)
            self.owner.used.append(self.owner.unused.pop(0))
            self.owner.recovery.hit()
            if self.owner.totp.failures >= 20:
                self.owner.totp.hit()

    @rule(after=AFTER, scope=st.sampled_from(["local", "others", "global"]))
    def sign_out(self, scope: str, after: int) -> None:
        self._be_able_to_act(after)
        assert self.app.auth("POST", f"logout?scope={scope}").status_code == 204
        if scope != "others":
            self.family.ended = True
            self.dead.append(self.app.session["access_token"])
        if scope != "local":
            self.spare.ended = True

    @rule(after=AFTER)
    def change_the_password(self, after: int) -> None:
        self._be_able_to_act(after)
        new = 1 - self.password
        body = {"password": PASSWORDS[new], "current_password": PASSWORDS[self.password]}
        answer = self.app.auth("PUT", "user", body)
        if self.owner.factors and not self.family.is_fresh(self.now):
            assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_aal")
            return
        assert answer.status_code == 200, answer.content
        self.password = new
        self.spare.ended = True

    # --- What must hold after each of it ---------------------------------------------------------

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        """Liveness, level and generation of both devices (INV-1, INV-3, INV-9)."""
        for app, family in ((self.app, self.family), (self.device, self.spare)):
            row = Session.objects.select_related("backend").get(pk=_session_id(app))
            alive = family.is_alive(self.now)
            assert row.is_alive(clock.now()) is alive
            assert row.generation == family.generation
            if alive:
                assert (row.level(clock.now()) is Level.AAL2) is family.at_aal2(self.now)

    @invariant()
    def no_level_is_without_its_proof(self) -> None:
        """INV-1."""
        assert unproven_levels(self.made.backend) == []

    @invariant()
    def second_factors_are_as_the_model_says(self) -> None:
        """INV-6, INV-7: nothing was added, removed, used or counted but by the rules."""
        mine = TotpFactor.objects.filter(account=self.account, confirmed=True)
        known = {(f.id, f.used) for f in self.owner.factors}
        assert {(str(f.uuid), f.last_step) for f in mine} == known
        left = RecoveryCode.objects.filter(set__account=self.account, used_at=None)
        assert left.count() == len(self.owner.unused)
        for kind, limit in (("totp", self.owner.totp), ("recovery", self.owner.recovery)):
            row = GuessLimit.objects.filter(account=self.account, kind=kind).first()
            assert (row.failures if row else 0) == limit.failures

    @invariant()
    def data_is_served_by_the_rule(self) -> None:
        """INV-4, INV-9."""
        for app, family in ((self.app, self.family), (self.device, self.spare)):
            expected = 200
            if not family.has_token(self.now):
                expected = 401
            elif self.required and not family.at_aal2(self.now):
                expected = 403
            assert app.data().status_code == expected
        for token in self.dead[-2:]:
            assert self.app.data(token=token).status_code == 401

    @invariant()
    def strangers_notice_nothing(self) -> None:
        """INV-5, INV-8."""
        assert self.app.data(anonymous=True).content == self.public
        answer = self.namesake.data(token=self.app.session["access_token"])
        assert answer.status_code == 401
        assert self._others() == self.others

    # --- Helpers ---------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return int(clock.now().timestamp())

    def _client(self) -> App:
        return App(self.made.backend.ref, self.made.anon_key)

    def _sign_in(self) -> None:
        self.app.sign_in(PASSWORDS[self.password])
        self.family = Family(self.now)
        self.chain = [self.app.session["refresh_token"]]

    def _be_able_to_act(self, after: int) -> None:
        """Wait, then do as a client library does: refresh what has expired, and sign in again where
        that is over."""
        self.traveller.shift(after)
        if not self.family.is_alive(self.now):
            self.sign_in_again()
        elif not self.family.has_token(self.now):
            self.refresh(key=None)

    def _give(self, code: str, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.app.auth("POST", "mfa/verify", {"code": code}, headers=headers)

    def _keep(self, answer: Any) -> None:
        """Take an answer's new pair: never one that was there before."""
        self.app.keep(answer)
        assert self.app.session["refresh_token"] not in self.chain
        self.chain.append(self.app.session["refresh_token"])

    def _raised(self, answer: Any, key: str | None = None) -> None:
        self.family.verify(self.now, key)
        self._keep(answer)

    def _wrong(self) -> str:
        near = {
            code_for(factor.secret, self.now + 30 * step)
            for factor in self.owner.factors
            for step in range(-2, 3)
        }
        return next(text for n in range(100) if (text := f"{n:06}") not in near)

    def _others(self) -> list[Any]:
        """Every column of the sessions, factors and counters that are nobody's business here."""
        ids = [_session_id(app) for app in (self.bystander, self.namesake)]
        return [
            list(Session.objects.filter(pk__in=ids).order_by("pk").values()),
            list(TotpFactor.objects.filter(session_id__in=ids).values()),
        ]


def _session_id(app: App) -> Any:
    """Whose token it is, also once it has expired."""
    return tokens._parts(app.session["access_token"])[1]["session_id"]


@pytest.mark.once
@pytest.mark.django_db
def test_a_session_lives_by_the_rules_whatever_happens_to_it() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            database=None,
            print_blob=True,
            # A failure of twenty steps can be read as it is; making it shorter takes minutes.
            phases=tuple(Phase) if "LINGAUTH_TEST_EXAMPLES" in os.environ else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
