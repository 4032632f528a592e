"""Finishing, naming and removing an authenticator: what follows, and what stands against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import (
    DomainError,
    FactorNameTaken,
    FactorNotFound,
    InsufficientLevel,
    SessionGone,
    SoleFactor,
    ValidationFailed,
)
from lingauth.models import Event, RecoverySet, Session, TotpFactor
from lingauth.services import factors
from tests.lingauth.api.people import STEP, Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


@pytest.fixture
def person(fresh: Person) -> Person:
    """With a factor, at ``aal2``."""
    fresh.enrol("Phone")
    mail.outbox.clear()
    return fresh


def rows() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (TotpFactor, Session, RecoverySet, Event)
    ]


def refused(act: Callable[..., object], *given: Any, **more: Any) -> DomainError:
    """What stands against it. Nothing has changed then, and nothing is written or mailed."""
    before = rows()
    with pytest.raises(DomainError) as caught:
        act(*given, **more)
    assert (rows(), mail.outbox) == (before, [])
    return caught.value


def rename(person: Person, name: str, **more: Any) -> Any:
    given: dict[str, Any] = {"factor_uuid": person.factor, "client": CLIENT} | more
    return factors.rename(me=person.me(), name=name, **given)


def remove(person: Person, **more: Any) -> Any:
    given: dict[str, Any] = {"factor_uuid": person.factor, "client": CLIENT} | more
    return factors.unenroll(me=person.me(), **given)


def more_factors(person: Person, count: int) -> None:
    for number in range(count):
        TotpFactor.objects.create(
            user_id=person.account.user_id,
            account=person.account,
            backend=person.session.backend,
            name=f"More {number}",
            confirmed=True,
            secret=b"",
        )


def at_aal1() -> None:
    Session.objects.update(verified_at=None)


def long_ago() -> None:
    Session.objects.update(verified_at=clock.now() - timedelta(seconds=601))


STALE = (InsufficientLevel, "Confirm a code again to do this.", {"max_age": 600})


def test_a_new_name_is_written_down(person: Person) -> None:
    more_factors(person, 1)
    before = rows()
    renamed = rename(person, "  My   key ")
    assert (renamed.uuid, renamed.name) == (person.factor, "My key")
    after = rows()
    before[0][0]["name"] = "My key"
    assert after[:3] == before[:3]
    told = {"factor": str(person.factor), "name": "Phone"}
    assert events.last() == events.by(person.me(), "factor_renamed", **told)


def test_a_name_is_needed_and_has_to_be_free(person: Person) -> None:
    more_factors(person, 1)
    error = refused(rename, person, " \t")
    assert (type(error), error.message) == (ValidationFailed, "A factor needs a name.")
    error = refused(rename, person, "x" * 65)
    assert error.message == "A factor's name has at most 64 characters."
    error = refused(rename, person, "More 0")
    assert isinstance(error, FactorNameTaken)
    assert error.__suppress_context__


def test_a_name_is_given_by_a_fresh_aal2_only(person: Person) -> None:
    long_ago()
    error = refused(rename, person, "Key")
    assert (type(error), error.message, error.details) == STALE
    assert error.status == 403
    at_aal1()
    error = refused(rename, person, "Key")
    assert (error.status, error.message) == (403, "AAL2 required to rename a factor")


def test_only_a_verified_factor_of_ones_own_has_a_name(person: Person, moved: Clock) -> None:
    moved.shift(STEP)
    neighbour = Person.sign_up(person.session.backend).enrol()
    unfinished = factors.enroll(me=person.me(), name="Tablet", client=CLIENT).factor.uuid
    mail.outbox.clear()
    for uuid in (neighbour.factor, unfinished, uuid4()):
        assert isinstance(refused(rename, person, "Key", factor_uuid=uuid), FactorNotFound)


def test_removing_one_of_two_leaves_the_other_and_lowers_every_session(person: Person) -> None:
    more_factors(person, 1)
    person.make_codes()
    other = person.another_session()
    Session.objects.update(verified_at=clock.now())
    mail.outbox.clear()
    me = person.me()
    assert remove(person) == person.factor
    assert [factor.name for factor in TotpFactor.objects.all()] == ["More 0"]
    assert RecoverySet.objects.count() == 1
    told = {"factor": str(person.factor), "name": "Phone"}
    assert events.last() == events.by(me, "factor_removed", **told)
    levels = Session.objects.values_list("verified_at", "ended_at")
    assert set(levels) == {(None, None)}
    assert other in Session.objects.all()
    (letter,) = mail.outbox
    assert letter.to == ["ann@example.com"]
    assert letter.subject == "An authenticator was removed from your Acme account"
    assert '"Phone" was removed on' in letter.body
    assert "no second step" not in letter.body


def test_removing_the_last_one_is_told_as_that(person: Person, moved: Clock) -> None:
    neighbour = Person.sign_up(person.session.backend).enrol().make_codes()
    mail.outbox.clear()
    remove(person)
    assert [factor.uuid for factor in TotpFactor.objects.all()] == [neighbour.factor]
    assert "Your account now has no second step." in mail.outbox[0].body
    assert neighbour.session.verified_at is not None, "a neighbour's level stays"
    assert not person.me().has_factor


def test_recovery_codes_do_not_stay_alone(person: Person, moved: Clock) -> None:
    neighbour = Person.sign_up(person.session.backend).enrol().make_codes()
    person.make_codes()
    mail.outbox.clear()
    error = refused(remove, person)
    assert isinstance(error, SoleFactor)
    remove(person, with_recovery_codes=True)
    assert [row.account for row in RecoverySet.objects.all()] == [neighbour.account]
    assert [factor.uuid for factor in TotpFactor.objects.all()] == [neighbour.factor]


def test_recovery_codes_stay_with_the_second_factor(person: Person) -> None:
    more_factors(person, 1)
    person.make_codes()
    remove(person, with_recovery_codes=True)
    assert RecoverySet.objects.count() == 1


def test_the_set_of_recovery_codes_is_no_authenticator(person: Person) -> None:
    person.make_codes()
    mail.outbox.clear()
    uuid = RecoverySet.objects.get().uuid
    error = refused(remove, person, factor_uuid=uuid)
    assert (type(error), error.status) == (ValidationFailed, 422)
    assert error.message == "Recovery codes are removed by their own call"


def test_a_factor_is_removed_by_a_fresh_aal2_only(person: Person) -> None:
    long_ago()
    error = refused(remove, person)
    assert (type(error), error.message, error.details) == STALE
    assert error.status == 422
    at_aal1()
    error = refused(remove, person)
    assert (error.status, error.message) == (422, "AAL2 required to unenroll verified factor")


def test_what_is_not_ones_own_is_not_found(person: Person, moved: Clock) -> None:
    """Another's factor and codes, the set-up of another session, and what nobody has."""
    neighbour = Person.sign_up(person.session.backend).enrol().make_codes()
    aside = person.me(person.another_session())
    Session.objects.update(verified_at=clock.now())
    aside.session.verified_at = clock.now()
    theirs = factors.enroll(me=aside, name="Tablet", client=CLIENT).factor.uuid
    codes = RecoverySet.objects.get(account=neighbour.account).uuid
    mail.outbox.clear()
    for uuid in (neighbour.factor, codes, theirs, uuid4()):
        assert isinstance(refused(remove, person, factor_uuid=uuid), FactorNotFound)


def test_a_set_up_may_be_given_up_at_any_level(person: Person) -> None:
    made = factors.enroll(me=person.me(), name="Tablet", client=CLIENT).factor.uuid
    at_aal1()
    before = rows()
    assert remove(person, factor_uuid=made) == made
    after = rows()
    assert [row["uuid"] for row in after[0]] == [person.factor]
    assert (after[1:], mail.outbox) == (before[1:], [])


def test_acts_take_turns_and_commit_by_themselves(person: Person) -> None:
    """What the request has read at its start may be over."""
    me = person.me()
    given: dict[str, Any] = {"me": me, "factor_uuid": person.factor, "client": CLIENT}
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            factors.rename(**given, name="Key")
        with pytest.raises(RuntimeError):
            factors.unenroll(**given)
    Session.objects.all().end(now=clock.now(), reason="signed_out")
    assert isinstance(refused(factors.rename, **given, name="Key"), SessionGone)
    assert isinstance(refused(factors.unenroll, **given), SessionGone)
    with pytest.raises(SessionGone):
        factors.may_still_confirm(me, clock.now())
