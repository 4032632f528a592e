"""Changing one's own account, below HTTP: what a change writes and ends, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import transaction

from lingauth.core.errors import (
    CurrentPasswordInvalid,
    DomainError,
    InsufficientLevel,
    ReauthenticationNeeded,
    ValidationFailed,
)
from lingauth.models import Account, Backend, GuessLimit, MailToken, Session
from lingauth.services import accounts, new_password, passwords, reauthentication
from lingauth.services.mail_tokens import Purpose
from tests.support import acts, events
from tests.support.app import PASSWORD
from tests.support.events import CLIENT
from tests.support.noon import NOON, after
from tests.support.pending import mint
from tests.support.people import Person, new_backend

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NEW = "another battery staple"


@pytest.fixture
def backend(noon: object) -> Backend:
    return new_backend().backend


@pytest.fixture
def ann(backend: Backend) -> Person:
    return Person.sign_up(backend, "Ann@example.com")


@pytest.fixture
def stale(ann: Person, noon: time_machine.Traveller) -> Person:
    """She signed in more than ten minutes ago."""
    noon.move_to(after(601))
    return ann


def update(person: Person, **changes: Any) -> Account:
    return accounts.update(me=person.me(), client=CLIENT, **changes)


def stored(person: Person) -> dict[str, Any]:
    return dict(Account.objects.filter(pk=person.account.pk).values().get())


def knows(person: Person, password: str) -> bool:
    person.account.user.refresh_from_db()
    return check_password(password, person.account.user.password)


def test_metadata_needs_no_proof_and_ends_nothing(stale: Person) -> None:
    stale.another_session()
    before, written = stored(stale), acts.written()
    changed = update(stale, data={"lang": "en", "phone_verified": None})
    metadata = {**before["user_metadata"], "lang": "en"}
    del metadata["phone_verified"]
    assert stored(stale) == before | {"user_metadata": metadata, "updated_at": after(601)}
    assert (changed.user_metadata, changed.updated_at) == (metadata, after(601))
    assert acts.written() == written
    assert not Session.objects.exclude(ended_at=None).exists()
    assert mail.outbox == []


def test_metadata_of_others_and_of_another_request_is_kept(backend: Backend, ann: Person) -> None:
    bob = Person.sign_up(backend)
    bobs, me = stored(bob), ann.me()
    update(ann, data={"one": 1})
    accounts.update(me=me, data={"two": 2}, client=CLIENT)
    metadata = stored(ann)["user_metadata"]
    assert (metadata["one"], metadata["two"]) == (1, 2)
    assert stored(bob) == bobs


def test_asked_for_nothing_it_does_nothing(stale: Person) -> None:
    before, written = stored(stale), acts.written()
    for nothing in ({}, {"email": None}, {"email": "ANN@example.com"}, {"nonce": "x"}):
        assert update(stale, **nothing) == stale.account
    assert (stored(stale), acts.written()) == (before, written)


def test_metadata_that_is_too_large_is_refused_before_any_hashing(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Together with what is there already."""
    update(ann, data={f"key {n}": n for n in range(60)})
    monkeypatch.delattr(passwords, "hashed")
    monkeypatch.delattr(passwords, "matches")
    with pytest.raises(ValidationFailed, match="64 keys"):
        update(ann, data={"one": 1}, password=NEW, current_password="wrong")
    assert not GuessLimit.objects.exists()


