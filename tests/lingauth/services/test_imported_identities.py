"""Bringing ways in, and authenticators: to whom they go, and what is written."""

from __future__ import annotations

import pytest
import time_machine
from django.db import transaction

from lingauth.models import Account, Identity, Session, TotpFactor
from lingauth.services import imported_factors, importing
from lingauth.services.backends import NewBackend
from lingauth.services.imported_rows import Row
from lingauth.services.importing import Import
from tests.support import acts
from tests.support.acts import ANN as OPERATOR
from tests.support.imports import DAY, Told, event, factor, identity, user, uuid
from tests.support.noon import NOON, after
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db
BYTES = bytes.fromhex("48656c6c6f21deadbeef" * 2)
"""The secret of ``factor``, which is in base32 (RFC 4648, section 6)."""
GONE = {"of accounts that are not here": 1}


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def job(made: NewBackend, noon: time_machine.Traveller, told: Told) -> Import:
    importing.import_users(Import(made.backend, OPERATOR, refuse=told), [user(1), user(2)])
    return Import(made.backend, OPERATOR, refuse=told)


def result(job: Import) -> tuple[int, int, int, dict[str, int]]:
    return job.taken, job.existing, job.refused, dict(job.left_out)


def account(n: int) -> Account:
    return Account.objects.get(uuid=uuid(n))


def test_a_way_in_is_as_it_was(job: Import) -> None:
    importing.import_identities(job, [identity(2, 1)])
    assert result(job) == (1, 0, 0, {})
    row = Identity.objects.filter(provider="google").values().get()
    assert row == {
        "id": row["id"],
        "uuid": uuid(102),
        "backend_id": job.backend.pk,
        "account_id": account(1).pk,
        "provider": "google",
        "subject": "7",
        "data": {"name": "Ann"},
        "created_at": DAY[1],
        "updated_at": DAY[2],
    }
    assert acts.written()[-1] == event(job, "identity_linked", account(1), provider="google")


def test_what_says_no_time_came_now_or_was_never_changed(job: Import) -> None:
    importing.import_identities(
        job,
        [
            identity(2, 1, created_at=None, updated_at=None),
            identity(3, 1, provider="github", updated_at=None),
        ],
    )
    google = Identity.objects.get(provider="google")
    assert (google.created_at, google.updated_at) == (NOON, NOON)
    github = Identity.objects.get(provider="github")
    assert (github.created_at, github.updated_at) == (DAY[1], DAY[1])


def test_that_of_the_address_gets_its_id_and_is_no_new_one(job: Import) -> None:
    events = len(acts.written())
    own = identity(2, 1, provider="email", provider_id=str(uuid(1)))
    importing.import_identities(job, [own])
    assert result(job) == (1, 0, 0, {})
    row = Identity.objects.get(account=account(1))
    assert (row.uuid, row.data, row.created_at) == (uuid(102), {"name": "Ann"}, DAY[1])
    assert len(acts.written()) == events
    importing.import_identities(job, [own])
    assert result(job) == (1, 1, 0, {})


def test_one_without_an_id_keeps_that_which_it_got_here(job: Import) -> None:
    old = Row(2, {"id": "7", "provider": "google", "user_id": str(uuid(1))})
    importing.import_identities(job, [old])
    first = Identity.objects.get(provider="google").uuid
    importing.import_identities(job, [old, old, identity(3, 1, provider="github")])
    assert result(job) == (2, 2, 0, {})
    assert Identity.objects.get(provider="google").uuid == first


def test_a_way_in_of_two_accounts_or_of_none_is_not_taken(job: Import, told: Told) -> None:
    other = Import(new_backend("other").backend, OPERATOR, refuse=told)
    importing.import_users(other, [user(3)])
    rows = [
        identity(2, 1),
        identity(3, 2),
        identity(4, 9, id="x"),
        identity(5, 3, provider_id="8"),
        identity(6, 2, provider_id="9"),
        identity(7, 9, provider_id="10"),
    ]
    importing.import_identities(job, rows)
    assert result(job) == (2, 0, 2, {"of accounts that are not here": 2})
    assert told == [
        (4, "x", "its id is not a UUID"),
        (3, str(uuid(103)), "signs in to another account here"),
    ]
    nobodys = Row(9, {"id": "7", "provider": "google", "user_id": str(uuid(2))})
    importing.import_identities(job, [nobodys])
    assert told[-1] == (9, str(uuid(2)), "signs in to another account here")


