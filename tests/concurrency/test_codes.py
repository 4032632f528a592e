"""One code of an authenticator raises one session once (INV-2)."""

from __future__ import annotations

from functools import partial

import pytest
import time_machine

from lingauth.core.assurance import Level
from lingauth.core.clock import now
from lingauth.models import Backend, Session, TotpFactor
from lingauth.services import factors, verification
from tests.concurrency.together import codes, together
from tests.support.people import CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16


def at_aal2(person: Person) -> list[Session]:
    rows = Session.objects.select_related("backend").filter(account=person.account)
    return [row for row in rows if row.level(now()) is Level.AAL2]


@pytest.mark.parametrize("round_", range(3))
def test_one_code_on_sixteen_sessions_raises_one(
    backend: Backend, still: time_machine.Traveller, round_: int
) -> None:
    person = Person.sign_up(backend).enrol()
    sessions = [person.another_session() for _ in range(THREADS)]
    code = person.code()
    ready = [person.me(session) for session in sessions]
    outcomes = together(
        [partial(verification.verify_any, me=me, code=code, client=CLIENT) for me in ready]
    )
    assert codes(outcomes)["ok"] == 1, codes(outcomes)
    assert set(codes(outcomes)) <= {"ok", "mfa_verification_failed", "over_request_rate_limit"}
    raised = [row.pk for row in at_aal2(person) if row.pk != person.grant.session.pk]
    assert raised == [o.value.session.pk for o in outcomes if o.refusal is None]


@pytest.mark.parametrize("round_", range(3))
def test_one_code_and_one_challenge_sent_sixteen_times_count_once(
    backend: Backend, still: time_machine.Traveller, round_: int
) -> None:
    person = Person.sign_up(backend).enrol()
    session = person.another_session()
    opened = verification.challenge(me=person.me(session), factor_uuid=person.factor, client=CLIENT)
    code, ready = person.code(), [person.me(session) for _ in range(THREADS)]
    outcomes = together(
        [
            partial(
                verification.verify,
                me=me,
                factor_uuid=person.factor,
                challenge_id=opened.id,
                code=code,
                client=CLIENT,
            )
            for me in ready
        ]
    )
    assert codes(outcomes)["ok"] == 1, codes(outcomes)
    row = Session.objects.get(pk=session.pk)
    assert (row.generation, row.elevations) == (2, 1)


def test_two_right_codes_of_two_steps_raise_one_session_once_per_challenge(
    backend: Backend, still: time_machine.Traveller
) -> None:
    """A challenge is spent by its first success, even if another valid code comes with it."""
    for _ in range(4):
        person = Person.sign_up(backend).enrol()
        session = person.another_session()
        opened = verification.challenge(
            me=person.me(session), factor_uuid=person.factor, client=CLIENT
        )
        sent = [person.code(0), person.code(1)] * 2
        ready = [person.me(session) for _ in sent]
        outcomes = together(
            [
                partial(
                    verification.verify,
                    me=me,
                    factor_uuid=person.factor,
                    challenge_id=opened.id,
                    code=code,
                    client=CLIENT,
                )
                for me, code in zip(ready, sent, strict=True)
            ]
        )
        assert codes(outcomes)["ok"] == 1, codes(outcomes)
        assert Session.objects.get(pk=session.pk).elevations == 1


@pytest.mark.parametrize("round_", range(3))
def test_the_code_that_enrols_is_used_up_and_counts_once(
    backend: Backend, still: time_machine.Traveller, round_: int
) -> None:
    person = Person.sign_up(backend)
    made = factors.enroll(me=person.me(), client=CLIENT)
    person.secret = made.secret
    code, ready = person.code(), [person.me() for _ in range(THREADS)]
    outcomes = together(
        [partial(verification.verify_any, me=me, code=code, client=CLIENT) for me in ready]
    )
    assert codes(outcomes)["ok"] == 1, codes(outcomes)
    factor = TotpFactor.objects.get(account=person.account)
    assert factor.confirmed
    assert Session.objects.get(pk=person.grant.session.pk).elevations == 1
