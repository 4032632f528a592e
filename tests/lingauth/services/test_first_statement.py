"""The statement a request begins with finds what the ORM finds, and nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import models

from lingauth.core import clock
from lingauth.models import Account, ApiKey, Backend, Identity, RecoverySet, Session, TotpFactor
from lingauth.services import factors, first_statement
from lingauth.services.access import key_digest
from lingauth.services.first_statement import Depth, Found, read
from tests.support.people import CLIENT, Person, new_backend
from tests.support.statements import counted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def afresh() -> None:
    """Each test has its statement compiled, whatever came before it."""
    first_statement._statement.cache_clear()


@pytest.fixture
def person() -> Person:
    """Somebody with two factors, recovery codes and three ways in, beside others like them."""
    made = new_backend("acme")
    for email in ("ann@example.com", "other@example.com"):
        person = Person.sign_up(made.backend, email)
        if email.startswith("ann"):
            found = person
            person.enrol().make_codes()
            TotpFactor.objects.create(
                account=person.account, user=person.account.user, backend=made.backend, name="B"
            )
        for provider in ("github", "google"):
            Identity.objects.create(
                backend=made.backend,
                account=person.account,
                provider=provider,
                subject=uuid4().hex,
                data={"of": provider},
            )
    Person.sign_up(new_backend("other").backend, "ann@example.com")
    return found


def same(row: models.Model | None, expected: models.Model | None, *, whole: bool) -> None:
    """Equal in every column that was read: in all of them if ``whole``."""
    assert row == expected
    if row is None or expected is None:
        return
    names = [field.attname for field in row._meta.concrete_fields]
    seen = [name for name in names if name in row.__dict__]
    assert {name: getattr(row, name) for name in seen} == {
        name: getattr(expected, name) for name in seen
    }
    assert not whole or seen == names


def by_session(person: Person, depth: Depth, api_key: str | None = None) -> Found:
    values = {"ref": "acme", "session_id": person.session.pk}
    found = read(values | ({"digest": key_digest(api_key)} if api_key else {}), depth)
    assert found is not None
    return found


@pytest.mark.parametrize("depth", Depth)
def test_it_finds_what_the_orm_finds(person: Person, depth: Depth) -> None:
    key = ApiKey.objects.get(backend__ref="acme", role="anon")
    found = by_session(person, depth, key.value)
    whole = depth is Depth.ROWS
    same(found.backend, Backend.objects.get(ref="acme"), whole=whole)
    same(found.key, key, whole=whole)
    same(found.session, Session.objects.get(pk=person.session.pk), whole=whole)
    account = Account.objects.get(pk=person.account.pk)
    same(found.account, account, whole=depth is not Depth.GATE)
    assert found.has_factor
    if depth is Depth.WHOLE:
        assert found.factors is not None
        assert found.identities is not None
        for kind, rows in ((TotpFactor, found.factors), (Identity, found.identities)):
            expected = kind._default_manager.filter(account=account).order_by("created_at", "pk")
            assert len(rows) == len(expected) > 1
            for row, one in zip(rows, expected, strict=True):
                same(row, one, whole=False)
        recovery = RecoverySet.objects.get(account=account)
        assert found.account is not None
        same(found.account._state.fields_cache["recovery_set"], recovery, whole=False)
    else:
        assert (found.factors, found.identities) == (None, None)


def test_by_address_it_finds_the_account_and_its_user(person: Person) -> None:
    found = read({"ref": "acme", "email_key": "ann@example.com"}, Depth.WHOLE)
    assert found is not None
    assert found.account is not None
    with counted() as statements:
        assert found.account.user.password
        assert {factor.account for factor in found.factors or ()} == {found.account}
    assert statements == []
    same(found.account, Account.objects.get(pk=person.account.pk), whole=True)
    same(found.account.user, person.account.user, whole=True)
    assert [row.provider for row in found.identities or ()] == ["email", "github", "google"]
    assert len(found.factors or ()) == 2


def test_of_two_rows_both_are_looked_at(person: Person) -> None:
    """One factor and two ways in."""
    TotpFactor.objects.filter(account=person.account, name="B").delete()
    Identity.objects.filter(account=person.account, provider="google").delete()
    found = by_session(person, Depth.WHOLE)
    assert len(found.factors or ()) == 1
    assert [row.provider for row in found.identities or ()] == ["email", "github"]


@pytest.mark.parametrize("depth", Depth)
def test_what_is_used_takes_no_statement_more(person: Person, depth: Depth) -> None:
    """The columns that are left out are none that the gate looks at."""
    with counted() as statements:
        found = by_session(person, depth)
        assert found.session is not None
        assert found.account is not None
        now = clock.now()
        assert found.session.is_alive(now)
        assert found.session.level(now) == "aal2"
        assert found.session.amr(now)
        assert not found.account.is_barred(now)
        assert found.backend.policy.version == 1
        if depth is Depth.WHOLE:
            backend, session = found.backend, found.session
            assert (backend.name, backend.session_max_age) == ("Acme", 30 * 86400)
            assert (backend.access_token_ttl, backend.refresh_reuse_grace) == (300, 0)
            assert (session.elevations, session.end_reason) == (1, "")
            for factor in found.factors or ():
                assert factor.created_at
                assert factor.last_challenged_at is None
    assert len(statements) - 1 <= 1, statements  # ``person.session`` reads one row for itself


def test_one_column_more_is_read_when_it_is_used(person: Person) -> None:
    found = by_session(person, Depth.GATE)
    assert found.account is not None
    assert "email" not in found.account.__dict__
    assert found.account.email == "ann@example.com"


def test_nothing_of_another_backend(person: Person) -> None:
    for depth in Depth:
        found = read({"ref": "other", "session_id": person.session.pk}, depth)
        assert found is not None
        assert (found.session, found.account, found.has_factor) == (None, None, False)
    key = ApiKey.objects.get(backend__ref="other", role="anon")
    assert by_session(person, Depth.GATE, key.value).key is None


def test_a_revoked_key_is_none(person: Person) -> None:
    key = ApiKey.objects.get(backend__ref="acme", role="anon")
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=clock.now() - timedelta(days=1))
    assert by_session(person, Depth.GATE, key.value).key is None


@pytest.mark.parametrize("depth", Depth)
def test_an_unknown_backend_or_session(person: Person, depth: Depth) -> None:
    assert read({"ref": "nobody", "session_id": person.session.pk}, depth) is None
    found = read({"ref": "acme", "session_id": UUID(int=7)}, depth)
    assert found is not None
    assert (found.session, found.account, found.has_factor) == (None, None, False)
    assert read({"ref": "acme"}, depth) is not None


def test_somebody_without_a_factor(person: Person) -> None:
    bare = Person.sign_up(Backend.objects.get(ref="acme"), "bare@example.com")
    for depth in Depth:
        found = by_session(bare, depth)
        assert not found.has_factor
        assert found.factors == (() if depth is Depth.WHOLE else None)
    factors.enroll(me=bare.me(), client=CLIENT)
    for depth in Depth:
        assert not by_session(bare, depth).has_factor  # it was never verified


def test_a_host_may_have_users_that_are_neither_active_nor_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert first_statement._user_flag("account__") == ["account__user__is_active"]
    monkeypatch.setattr(first_statement, "get_user_model", lambda: Backend)
    assert first_statement._user_flag("account__") == []
