"""Acts that change who can sign in take turns: no interleaving reaches what no order could."""

from __future__ import annotations

from functools import partial

import pytest
import time_machine

from lingauth.models import Backend, Event, RecoverySet, Session, TotpFactor
from lingauth.services import accounts, factors, operator_factors, operators, recovery, verification
from lingauth.services.factors import Enrollment
from tests.concurrency.together import codes, together
from tests.support.app import PASSWORD
from tests.support.people import ACTOR, CLIENT, Person
from tests.support.totp import code_for

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16
ROUNDS = 6


def verified(person: Person) -> int:
    return TotpFactor.objects.filter(account=person.account, confirmed=True).count()


def test_sixteen_set_ups_of_one_session_leave_one(backend: Backend) -> None:
    for _ in range(3):
        person = Person.sign_up(backend)
        ready = [person.me() for _ in range(THREADS)]
        outcomes = together([partial(factors.enroll, me=me, client=CLIENT) for me in ready])
        assert codes(outcomes) == {"ok": THREADS}
        left = TotpFactor.objects.filter(account=person.account)
        assert left.count() == 1
        assert left.get().uuid in {o.value.factor.uuid for o in outcomes}


def test_two_sessions_that_both_set_up_a_first_factor_never_both_finish(
    backend: Backend, still: time_machine.Traveller
) -> None:
    """Once one of them has a verified factor, nothing below ``aal2`` adds another (INV-6)."""
    for _ in range(ROUNDS * 2):
        person = Person.sign_up(backend)
        session = person.another_session()
        first = factors.enroll(me=person.me(), client=CLIENT)
        second = factors.enroll(me=person.me(session), name="Other", client=CLIENT)
        ready = [person.me(), person.me(session)]
        outcomes = together(
            [
                partial(
                    verification.verify_any,
                    me=me,
                    factor_uuid=made.factor.uuid,
                    code=code_for(made.secret),
                    client=CLIENT,
                )
                for me, made in zip(ready, (first, second), strict=True)
            ]
        )
        assert codes(outcomes)["ok"] == 1, codes(outcomes)
        assert verified(person) == 1
        alive = Session.objects.filter(account=person.account, ended_at=None)
        assert [s.elevations for s in alive] == [1]


def with_two_factors(person: Person) -> Enrollment:
    """Enrol two; the second is answered."""
    person.enrol()
    second = factors.enroll(me=person.me(), name="Second", client=CLIENT)
    verification.verify_any(
        me=person.me(), factor_uuid=second.factor.uuid, code=code_for(second.secret), client=CLIENT
    )
    return second


def test_removing_the_last_two_factors_at_once_never_leaves_recovery_codes_alone(
    backend: Backend, still: time_machine.Traveller
) -> None:
    for _ in range(ROUNDS):
        person = Person.sign_up(backend)
        second = with_two_factors(person)
        person.make_codes()
        ready = [person.me(), person.me()]
        outcomes = together(
            [
                partial(factors.unenroll, me=me, factor_uuid=uuid, client=CLIENT)
                for me, uuid in zip(ready, (person.factor, second.factor.uuid), strict=True)
            ]
        )
        assert codes(outcomes)["ok"] == 1, codes(outcomes)
        assert verified(person) == 1
        # A removal takes aal2 from every session at once, the other remover's too.
        assert not Session.objects.filter(account=person.account, verified_at__isnull=False)


def test_removing_one_factor_sixteen_times_at_once_is_one_removal(
    backend: Backend, still: time_machine.Traveller
) -> None:
    person = Person.sign_up(backend).enrol()
    ready = [person.me() for _ in range(THREADS)]
    outcomes = together(
        [partial(factors.unenroll, me=me, factor_uuid=person.factor, client=CLIENT) for me in ready]
    )
    assert codes(outcomes)["ok"] == 1, codes(outcomes)
    assert Event.objects.filter(kind="factor_removed").count() == 1


def test_new_codes_racing_the_removal_of_the_last_factor_do_not_outlive_it(
    backend: Backend, still: time_machine.Traveller
) -> None:
    for _ in range(ROUNDS):
        person = Person.sign_up(backend).enrol()
        me, other = person.me(), person.me()
        together(
            [
                partial(
                    factors.unenroll,
                    me=me,
                    factor_uuid=person.factor,
                    client=CLIENT,
                    with_recovery_codes=True,
                ),
                partial(recovery.generate, me=other, client=CLIENT),
            ]
        )
        assert verified(person) or not RecoverySet.objects.filter(account=person.account)


