"""INV-1: ``aal2`` only where, in that very session, a second factor of that very account at that
very backend was proven."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine

from lingauth import tokens
from lingauth.core.assurance import Level
from lingauth.core.clock import now
from lingauth.core.crypto import DecryptionFailed
from lingauth.models import Backend, RecoveryCode, Session, TotpFactor
from lingauth.services import accounts, factors, recovery, verification
from lingauth.services.backends import NewBackend
from tests.invariants.actions import app_of, require_mfa, unproven_levels
from tests.support.app import PASSWORD, App
from tests.support.people import CLIENT, Person
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db


def level(session: Session) -> Level:
    return Session.objects.select_related("backend").get(pk=session.pk).level(now())


def test_no_first_factor_nor_anything_after_it_raises_a_session(app: App) -> None:
    app.sign_up()
    app.sign_in()
    app.keep(app.refresh())
    app.auth("PUT", "user", {"password": "another horse battery", "data": {"aal": "aal2"}})
    app.sign_in("another horse battery")
    made = app.enroll()
    app.auth("POST", f"factors/{made['id']}/challenge", {})
    app.challenge_and_verify(made["id"], "000000")
    assert {level(session) for session in Session.objects.all()} == {Level.AAL1}


def test_the_code_of_somebody_elses_factor_raises_nobody(
    made: NewBackend, other: NewBackend
) -> None:
    """Not another account's, nor that of the same address at another backend."""
    victim = Person.sign_up(made.backend, "v@example.com").enrol()
    neighbour = Person.sign_up(made.backend).enrol()
    namesake = Person.sign_up(other.backend, "v@example.com").enrol()
    session = victim.another_session()
    app = app_of(made, replace(victim, grant=victim.sign_in()))
    for stranger in (neighbour, namesake):
        body = {"code": stranger.code()}
        assert app.auth("POST", "mfa/verify", body).status_code == 422
        named = app.auth("POST", "mfa/verify", body | {"factor_id": str(stranger.factor)})
        assert named.json()["code"] == "mfa_factor_not_found"
        challenge = app.auth("POST", f"factors/{stranger.factor}/challenge", {})
        assert challenge.json()["code"] == "mfa_factor_not_found"
    assert level(session) is Level.AAL1
    assert unproven_levels() == []


def test_somebody_elses_recovery_code_raises_nobody_and_stays_unused(
    made: NewBackend, other: NewBackend
) -> None:
    victim = Person.sign_up(made.backend, "v@example.com").enrol().make_codes()
    strangers = [Person.sign_up(made.backend), Person.sign_up(other.backend, "v@example.com")]
    app = app_of(made, replace(victim, grant=victim.sign_in()))
    for stranger in strangers:
        stranger.enrol().make_codes()
        body = {"code": stranger.codes[0]}
        assert app.auth("POST", "factors/recovery-codes/verify", body).status_code == 422
    assert not RecoveryCode.objects.exclude(used_at=None)
    assert unproven_levels() == []


def test_a_challenge_of_another_session_or_factor_raises_nobody(backend: Backend) -> None:
    person = Person.sign_up(backend).enrol()
    asked, answering = person.another_session(), person.another_session()
    opened = verification.challenge(me=person.me(asked), factor_uuid=person.factor, client=CLIENT)
    with pytest.raises(Exception, match="challenge"):
        verification.verify(
            me=person.me(answering),
            factor_uuid=person.factor,
            challenge_id=opened.id,
            code=person.code(),
            client=CLIENT,
        )
    assert level(answering) is Level.AAL1


def test_an_unfinished_factor_of_another_session_raises_nobody(backend: Backend) -> None:
    """Who begins a set-up in one session cannot make another finish it (login CSRF)."""
    person = Person.sign_up(backend)
    begun = factors.enroll(me=person.me(), client=CLIENT)
    elsewhere = person.another_session()
    for named in (None, begun.factor.uuid):
        with pytest.raises(Exception, match=r"[Ff]actor"):
            verification.verify_any(
                me=person.me(elsewhere),
                code=code_for(begun.secret),
                factor_uuid=named,
                client=CLIENT,
            )
    assert level(elsewhere) is Level.AAL1


def test_a_secret_moved_into_another_row_proves_nothing(backend: Backend) -> None:
    """Somebody who can write to the database still cannot give a victim their own authenticator."""
    victim, thief = Person.sign_up(backend).enrol(), Person.sign_up(backend).enrol()
    stolen = TotpFactor.objects.get(uuid=thief.factor).secret
    TotpFactor.objects.filter(uuid=victim.factor).update(secret=stolen)
    session = victim.another_session()
    with pytest.raises(DecryptionFailed):
        verification.verify_any(me=victim.me(session), code=thief.code(), client=CLIENT)
    assert level(session) is Level.AAL1


def test_a_token_that_says_more_than_its_session_row_is_not_believed(made: NewBackend) -> None:
    """Signed by our own key: only the row can refuse it."""
    require_mfa(made.backend)
    person = Person.sign_up(made.backend)
    session = person.session
    session.verified_at = now()
    token, _ = tokens.mint(session, person.account, made.backend, now())
    assert tokens.read(token).level is Level.AAL2
    answer = app_of(made, person).data(token=token)
    assert answer.json()["code"] == "mfa_required"


@pytest.mark.parametrize(
    "lower",
    [
        lambda person: factors.unenroll(me=person.me(), factor_uuid=person.factor, client=CLIENT),
        lambda person: Session.objects.filter(account=person.account).lower(),
    ],
    ids=["factor removed", "lowered"],
)
def test_an_aal2_token_falls_with_its_session(
    made: NewBackend, lower: Callable[[Person], object]
) -> None:
    require_mfa(made.backend)
    person = Person.sign_up(made.backend).enrol()
    app = app_of(made, person)
    assert app.data().status_code == 200
    lower(person)
    assert app.data().json()["code"] == "mfa_required"


def test_aal2_ends_by_age_and_by_idleness_whatever_refreshes_in_between(
    made: NewBackend, clock: time_machine.Traveller
) -> None:
    require_mfa(made.backend)
    person = Person.sign_up(made.backend).enrol()
    app = app_of(made, person)
    clock.shift(3600)
    app.keep(app.refresh())
    assert app.data().json()["code"] == "mfa_required"
    assert person.session.verified_at is None, "an ended aal2 must not come back by later activity"


def test_each_way_up_leaves_its_proof(backend: Backend, clock: time_machine.Traveller) -> None:
    person = Person.sign_up(backend).enrol().make_codes()
    verification.verify_any(
        me=person.me(person.another_session()), code=person.code(), client=CLIENT
    )
    recovery.verify(me=person.me(person.another_session()), code=person.codes[0], client=CLIENT)
    accounts.update(
        me=person.me(), password="a third horse", current_password=PASSWORD, client=CLIENT
    )
    assert Session.objects.exclude(verified_at=None).count() == 3
    assert unproven_levels() == []
