"""INV-6: while an account has a verified factor, nothing short of fresh ``aal2`` changes its second
factors, whatever the switch says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
import time_machine

from lingauth.core.errors import DomainError, InsufficientLevel
from lingauth.models import RecoverySet, Session, TotpFactor
from lingauth.services import accounts, factors, recovery, verification
from lingauth.services.access import SignedIn
from lingauth.services.backends import NewBackend
from tests.invariants.actions import app_of, require_mfa, second_factors
from tests.support.app import PASSWORD, App
from tests.support.people import CLIENT, Person
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

Act = Callable[[App, Person], int]


def _sent(method: str, path: str, body: object = None) -> Act:
    return lambda app, person: int(
        app.auth(method, path.format(factor=person.factor), body).status_code
    )


ACTS: dict[str, Act] = {
    "enrol": _sent("POST", "factors", {"factor_type": "totp", "friendly_name": "Evil"}),
    "remove": _sent("DELETE", "factors/{factor}"),
    "new recovery codes": _sent("POST", "factors/recovery-codes/regenerate"),
    "first recovery codes": _sent("POST", "factors/recovery-codes"),
    "remove recovery codes": _sent("DELETE", "factors/recovery-codes"),
    "new password": _sent("PUT", "user", {"password": "a new horse", "current_password": PASSWORD}),
}


@pytest.mark.parametrize("mode", ["optional", "required"])
@pytest.mark.parametrize("session", ["aal1", "aal2 of eleven minutes ago", "fallen aal2"])
@pytest.mark.parametrize("act", ACTS)
def test_below_fresh_aal2_it_is_refused_and_changes_nothing(
    made: NewBackend, clock: time_machine.Traveller, act: str, session: str, mode: str
) -> None:
    person = Person.sign_up(made.backend).enrol().make_codes()
    require_mfa(made.backend, mode)
    if session == "aal1":
        person.grant = person.sign_in()
    app = app_of(made, person)
    if session == "aal2 of eleven minutes ago":
        clock.shift(11 * 60)
        app.keep(app.refresh())
    if session == "fallen aal2":
        clock.shift(3601)
        app.keep(app.refresh())
    before = second_factors(person)
    assert ACTS[act](app, person) in (401, 403, 422)
    assert second_factors(person) == before
    assert TotpFactor.objects.filter(account=person.account).count() == 1
    assert person.sign_in(PASSWORD)


def test_a_name_is_changed_by_fresh_aal2_alone(
    made: NewBackend, clock: time_machine.Traveller
) -> None:
    person = Person.sign_up(made.backend).enrol()
    me = person.me(person.another_session())
    with pytest.raises(InsufficientLevel):
        factors.rename(me=me, factor_uuid=person.factor, name="Evil", client=CLIENT)
    factors.rename(me=person.me(), factor_uuid=person.factor, name="Mine", client=CLIENT)
    assert TotpFactor.objects.get().name == "Mine"


def test_a_set_up_begun_before_the_first_factor_cannot_be_finished_after_it(
    made: NewBackend,
) -> None:
    """A thief's session that waits with a set-up of its own until the owner has theirs."""
    person = Person.sign_up(made.backend)
    thief = person.another_session()
    begun = factors.enroll(me=person.me(thief), name="Evil", client=CLIENT)
    waiting = person.me(thief)
    person.enrol()
    before = second_factors(person)
    for finish in (
        partial(verification.verify_any, factor_uuid=begun.factor.uuid),
        verification.verify_any,
    ):
        with pytest.raises(DomainError):
            finish(me=waiting, code=code_for(begun.secret), client=CLIENT)
    assert second_factors(person) == before


ON_OLD_KNOWLEDGE: dict[str, Callable[[SignedIn, UUID], object]] = {
    "enrol": lambda me, factor: factors.enroll(me=me, name="Evil", client=CLIENT),
    "remove": lambda me, factor: factors.unenroll(me=me, factor_uuid=factor, client=CLIENT),
    "rename": lambda me, factor: factors.rename(
        me=me, factor_uuid=factor, name="Evil", client=CLIENT
    ),
    "new recovery codes": lambda me, factor: recovery.regenerate(me=me, client=CLIENT),
    "remove recovery codes": lambda me, factor: recovery.delete(me=me, client=CLIENT),
    "new password": lambda me, factor: accounts.update(
        me=me, password="a new horse", client=CLIENT
    ),
}


@pytest.mark.parametrize("act", ON_OLD_KNOWLEDGE)
def test_a_request_that_was_read_before_the_session_was_lowered_changes_nothing(
    made: NewBackend, act: str
) -> None:
    """What a request read at its start is judged again when its turn has come."""
    person = Person.sign_up(made.backend).enrol().make_codes()
    me = person.me()
    Session.objects.filter(account=person.account).lower()
    before = second_factors(person)
    with pytest.raises(InsufficientLevel):
        ON_OLD_KNOWLEDGE[act](me, person.factor)
    assert second_factors(person) == before
    assert person.sign_in(PASSWORD)


def test_using_a_recovery_code_leaves_the_authenticator_as_it_is(made: NewBackend) -> None:
    person = Person.sign_up(made.backend).enrol().make_codes()
    recovery.verify(me=person.me(person.another_session()), code=person.codes[0], client=CLIENT)
    assert TotpFactor.objects.get(account=person.account).confirmed
    verification.verify_any(
        me=person.me(person.another_session()), code=person.code(), client=CLIENT
    )


def test_recovery_codes_never_stay_alone(made: NewBackend) -> None:
    person = Person.sign_up(made.backend).enrol().make_codes()
    app = app_of(made, person)
    refused = app.auth("DELETE", f"factors/{person.factor}")
    assert refused.json()["code"] == "mfa_recovery_codes_sole_factor"
    factors.unenroll(
        me=person.me(), factor_uuid=person.factor, client=CLIENT, with_recovery_codes=True
    )
    assert not RecoverySet.objects.exists()
