"""Deleting an account: what is left of it, and what is written down."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from lingauth.core import clock
from lingauth.core.errors import AccountNotFound, Conflict, Unavailable
from lingauth.models import Account, Identity, Operator, RecoverySet, Session, TotpFactor
from lingauth.services import endings
from lingauth.services.admin import deleting
from lingauth.services.admin.by import By
from tests.lingauth.api.people import Clock
from tests.support.acts import SERVER, event, stored, written
from tests.support.people import Person, new_backend

Users: Any = get_user_model()._default_manager


@pytest.fixture
def ann(by: By, moved: Clock) -> Person:
    person = Person.sign_up(by.backend, "Ann@example.com").enrol("Phone").make_codes()
    moved.shift(60)
    return person


@pytest.fixture
def ben(ann: Person, by: By) -> Person:
    """Somebody of whom nothing is to go."""
    return Person.sign_up(by.backend, "ben@example.com").enrol("Phone").make_codes()


def delete(by: By, person: Person, *, soft: bool = False) -> None:
    deleting.delete(by=by, account_uuid=person.account.uuid, soft=soft)


def told(by: By, person: Person, **data: Any) -> dict[str, Any]:
    kind, uuid = "account_deleted", person.account.uuid
    return event(kind, backend=by.backend, actor=SERVER, **data) | {"account_uuid": uuid}


def left() -> list[int]:
    """How many rows there are of each kind."""
    models = (Account, Users.model, Identity, TotpFactor, RecoverySet, Session)
    return [model._default_manager.count() for model in models]


def test_for_good(by: By, ann: Person, ben: Person) -> None:
    count = len(written())
    delete(by, ann)
    assert left() == [1, 1, 1, 1, 1, 1]
    assert ben.session.ended_at is None
    assert written()[count:] == [told(by, ann, soft=False, user_kept=False)]
    with pytest.raises(AccountNotFound):
        delete(by, ann)


def make_more(by: By, person: Person, why: str) -> None:
    """Let the person's user be more than the account."""
    if why == "adopted":
        Account.objects.update(adopted=True)
    elif why == "operator":
        Operator.objects.create(user=person.account.user, backend=by.backend, role="viewer")
    else:
        Users.update(**{f"is_{why}": True})


MORE = pytest.mark.parametrize("why", ["adopted", "staff", "superuser", "operator"])


@MORE
def test_a_user_that_is_more_than_the_account_stays(by: By, ann: Person, why: str) -> None:
    make_more(by, ann, why)
    delete(by, ann)
    assert left() == [0, 1, 0, 0, 0, 0]
    assert written()[-1] == told(by, ann, soft=False, user_kept=True)


@MORE
def test_softly_it_is_not_even_touched(by: By, ann: Person, why: str) -> None:
    """No server of a backend locks anybody out who runs the site."""
    make_more(by, ann, why)
    user = Users.values().get()
    delete(by, ann, soft=True)
    assert Users.values().get() == user
    assert stored(ann.account)["email"] == ""


def test_softly(by: By, ann: Person, ben: Person) -> None:
    before, other, count = stored(ann.account), stored(ben.account), len(written())
    theirs = Users.values().get(pk=ben.account.user_id)
    delete(by, ann, soft=True)
    now = clock.now()
    assert stored(ann.account) == before | {
        "email": "",
        "email_key": str(ann.account.uuid),
        "user_metadata": {},
        "app_metadata": {},
        "deleted_at": now,
        "updated_at": now,
    }
    assert (stored(ben.account), Users.values().get(pk=ben.account.user_id)) == (other, theirs)
    assert left() == [2, 2, 1, 1, 1, 2]
    session = ann.session
    assert (session.ended_at, session.end_reason) == (now, "deleted")
    user = Users.get(pk=ann.account.user_id)
    assert (user.has_usable_password(), user.email) == (False, "")
    assert written()[count:] == [told(by, ann, soft=True)]


def test_softly_twice_is_once(by: By, ann: Person, moved: Clock) -> None:
    delete(by, ann, soft=True)
    row, events = stored(ann.account), written()
    moved.shift(60)
    delete(by, ann, soft=True)
    assert (stored(ann.account), written()) == (row, events)
    delete(by, ann)
    assert left() == [0, 0, 0, 0, 0, 0]
    assert written()[-1] == told(by, ann, soft=False, user_kept=False)


@pytest.mark.parametrize("soft", [False, True])
def test_where_the_host_names_users_by_the_address_it_is_free(
    by: By, ann: Person, soft: bool
) -> None:
    Users.update(username="ANN@example.com")
    delete(by, ann, soft=soft)
    stand_in = f"{ann.account.uuid}@acme.invalid"
    assert list(Users.values_list("username", flat=True)) == ([stand_in] if soft else [])


@pytest.mark.parametrize("error", [ProtectedError, RestrictedError])
def test_what_the_host_protects_is_told(
    by: By, ann: Person, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def protects(*_: object) -> None:
        raise error("", set())

    monkeypatch.setattr(Users.model, "delete", protects)
    rows, events = left(), written()
    with pytest.raises(Conflict) as refused:
        delete(by, ann)
    assert str(refused.value) == "This site keeps something that belongs to this user."
    assert refused.value.__suppress_context__
    assert (left(), written()) == (rows, events)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_is_written_meanwhile_goes_as_well(
    by: By, ann: Person, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Three tries: a fourth would only make the next one wait longer."""
    tries: list[int] = []
    remove = deleting._remove

    def sometimes(by: By, account: Account) -> None:
        tries.append(1)
        remove(by, account)
        if len(tries) <= times:
            raise IntegrityError

    monkeypatch.setattr(deleting, "_remove", sometimes)
    if times < 3:
        delete(by, ann)
        assert left()[0] == 0
    else:
        with pytest.raises(Unavailable) as refused:
            delete(by, ann)
        assert (refused.value.status, refused.value.retry_after) == (503, 1)
        assert left()[0] == 1
    assert len(tries) == min(times + 1, 3)


def test_it_is_for_good_unless_told_otherwise(by: By, ann: Person) -> None:
    deleting.delete(by=by, account_uuid=ann.account.uuid)
    assert left() == [0, 0, 0, 0, 0, 0]


def test_who_is_unknown(by: By, ann: Person) -> None:
    foreign = By(new_backend("bravo").backend, by.actor, by.client)
    for whose, name in ((by, uuid4()), (foreign, ann.account.uuid)):
        with pytest.raises(AccountNotFound):
            deleting.delete(by=whose, account_uuid=name)


@pytest.mark.parametrize("soft", [False, True])
def test_what_opens_it_ends_in_the_order_of_everybodys_locks(
    by: By, ann: Person, monkeypatch: pytest.MonkeyPatch, soft: bool
) -> None:
    """Codes, factors, sessions; then the account (services.turns)."""
    ended: list[Any] = []
    end_all = endings.end_all

    def watched(account: Account, **how: Any) -> int:
        ended.append((account, how, left()))
        return int(end_all(account, **how))

    monkeypatch.setattr(endings, "end_all", watched)
    delete(by, ann, soft=soft)
    how = {"now": clock.now(), "reason": "deleted"}
    assert [(account.uuid, *rest) for account, *rest in ended] == [
        (ann.account.uuid, how, [1, 1, 1, 0, 0, 1])
    ]


def test_it_commits_by_itself(by: By, ann: Person) -> None:
    for soft in (False, True):
        with transaction.atomic(), pytest.raises(RuntimeError):
            delete(by, ann, soft=soft)
