"""Setting up an authenticator: who may, what is stored, and what the app is given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import (
    DomainError,
    FactorNameTaken,
    InsufficientLevel,
    NoAuthorization,
    SessionGone,
    TooManyFactors,
    ValidationFailed,
)
from lingauth.models import Account, Event, Session, TotpFactor
from lingauth.services import factors, qr
from tests.lingauth.api.people import STEP, Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def enroll(person: Person, name: str = "", **more: Any) -> factors.Enrollment:
    return factors.enroll(me=person.me(), name=name, client=CLIENT, **more)


def refused(person: Person, name: str = "") -> DomainError:
    """What stands against it. Nothing has changed then, and nothing is written down."""
    before = list(TotpFactor.objects.order_by("pk").values()), Event.objects.count()
    with pytest.raises(DomainError) as caught:
        enroll(person, name)
    assert (list(TotpFactor.objects.order_by("pk").values()), Event.objects.count()) == before
    return caught.value


def test_a_set_up_is_stored_without_being_a_factor(person: Person) -> None:
    me = person.me()
    made = factors.enroll(me=me, name="  My \t phone ", client=CLIENT)
    row = dict(TotpFactor.objects.values().get())
    assert row.pop("secret") == made.factor.secret
    assert row == {
        "id": made.factor.pk,
        "user_id": me.account.user_id,
        "name": "My phone",
        "confirmed": False,
        "uuid": made.factor.uuid,
        "backend_id": me.backend.pk,
        "account_id": me.account.pk,
        "session_id": me.session.pk,
        "last_step": None,
        "created_at": clock.now(),
        "verified_at": None,
        "last_used_at": None,
        "last_challenged_at": None,
    }
    told = {"factor": str(made.factor.uuid), "name": "My phone"}
    assert events.last() == events.by(me, "factor_enrolment_started", **told)
    assert not person.me().has_factor
    assert factors.list_for(me=person.me()) == []


@pytest.mark.parametrize(
    ("asked", "issuer"),
    [
        ({}, "Acme"),
        ({"issuer": ""}, "Acme"),
        ({"issuer": "Shop"}, "Shop"),
        ({"issuer": 65 * "x"}, 64 * "x"),
    ],
)
def test_the_app_is_given_secret_address_and_picture(
    person: Person, asked: dict[str, str], issuer: str
) -> None:
    made = enroll(person, **asked)
    parts = urlsplit(made.uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == f"/{issuer}:ann%40example.com"
    assert parse_qs(parts.query) == {"secret": [made.secret], "issuer": [issuer]}
    assert made.qr_svg == qr.svg(made.uri)


def test_a_page_that_is_loaded_again_shows_the_same(person: Person, moved: Clock) -> None:
    assert factors.pending(me=person.me()) is None
    made = enroll(person, "Phone")
    moved.shift(timedelta(minutes=9, seconds=59))
    again = factors.pending(me=person.me())
    assert again == made
    assert factors.pending(me=person.me(person.another_session())) is None
    moved.shift(1)
    assert factors.pending(me=person.me()) is None


def test_what_was_confirmed_is_no_longer_set_up(person: Person) -> None:
    person.enrol()
    assert factors.pending(me=person.me()) is None


def test_a_factor_is_never_taken_for_a_set_up(person: Person) -> None:
    person.enrol()
    TotpFactor.objects.update(session=person.session)
    assert factors.pending(me=person.me()) is None
    enroll(person)
    assert TotpFactor.objects.filter(uuid=person.factor).exists()


def test_a_new_set_up_replaces_the_one_of_its_own_session(person: Person) -> None:
    """Neither another session's, nor a factor, nor another account's."""
    neighbour = Person.sign_up(person.session.backend)
    others = {
        person.enrol("First").factor,
        enroll(neighbour).factor.uuid,
    }
    aside = person.me(person.another_session())
    Session.objects.update(verified_at=clock.now())
    aside.session.verified_at = clock.now()
    others.add(factors.enroll(me=aside, name="Aside", client=CLIENT).factor.uuid)
    enroll(person, "Phone")
    last = enroll(person, "Phone")
    assert set(TotpFactor.objects.values_list("uuid", flat=True)) == others | {last.factor.uuid}


def test_a_first_one_needs_no_code_and_another_a_fresh_one(person: Person, moved: Clock) -> None:
    moved.shift(timedelta(minutes=30))
    person.enrol()
    moved.shift(600)
    Session.objects.update(refreshed_at=clock.now())
    enroll(person)
    moved.shift(1)
    error = refused(person)
    assert isinstance(error, InsufficientLevel)
    assert (error.status, error.details) == (403, {"max_age": 600})
    assert error.message == "Confirm a code again to do this."
    Session.objects.update(verified_at=None)
    error = refused(person)
    assert isinstance(error, InsufficientLevel)
    assert (error.status, error.details) == (403, None)
    assert error.message == "AAL2 required to enroll a new factor"


def test_it_is_asked_again_when_its_turn_has_come(person: Person) -> None:
    """What the request has read at its start may be over."""
    me = person.me()
    Session.objects.all().end(now=clock.now(), reason="signed_out")
    with pytest.raises(SessionGone):
        factors.enroll(me=me, client=CLIENT)


def test_an_anonymous_account_has_none(person: Person) -> None:
    Account.objects.update(is_anonymous=True)
    error = refused(person)
    assert isinstance(error, NoAuthorization)
    assert (error.status, error.message) == (403, "Anonymous accounts have no factors.")


@pytest.mark.parametrize("name", ["x" * 65, "a\u202eb", "a\x7fb"])
def test_a_name_is_short_and_can_be_read(person: Person, name: str) -> None:
    error = refused(person, name)
    assert isinstance(error, ValidationFailed)
    assert error.message == "A factor's name has at most 64 characters."
    assert enroll(person, "x" * 64).factor.name == "x" * 64


def test_a_name_is_a_verified_factors_alone(person: Person) -> None:
    """Unfinished set-ups take none away."""
    enroll(person, "Phone")
    person.enrol("Phone")
    assert isinstance(refused(person, " Phone "), FactorNameTaken)
    assert enroll(person, "phone").factor.name == "phone"


def test_who_gives_no_name_is_given_the_first_that_is_free(person: Person, moved: Clock) -> None:
    names = []
    for _ in range(3):
        person.enrol()
        names.append(TotpFactor.objects.get(uuid=person.factor).name)
        moved.shift(STEP)
    assert names == ["Authenticator app", "Authenticator app 2", "Authenticator app 3"]
    TotpFactor.objects.filter(name="Authenticator app 2").delete()
    unnamed = factors.enroll(me=person.me(), client=CLIENT)
    assert unnamed.factor.name == "Authenticator app 2"


def test_ten_are_enough(person: Person, moved: Clock) -> None:
    person.enrol("0")
    row = TotpFactor.objects.get()
    for number in range(1, 9):
        TotpFactor.objects.create(
            user_id=row.user_id,
            account_id=row.account_id,
            backend_id=row.backend_id,
            name=f"Authenticator app {number + 1}" if number > 1 else "Authenticator app",
            confirmed=True,
            created_at=clock.now() + number * STEP,
            secret=b"",
        )
    assert [factor.name for factor in factors.list_for(me=person.me())] == [
        "0",
        "Authenticator app",
        *(f"Authenticator app {n}" for n in range(3, 10)),
    ]
    TotpFactor.objects.filter(name="0").update(name="Authenticator app 2")
    made = enroll(person)
    assert made.factor.name == "Authenticator app 10"
    TotpFactor.objects.filter(pk=made.factor.pk).update(confirmed=True, session=None)
    assert isinstance(refused(person), TooManyFactors)


def test_it_commits_by_itself(person: Person) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        enroll(person)
