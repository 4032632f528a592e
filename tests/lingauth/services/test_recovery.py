"""A set of recovery codes, below HTTP: every row that making and removing one writes."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
import time_machine
from django.core import mail
from django.db import transaction

from lingauth.conf import settings
from lingauth.core.errors import (
    FactorExists,
    FactorNotFound,
    InsufficientLevel,
    SoleFactor,
)
from lingauth.models import RecoveryCode, RecoverySet
from lingauth.services import recovery
from lingauth.services.backends import NewBackend
from tests.support import events
from tests.support.events import CLIENT
from tests.support.noon import NOON, after
from tests.support.people import Person
from tests.support.recovering import refused, subjects, use

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def ann(made: NewBackend, noon: object) -> Person:
    """Somebody with a factor, at fresh ``aal2``."""
    return Person.sign_up(made.backend, "ann@example.com").enrol()


def test_a_set_is_ten_codes_of_the_account_kept_as_digests_bound_to_it(ann: Person) -> None:
    made = recovery.generate(me=ann.me(), client=CLIENT)
    found = RecoverySet.objects.get()
    assert (found.backend_id, found.account_id) == (ann.account.backend_id, ann.account.pk)
    assert (found.user_id, found.created_at) == (ann.account.user_id, NOON)
    assert (made.id, made.created_at) == (found.uuid, NOON)
    rows = list(RecoveryCode.objects.order_by("position"))
    assert [code.position for code in rows] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert {(code.set_id, code.used_at) for code in rows} == {(found.pk, None)}
    key = settings.keychain.current("recovery code")
    parts = [(str(ann.account.uuid).encode(), code.encode()) for code in made.codes]
    assert [bytes(code.digest) for code in rows] == [
        hmac.digest(key, b"".join(len(p).to_bytes(4, "big") + p for p in pair), sha256)
        for pair in parts
    ]


def test_a_set_has_one_time_wherever_it_is_told(ann: Person) -> None:
    with time_machine.travel(NOON, tick=True):
        made = recovery.generate(me=ann.me(), client=CLIENT)
    assert RecoverySet.objects.get().created_at == made.created_at


def test_making_a_set_is_written_down_and_told(ann: Person) -> None:
    for make in (recovery.generate, recovery.regenerate):
        make(me=ann.me(), client=CLIENT)
        assert events.last() == events.by(ann.me(), "recovery_codes_made")
        assert subjects()[-1] == "New recovery codes for your Acme account"
        assert mail.outbox[-1].to == ["ann@example.com"]


def test_a_second_set_is_refused_and_changes_nothing(ann: Person) -> None:
    before = recovery.generate(me=ann.me(), client=CLIENT)
    with pytest.raises(FactorExists):
        recovery.generate(me=ann.me(), client=CLIENT)
    assert RecoverySet.objects.get().uuid == before.id
    use(ann, before.codes[0])


def test_the_sets_of_others_are_not_looked_at(ann: Person, made: NewBackend) -> None:
    bob = Person.sign_up(made.backend).enrol().make_codes()
    assert recovery.status(me=ann.me()) is None
    with pytest.raises(FactorNotFound):
        recovery.delete(me=ann.me(), client=CLIENT)
    recovery.generate(me=ann.me(), client=CLIENT)
    recovery.regenerate(me=ann.me(), client=CLIENT)
    refused(ann, bob.codes[0])
    recovery.delete(me=ann.me(), client=CLIENT)
    assert RecoverySet.objects.get().account_id == bob.account.pk
    use(bob, bob.codes[0])
    left = recovery.status(me=bob.me())
    assert left is not None
    assert left.remaining == 9


def test_the_state_of_a_set_names_the_places_of_the_used_ones(
    ann: Person, noon: time_machine.Traveller
) -> None:
    made = recovery.generate(me=ann.me(), client=CLIENT)
    noon.shift(60)
    for place in (3, 10, 1):
        use(ann, made.codes[place - 1])
    assert recovery.status(me=ann.me()) == recovery.RecoveryStatus(
        id=made.id, total=10, remaining=7, used=(1, 3, 10), created_at=NOON
    )
    used = RecoveryCode.objects.exclude(used_at=None).values_list("used_at", flat=True)
    assert set(used) == {after(60)}


def test_removing_the_set_is_written_down_and_told(ann: Person) -> None:
    made = recovery.generate(me=ann.me(), client=CLIENT)
    assert recovery.delete(me=ann.me(), client=CLIENT) == made.id
    assert events.last() == events.by(ann.me(), "recovery_codes_removed")
    assert subjects()[-1] == "The recovery codes of your Acme account were removed"
    assert mail.outbox[-1].to == ["ann@example.com"]
    with pytest.raises(FactorNotFound, match=r"\AThere are no recovery codes\.\Z"):
        recovery.delete(me=ann.me(), client=CLIENT)


def test_managing_codes_needs_a_factor_and_a_fresh_proof(
    ann: Person, made: NewBackend, noon: time_machine.Traveller
) -> None:
    acts = (recovery.generate, recovery.regenerate, recovery.delete)
    bob = Person.sign_up(made.backend)
    for make in acts[:2]:
        with pytest.raises(SoleFactor):
            make(me=bob.me(), client=CLIENT)
    with pytest.raises(InsufficientLevel) as low:
        recovery.delete(me=bob.me(), client=CLIENT)
    message = "AAL2 required to manage recovery codes"
    assert (low.value.message, low.value.details, low.value.status) == (message, None, 403)
    device = Person(ann.ref, ann.email, ann.sign_in())
    for act in acts:
        with pytest.raises(InsufficientLevel) as low:
            act(me=device.me(), client=CLIENT)
        assert (low.value.message, low.value.details, low.value.status) == (message, None, 403)
    noon.shift(601)
    for act in acts:
        with pytest.raises(InsufficientLevel) as stale:
            act(me=ann.me(), client=CLIENT)
        assert stale.value.details == {"max_age": 600}
    assert not RecoverySet.objects.exists()


def test_nothing_is_made_or_removed_in_a_transaction_of_the_callers(ann: Person) -> None:
    made = recovery.generate(me=ann.me(), client=CLIENT)
    for act in (recovery.regenerate, recovery.delete):
        with transaction.atomic(), pytest.raises(RuntimeError):
            act(me=ann.me(), client=CLIENT)
    assert RecoverySet.objects.get().uuid == made.id
