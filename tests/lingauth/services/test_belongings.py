"""The statements that are compiled once read what the models' own queries would."""

from __future__ import annotations

import pytest

from lingauth.models import Account, Identity, RecoverySet, TotpFactor
from lingauth.services import belongings, factors
from lingauth.services.backends import NewBackend
from tests.support.noon import NOON
from tests.support.people import CLIENT, Person
from tests.support.statements import counted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(made: NewBackend) -> Person:
    """Two authenticators, one of them unfinished; recovery codes; two ways in."""
    person = Person.sign_up(made.backend).enrol("Phone").make_codes()
    factors.enroll(me=person.me(), name="Tablet", client=CLIENT)
    account = person.account
    Identity.objects.create(backend=made.backend, account=account, provider="github", subject="7")
    return person


def values(row: TotpFactor | Identity | RecoverySet) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_they_are_those_of_the_account_in_order(ann: Person, made: NewBackend) -> None:
    Person.sign_up(made.backend).enrol()
    account = Account.objects.get(pk=ann.account.pk)
    with counted() as statements:
        found, ways = belongings.factors_of(account), belongings.identities_of(account)
    assert len(statements) == 2
    mine = TotpFactor.objects.filter(account=account).order_by("created_at", "pk")
    assert [values(row) for row in found] == [values(row) for row in mine]
    assert [row.name for row in found] == ["Phone", "Tablet"]
    identities = Identity.objects.filter(account=account).order_by("created_at", "pk")
    assert [values(row) for row in ways] == [values(row) for row in identities]


def test_the_recovery_set_comes_along(ann: Person) -> None:
    account = Account.objects.get(pk=ann.account.pk)
    found = belongings.recovery_of(belongings.factors_of(account))
    assert found is not None
    assert values(found) == values(RecoverySet.objects.get(account=account))
    RecoverySet.objects.all().delete()
    assert belongings.recovery_of(belongings.factors_of(account)) is None


def test_the_oldest_come_first_whenever_they_were_written(ann: Person) -> None:
    """An import writes old ones late."""
    belongings._factors.cache_clear()
    belongings._identities.cache_clear()
    for rows in (TotpFactor.objects, Identity.objects):
        newest = rows.order_by("created_at", "pk").last()
        assert newest is not None
        rows.filter(pk=newest.pk).update(created_at=NOON)
    assert [row.name for row in belongings.factors_of(ann.account)] == ["Tablet", "Phone"]
    ways = belongings.identities_of(ann.account)
    assert [row.provider for row in ways] == ["github", "email"]


def test_a_row_is_an_instance_like_any_other(ann: Person) -> None:
    factor = belongings.factors_of(ann.account)[0]
    assert factor.open_secret()
    factor.name = "Old phone"
    factor.save()
    assert TotpFactor.objects.get(pk=factor.pk).name == "Old phone"


def test_who_has_nothing_has_nothing(made: NewBackend) -> None:
    account = Person.sign_up(made.backend).account
    Identity.objects.all().delete()
    assert belongings.factors_of(account) == []
    assert belongings.identities_of(account) == []
    assert belongings.recovery_of([]) is None