def test_a_verification_racing_the_removal_of_its_factor_raises_nobody(
    backend: Backend, still: time_machine.Traveller
) -> None:
    """The loser is refused, or lowered with everybody: no ``aal2`` without a factor (INV-1)."""
    for _ in range(ROUNDS):
        person = Person.sign_up(backend).enrol()
        session = person.another_session()
        me, other = person.me(), person.me(session)
        together(
            [
                partial(factors.unenroll, me=me, factor_uuid=person.factor, client=CLIENT),
                partial(verification.verify_any, me=other, code=person.code(), client=CLIENT),
            ]
        )
        assert verified(person) == 0
        assert not Session.objects.filter(account=person.account, verified_at__isnull=False)


def test_ten_factors_are_the_most_however_many_finish_at_once(
    backend: Backend, still: time_machine.Traveller
) -> None:
    person = Person.sign_up(backend).enrol()
    first = person.grant.session
    for number in range(factors.MAX_FACTORS - 2):
        made = factors.enroll(me=person.me(), name=f"Device {number}", client=CLIENT)
        verification.verify_any(
            me=person.me(), factor_uuid=made.factor.uuid, code=code_for(made.secret), client=CLIENT
        )
    assert verified(person) == factors.MAX_FACTORS - 1
    devices = [first]
    for step in (0, 1):
        session = person.another_session()
        verification.verify_any(me=person.me(session), code=person.code(step), client=CLIENT)
        devices.append(session)
    made_by = {
        session.pk: factors.enroll(me=person.me(session), name=f"Last {n}", client=CLIENT)
        for n, session in enumerate(devices)
    }
    ready = [person.me(session) for session in devices]
    together(
        [
            partial(
                verification.verify_any,
                me=me,
                factor_uuid=made_by[me.session.pk].factor.uuid,
                code=code_for(made_by[me.session.pk].secret),
                client=CLIENT,
            )
            for me in ready
        ]
    )
    assert verified(person) == factors.MAX_FACTORS


def test_a_sign_in_by_the_old_password_does_not_survive_a_password_change(
    backend: Backend,
) -> None:
    """A thief who signs in all the time must not slip through the change that locks them out."""
    for number in range(ROUNDS):
        person = Person.sign_up(backend)
        me, new = person.me(), f"another horse {number}"
        change = partial(
            accounts.update, me=me, password=new, current_password=PASSWORD, client=CLIENT
        )
        outcomes = together([change, *([person.sign_in] * 7)])
        assert outcomes[0].refusal is None
        alive = Session.objects.filter(account=person.account, ended_at=None)
        assert [s.pk for s in alive] == [me.session.pk], codes(outcomes)


def test_of_two_sessions_that_change_the_password_at_once_one_stays(backend: Backend) -> None:
    for number in range(ROUNDS):
        person = Person.sign_up(backend)
        ready = [person.me(), person.me(person.another_session())]
        outcomes = together(
            [
                partial(accounts.update, me=me, password=f"new horse {number}{n}", client=CLIENT)
                for n, me in enumerate(ready)
            ]
        )
        assert codes(outcomes)["ok"] == 1, codes(outcomes)
        alive = Session.objects.get(account=person.account, ended_at=None)
        winner = [me for me, o in zip(ready, outcomes, strict=True) if o.refusal is None]
        assert alive.pk == winner[0].session.pk


def test_one_set_up_of_an_operator_is_finished_once(
    backend: Backend, still: time_machine.Traveller
) -> None:
    for number in range(ROUNDS):
        made = operators.create(
            email=f"op{number}@example.com", backend=backend, role="owner", actor=ACTOR
        )
        user = made.operator.user
        started = together([partial(operator_factors.enroll, user)] * 4)
        left = TotpFactor.objects.filter(user=user)
        assert left.count() == 1
        secret = next(o.value.secret for o in started if o.value.factor.uuid == left.get().uuid)
        code = code_for(secret)
        outcomes = together(
            [partial(operator_factors.confirm, user, code, CLIENT) for _ in range(4)]
        )
        assert codes(outcomes)["ok"] == 1
        assert TotpFactor.objects.filter(user=user, confirmed=True).count() == 1
