"""One recovery code raises one session once, and a new set ends the old one at once."""

from __future__ import annotations

from functools import partial

import pytest

from lingauth.core.errors import DomainError
from lingauth.models import Backend, RecoveryCode, RecoverySet, Session
from lingauth.services import recovery
from tests.concurrency.together import codes, together
from tests.support.people import CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16


@pytest.mark.parametrize("round_", range(3))
def test_one_recovery_code_on_sixteen_sessions_raises_one(backend: Backend, round_: int) -> None:
    person = Person.sign_up(backend).enrol().make_codes()
    sessions = [person.another_session() for _ in range(THREADS)]
    ready = [person.me(session) for session in sessions]
    code = person.codes[0]
    outcomes = together([partial(recovery.verify, me=me, code=code, client=CLIENT) for me in ready])
    assert codes(outcomes)["ok"] == 1, codes(outcomes)
    assert set(codes(outcomes)) <= {"ok", "mfa_verification_failed", recovery.LOCKED}
    assert Session.objects.filter(elevations=1, pk__in=[s.pk for s in sessions]).count() == 1
    assert RecoveryCode.objects.filter(set__account=person.account, used_at=None).count() == 9


def test_one_recovery_code_sent_sixteen_times_by_one_session_is_used_once(
    backend: Backend,
) -> None:
    person = Person.sign_up(backend).enrol().make_codes()
    session = person.another_session()
    ready = [person.me(session) for _ in range(THREADS)]
    outcomes = together(
        [partial(recovery.verify, me=me, code=person.codes[0], client=CLIENT) for me in ready]
    )
    assert codes(outcomes)["ok"] == 1, codes(outcomes)
    assert Session.objects.get(pk=session.pk).elevations == 1
    assert RecoveryCode.objects.filter(set__account=person.account, used_at=None).count() == 9


def test_a_session_raised_by_one_of_two_codes_spends_only_that_one(backend: Backend) -> None:
    """The loser's transaction is undone with its code: nobody pays for nothing."""
    for _ in range(4):
        person = Person.sign_up(backend).enrol().make_codes()
        session = person.another_session()
        ready = [person.me(session) for _ in range(4)]
        outcomes = together(
            [
                partial(recovery.verify, me=me, code=code, client=CLIENT)
                for me, code in zip(ready, person.codes, strict=False)
            ]
        )
        won = codes(outcomes)["ok"]
        used = RecoveryCode.objects.filter(set__account=person.account).exclude(used_at=None)
        assert won == used.count() == Session.objects.get(pk=session.pk).elevations


def test_sixteen_new_sets_at_once_leave_one_whose_codes_work(backend: Backend) -> None:
    for _ in range(3):
        person = Person.sign_up(backend).enrol().make_codes()
        ready = [person.me() for _ in range(THREADS)]
        outcomes = together([partial(recovery.regenerate, me=me, client=CLIENT) for me in ready])
        kept = RecoverySet.objects.get(account=person.account)
        assert RecoveryCode.objects.filter(set=kept).count() == 10
        made = [o.value for o in outcomes if o.refusal is None]
        assert kept.uuid in {new.id for new in made}
        last = next(new for new in made if new.id == kept.uuid)
        session = person.another_session()
        recovery.verify(me=person.me(session), code=last.codes[0], client=CLIENT)


def test_a_code_racing_a_new_set_is_used_before_it_or_refused(backend: Backend) -> None:
    for number in range(6):
        person = Person.sign_up(backend).enrol().make_codes()
        session = person.another_session()
        me, owner = person.me(session), person.me()
        use = partial(recovery.verify, me=me, code=person.codes[number], client=CLIENT)
        renew = partial(recovery.regenerate, me=owner, client=CLIENT)
        used, renewed = together([use, renew])
        assert renewed.refusal is None
        assert used.code in {"ok", "mfa_verification_failed"}
        for old in person.codes[:2]:
            with pytest.raises(DomainError):
                recovery.verify(me=person.me(session), code=old, client=CLIENT)