def test_a_new_password_ends_the_other_sessions_and_what_was_mailed(
    backend: Backend, stale: Person
) -> None:
    bob = Person.sign_up(backend)
    other, bobs = stale.another_session(), mint(bob.account, Purpose.MAGICLINK)
    mint(stale.account, Purpose.MAGICLINK)
    before, his = stored(stale), stored(bob)
    changed = update(stale, password=NEW, current_password=PASSWORD)
    assert knows(stale, NEW)
    assert knows(bob, PASSWORD)
    now = {"password_changed_at": after(601), "updated_at": after(601)}
    assert stored(stale) == before | now
    assert (changed.password_changed_at, changed.updated_at) == (after(601), after(601))
    assert stored(bob) == his
    ended = Session.objects.exclude(ended_at=None)
    assert list(ended.values_list("id", "ended_at", "end_reason")) == [
        (other.pk, after(601), "password_changed")
    ]
    assert list(MailToken.objects.all()) == [bobs.row]
    assert events.last() == events.by(stale.me(), "password_changed")
    assert [(letter.to, str(letter.subject)) for letter in mail.outbox] == [
        (["Ann@example.com"], "The password of your Acme account was changed")
    ]


def test_it_needs_proof_and_a_password_that_may_be_one(stale: Person) -> None:
    before = stored(stale)
    for changes in ({"password": NEW}, {"email": "new@example.com"}):
        with pytest.raises(ReauthenticationNeeded):
            update(stale, **changes)
    with pytest.raises(DomainError) as weak:
        update(stale, password="seven77", current_password=PASSWORD)
    assert weak.value.code == "weak_password"
    assert stored(stale) == before
    assert knows(stale, PASSWORD)


def test_password_and_metadata_change_together(ann: Person) -> None:
    changed = update(ann, password=NEW, data={"lang": "en"})
    assert knows(ann, NEW)
    assert changed.user_metadata["lang"] == stored(ann)["user_metadata"]["lang"] == "en"


@pytest.mark.parametrize("meanwhile", [True, False])
def test_a_nonce_is_spent_with_the_new_password_or_nothing_happens(
    stale: Person, monkeypatch: pytest.MonkeyPatch, meanwhile: bool
) -> None:
    made = mint(stale.account, Purpose.REAUTHENTICATION)
    spent: list[object] = []
    spend = reauthentication.spend
    if meanwhile:
        judged = new_password.judged

        def judging(*about: Any) -> str:
            MailToken.objects.update(used_at=NOON)
            return judged(*about)

        monkeypatch.setattr(new_password, "judged", judging)

    def spending(row: MailToken) -> None:
        spend(row)
        spent.append(row)

    monkeypatch.setattr(reauthentication, "spend", spending)
    if meanwhile:
        before = stored(stale)
        with pytest.raises(DomainError) as refused:
            update(stale, password=NEW, nonce=made.code)
        assert refused.value.code == "reauthentication_not_valid"
        assert (stored(stale), spent) == (before, [])
        assert knows(stale, PASSWORD)
    else:
        update(stale, password=NEW, nonce=made.code)
        assert spent == [made.row]
        assert knows(stale, NEW)


def test_a_second_proof_that_was_taken_away_meanwhile_is_asked_for_again(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.enrol()
    judged = new_password.judged

    def judging(*about: Any) -> str:
        Session.objects.all().lower()
        return judged(*about)

    monkeypatch.setattr(new_password, "judged", judging)
    with pytest.raises(InsufficientLevel) as low:
        update(ann, password=NEW)
    assert low.value.status == 401
    assert knows(ann, PASSWORD)


def test_a_fresh_second_proof_is_enough(ann: Person, noon: time_machine.Traveller) -> None:
    ann.enrol()
    noon.move_to(after(600))
    update(ann, password=NEW)
    assert knows(ann, NEW)


def test_a_wrong_password_is_written_down(ann: Person) -> None:
    with pytest.raises(CurrentPasswordInvalid):
        update(ann, password=NEW, current_password="wrong")
    told = events.by(ann.me(), "password_refused", "refused", reason="wrong_password")
    assert events.last() == told


def test_nothing_is_changed_in_a_transaction_of_the_callers(ann: Person) -> None:
    before = stored(ann)
    with transaction.atomic(), pytest.raises(RuntimeError):
        update(ann, data={"lang": "en"})
    assert stored(ann) == before