def test_the_same_way_in_at_another_backend_is_another(job: Import, told: Told) -> None:
    other = Import(new_backend("other").backend, OPERATOR, refuse=told)
    importing.import_users(other, [user(3)])
    importing.import_identities(other, [identity(2, 3)])
    importing.import_identities(job, [identity(3, 1)])
    assert (result(other), result(job)) == ((2, 0, 0, {}), (1, 0, 0, {}))


def test_an_authenticator_is_as_it_was(job: Import) -> None:
    imported_factors.import_factors(job, [factor(2, 1)])
    assert result(job) == (1, 0, 0, {})
    row = TotpFactor.objects.get()
    assert (row.uuid, row.account, row.backend) == (uuid(202), account(1), job.backend)
    assert (row.user_id, row.name, row.confirmed) == (account(1).user_id, "Phone", True)
    assert (row.created_at, row.verified_at, row.last_challenged_at) == (DAY[1], DAY[2], DAY[3])
    assert row.open_secret() == BYTES
    assert account(1).mfa_enrolled_at == DAY[2]
    assert account(2).mfa_enrolled_at is None
    assert acts.written()[-1] == event(
        job, "factor_enrolled", account(1), factor=str(uuid(202)), name="Phone"
    )


def test_without_a_name_and_times_it_has_ours(job: Import) -> None:
    values = dict.fromkeys(("friendly_name", "created_at", "updated_at", "last_challenged_at"))
    imported_factors.import_factors(job, [factor(2, 1, **values)])
    row = TotpFactor.objects.get()
    assert (row.name, row.created_at, row.verified_at) == ("Authenticator app", NOON, NOON)
    assert row.last_challenged_at is None


def test_who_was_enrolled_before_stays_enrolled_since_then(job: Import) -> None:
    Account.objects.update(mfa_enrolled_at=after(-60))
    imported_factors.import_factors(job, [factor(2, 1)])
    assert account(1).mfa_enrolled_at == after(-60)


def test_sessions_that_never_proved_it_end(job: Import) -> None:
    ann, bob = (Person.sign_up(job.backend, email) for email in ("a@x.example", "b@x.example"))
    Account.objects.filter(pk=ann.account.pk).update(uuid=uuid(5))
    imported_factors.import_factors(job, [factor(2, 5)])
    ended = Session.objects.get(pk=ann.session.pk)
    assert (ended.ended_at, ended.end_reason) == (NOON, "factor_imported")
    assert Session.objects.get(pk=bob.session.pk).ended_at is None


def test_run_again_it_is_there_and_each_is_in_it_once(job: Import, told: Told) -> None:
    rows = [factor(2, 1), factor(2, 1), factor(2, 2), factor(3, 9)]
    imported_factors.import_factors(job, rows)
    assert result(job) == (1, 1, 1, GONE)
    assert told == [(2, str(uuid(202)), "is a factor of another account")]
    imported_factors.import_factors(job, [factor(2, 1)])
    assert result(job) == (1, 2, 1, GONE)


def test_names_are_made_to_differ_and_the_eleventh_is_refused(job: Import, told: Told) -> None:
    long = "x" * 100
    rows = [factor(n, 1, friendly_name=long if n < 4 else "Phone") for n in range(2, 13)]
    imported_factors.import_factors(job, [*rows, factor(13, 2)])
    assert result(job) == (11, 0, 1, {})
    assert told == [(12, str(uuid(212)), "is one more than the 10 factors an account can have")]
    names = TotpFactor.objects.filter(account=account(1)).order_by("uuid")
    assert list(names.values_list("name", flat=True)) == [
        "x" * 64,
        "x" * 61 + " 2",
        *("Phone", "Phone 2", "Phone 3", "Phone 4", "Phone 5", "Phone 6", "Phone 7", "Phone 8"),
    ]


def test_each_batch_commits_at_once(job: Import) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        imported_factors.import_factors(job, [factor(2, 1)])
    with pytest.raises(RuntimeError), transaction.atomic():
        importing.import_identities(job, [identity(2, 1)])


def test_accounts_are_held_while_they_gain_a_factor(
    job: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    monkeypatch.setattr(type(Account.objects), "hold", lambda self, key: held.append(key))
    imported_factors.import_factors(job, [factor(2, 2)])
    assert held == [account(2).pk]
