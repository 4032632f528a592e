"""Second factors by the service key: what goes with one, who is told, what is written down."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import transaction

from lingauth.core import clock, guesses
from lingauth.core.errors import (
    AccountNotFound,
    FactorNotFound,
)
from lingauth.core.guesses import Rule
from lingauth.models import Account, GuessLimit, RecoverySet, Session, TotpFactor
from lingauth.services import factors as own
from lingauth.services import limits
from lingauth.services.admin import factors
from lingauth.services.admin.by import By
from tests.support.acts import CLIENT, SERVER, event, written
from tests.support.people import Person, new_backend


def told(by: By, person: Person, kind: str, **data: Any) -> dict[str, Any]:
    return event(kind, backend=by.backend, actor=SERVER, account=person.account, **data)


def remove(by: By, person: Person, uuid: UUID | None = None) -> Any:
    return factors.remove(
        by=by, account_uuid=person.account.uuid, factor_uuid=uuid or person.factor
    )


def guess(person: Person, rule: Rule, failures: int) -> str:
    """The key of a counter that stands at ``failures`` and is locked."""
    now, user = clock.now(), f"user {person.account.user_id}"
    backend = person.account.backend
    limits.claim(rule, subject=user, backend=backend, account=person.account, now=now)
    key = limits.key_of(rule, user, backend)
    GuessLimit.objects.filter(key=key).update(failures=failures, locked_until=now)
    return key


def failures(*keys: str) -> list[int]:
    return [GuessLimit.objects.get(key=key).failures for key in keys]


def lowered(person: Person) -> bool:
    session = person.session
    assert session.ended_at is None
    return session.verified_at is None


def test_the_last_one_takes_the_codes_along(by: By, member: Person) -> None:
    aside = Person.sign_up(by.backend, "ben@example.com").enrol("Other").make_codes()
    mail.outbox.clear()
    totp, recovery = guess(member, guesses.TOTP, 20), guess(member, guesses.RECOVERY, 20)
    theirs = guess(aside, guesses.TOTP, 20)
    row, count = TotpFactor.objects.get(uuid=member.factor), len(written())
    gone = remove(by, member)
    assert (gone.uuid, gone.name) == (row.uuid, "Phone")
    assert TotpFactor.objects.get().account_id == aside.account.pk
    assert RecoverySet.objects.get().account_id == aside.account.pk
    assert (lowered(member), lowered(aside)) == (True, False)
    assert failures(totp, recovery, theirs) == [0, 0, 20]
    opened = GuessLimit.objects.get(key=totp)
    assert (opened.locked_until, opened.updated_at) == (None, clock.now())
    assert written()[count:] == [
        told(by, member, "factor_removed", factor=str(row.uuid), name="Phone", last=True)
    ]
    (letter,) = mail.outbox
    assert letter.to == ["ann@example.com"]
    assert letter.subject == "An authenticator was removed from your Acme account"
    assert '"Phone" was removed' in letter.body
    assert "Your account now has no second step." in letter.body


def test_one_of_two_leaves_the_codes_and_the_counters(
    by: By, member: Person, second: TotpFactor
) -> None:
    keys = guess(member, guesses.TOTP, 20), guess(member, guesses.RECOVERY, 20)
    count = len(written())
    assert remove(by, member) != second
    assert TotpFactor.objects.get() == second
    assert RecoverySet.objects.exists()
    assert lowered(member)
    assert failures(*keys) == [20, 20]
    told_of = {"factor": str(member.factor), "name": "Phone", "last": False}
    assert written()[count:] == [told(by, member, "factor_removed", **told_of)]
    (letter,) = mail.outbox
    assert "no second step" not in letter.body


def test_the_codes_alone(by: By, member: Person) -> None:
    totp, recovery = guess(member, guesses.TOTP, 20), guess(member, guesses.RECOVERY, 20)
    codes, count = RecoverySet.objects.get(), len(written())
    assert remove(by, member, codes.uuid).uuid == codes.uuid
    assert not RecoverySet.objects.exists()
    assert TotpFactor.objects.get().uuid == member.factor
    assert lowered(member)
    assert failures(totp, recovery) == [20, 0]
    assert written()[count:] == [told(by, member, "recovery_codes_removed")]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (
        ["ann@example.com"],
        "The recovery codes of your Acme account were removed",
    )


@pytest.mark.parametrize("failed", [5, 19])
def test_a_lock_that_ends_by_itself_stays(by: By, member: Person, failed: int) -> None:
    keys = guess(member, guesses.TOTP, failed), guess(member, guesses.RECOVERY, failed)
    remove(by, member)
    assert failures(*keys) == [failed, failed]


def test_a_set_up_that_nobody_finished_was_no_factor(by: By, member: Person) -> None:
    """Nothing else goes with it, and nobody is told."""
    begun = own.enroll(me=member.me(), name="Begun", client=CLIENT).factor
    keys = guess(member, guesses.TOTP, 20), guess(member, guesses.RECOVERY, 20)
    count = len(written())
    assert not remove(by, member, begun.uuid).confirmed
    assert TotpFactor.objects.get().uuid == member.factor
    assert RecoverySet.objects.exists()
    assert not lowered(member)
    assert failures(*keys) == [20, 20]
    told_of = {"factor": str(begun.uuid), "name": "Begun", "last": False}
    assert written()[count:] == [told(by, member, "factor_removed", **told_of)]
    assert mail.outbox == []


def test_the_only_one_is_the_last_beside_a_set_up(by: By, member: Person) -> None:
    own.enroll(me=member.me(), name="Begun", client=CLIENT)
    remove(by, member)
    assert written()[-1]["data"]["last"] is True
    assert not RecoverySet.objects.exists()
    assert TotpFactor.objects.get().name == "Begun"


@pytest.mark.parametrize("act", ["rename", "remove"])
def test_who_and_what_is_unknown(by: By, member: Person, act: str) -> None:
    ben = Person.sign_up(by.backend, "ben@example.com").enrol("Phone")
    foreign = By(new_backend("bravo").backend, by.actor, by.client)
    more: dict[str, Any] = {"name": "x"} if act == "rename" else {}
    call, rows, events = getattr(factors, act), list(TotpFactor.objects.values()), written()
    for whose, account, factor, error in (
        (by, member.account.uuid, uuid4(), FactorNotFound),
        (by, member.account.uuid, ben.factor, FactorNotFound),
        (by, uuid4(), member.factor, AccountNotFound),
        (foreign, member.account.uuid, member.factor, AccountNotFound),
    ):
        with pytest.raises(error):
            call(by=whose, account_uuid=account, factor_uuid=factor, **more)
    Account.objects.update(deleted_at=clock.now())
    with pytest.raises(AccountNotFound):
        call(by=by, account_uuid=member.account.uuid, factor_uuid=member.factor, **more)
    assert list(TotpFactor.objects.values()) == rows
    assert [row["kind"] for row in written()] == [row["kind"] for row in events]


def test_those_who_have_no_codes(by: By, member: Person) -> None:
    RecoverySet.objects.all().delete()
    with pytest.raises(FactorNotFound):
        remove(by, member, uuid4())
    assert Session.objects.exclude(verified_at=None).exists()


def test_an_account_is_listed_with_what_it_has(
    by: By, member: Person, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        found = factors.list_for(backend=by.backend, account_uuid=member.account.uuid)
    assert (found.account.pk, found.identities) == (member.account.pk, ())
    assert [factor.uuid for factor in found.factors] == [member.factor]
    assert found.recovery == RecoverySet.objects.get()


def test_it_commits_by_itself(by: By, member: Person) -> None:
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            remove(by, member)
        with pytest.raises(RuntimeError):
            factors.rename(
                by=by, account_uuid=member.account.uuid, factor_uuid=member.factor, name="x"
            )
