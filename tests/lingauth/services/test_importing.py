"""Bringing accounts: every column of what is made of a row, and what becomes of the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from lingauth.core.errors import Conflict
from lingauth.models import Account, Identity
from lingauth.services import importing, old_hashes, users
from lingauth.services.backends import NewBackend
from lingauth.services.imported_rows import LeftOut, Row
from lingauth.services.importing import Import
from tests.support import acts
from tests.support.acts import ANN as OPERATOR
from tests.support.hashes import BCRYPT
from tests.support.imports import DAY, Told, event, user, uuid
from tests.support.noon import NOON
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def job(made: NewBackend, noon: time_machine.Traveller, told: Told) -> Import:
    return Import(made.backend, OPERATOR, refuse=told)


def bring(job: Import, *rows: Row, **more: bool) -> tuple[int, int, int, dict[str, int]]:
    importing.import_users(job, rows, **more)
    return job.taken, job.existing, job.refused, dict(job.left_out)


WHOLE = {
    "email": "Ann@Example.com",
    "encrypted_password": BCRYPT.hash,
    "raw_app_meta_data": {"provider": "email", "providers": ["email"], "plan": "pro"},
    "raw_user_meta_data": {"name": "Ann"},
    "created_at": "2024-05-01 06:07:08+00",
    "updated_at": "2024-05-02 06:07:08+00",
    "email_confirmed_at": "2024-05-03 06:07:08+00",
    "invited_at": "2024-05-04 06:07:08+00",
    "last_sign_in_at": "2024-05-05 06:07:08+00",
    "banned_until": "2024-05-06 06:07:08+00",
}


def test_an_account_is_as_it_was(job: Import) -> None:
    assert bring(job, user(1, **WHOLE)) == (1, 0, 0, {})
    account = Account.objects.select_related("user").get()
    row = Account.objects.values().get()
    assert row == {
        "id": account.pk,
        "uuid": uuid(1),
        "backend_id": job.backend.pk,
        "user_id": account.user_id,
        "adopted": False,
        "email": "Ann@Example.com",
        "email_key": "ann@example.com",
        "email_confirmed_at": DAY[3],
        "auto_confirmed": False,
        "confirmation_sent_at": None,
        "recovery_sent_at": None,
        "reauthentication_sent_at": None,
        "invited_at": DAY[4],
        "new_email": "",
        "email_change_sent_at": None,
        "is_anonymous": False,
        "banned_until": DAY[6],
        "deleted_at": None,
        "mfa_enrolled_at": None,
        "last_sign_in_at": DAY[5],
        "password_changed_at": None,
        "user_metadata": {"name": "Ann"},
        "app_metadata": {"provider": "email", "providers": ["email"], "plan": "pro"},
        "created_at": DAY[1],
        "updated_at": DAY[2],
    }
    assert account.user.username == str(uuid(1))
    assert account.user.email == "Ann@Example.com"
    assert account.user.check_password(BCRYPT.password)
    identity = Identity.objects.get()
    assert (identity.backend, identity.account, identity.provider) == (
        job.backend,
        account,
        "email",
    )
    assert (identity.subject, identity.data["email"]) == (str(uuid(1)), "Ann@Example.com")
    assert (identity.created_at, identity.updated_at) == (DAY[1], DAY[1])
    assert acts.written()[-1] == event(job, "account_imported", account)


def test_what_says_no_time_came_now(job: Import) -> None:
    bring(job, user(1))
    account = Account.objects.get()
    assert (account.created_at, account.updated_at) == (NOON, NOON)
    assert account.email_confirmed_at is None


@pytest.mark.parametrize(
    ("auto", "confirmed", "is_auto"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_who_was_confirmed_without_a_mail_is_known_to_be(
    job: Import, auto: bool, confirmed: bool, is_auto: bool
) -> None:
    at = {"email_confirmed_at": "2024-05-03 06:07:08+00"} if confirmed else {}
    bring(job, user(1, **at), auto_confirmed=auto)
    assert Account.objects.get().auto_confirmed == is_auto


def test_who_never_gave_an_address_comes_along_if_it_is_asked(job: Import) -> None:
    guest = user(1, email=None, is_anonymous=True)
    assert bring(job, guest) == (0, 0, 0, {"anonymous": 1})
    assert bring(job, guest, anonymous=True) == (1, 0, 0, {"anonymous": 1})
    assert Account.objects.get().is_anonymous
    assert not Identity.objects.exists()


def test_who_only_comes_by_a_provider_has_no_identity_of_the_address(job: Import) -> None:
    bring(job, user(1, raw_app_meta_data={"provider": "google", "providers": ["google"]}))
    assert not Identity.objects.exists()


def test_the_old_hashes_are_noted(job: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[Any] = []
    monkeypatch.setattr(old_hashes, "note", lambda *given: noted.append(given))
    bring(job, user(1, encrypted_password=BCRYPT.hash), user(2))
    [(backend, hashes)] = noted
    assert (backend, len(hashes)) == (job.backend, 1)


def test_run_again_it_leaves_what_is_there(job: Import) -> None:
    bring(job, user(1))
    Account.objects.update(email="else@example.com")
    assert bring(job, user(1), user(2)) == (2, 1, 0, {})
    assert bring(job, user(1), user(2), user(3)) == (3, 3, 0, {})
    assert Account.objects.get(uuid=uuid(1)).email == "else@example.com"


def test_each_account_is_in_it_once(job: Import) -> None:
    assert bring(job, user(1), user(1)) == (1, 1, 0, {})


def test_an_address_that_came_earlier_is_another_accounts(job: Import, told: Told) -> None:
    bring(job, user(1), user(2))
    assert bring(job, user(3, email="2@Example.com"), user(4)) == (3, 0, 1, {})
    assert told == [(4, str(uuid(3)), "has the address of another account")]


def test_what_contradicts_is_refused_and_the_others_are_taken(job: Import, told: Told) -> None:
    other = new_backend("other").backend
    importing.import_users(Import(other, OPERATOR, refuse=job.refuse), [user(1), user(4)])
    found = bring(
        job,
        user(1),
        user(2),
        user(3, email="2@Example.com"),
        user(4, id=str(uuid(14))),
        Row(6, {"id": "x"}),
        Row(7, {}, problem="has too few columns"),
    )
    assert found == (2, 0, 4, {})
    assert told == [
        (6, "x", "its id is not a UUID"),
        (7, "without an id", "has too few columns"),
        (2, str(uuid(1)), "is an account of another backend"),
        (4, str(uuid(3)), "has the address of another account"),
    ]
    here = Account.objects.filter(backend=job.backend)
    assert set(here.values_list("uuid", flat=True)) == {uuid(2), uuid(14)}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Conflict("Not here."), "is not wanted: Not here"),
        (IntegrityError("x"), "contradicts a row that is there already"),
        (DataError("x"), "has a value that cannot be stored"),
        (ValidationError("x"), "has a value that cannot be stored"),
    ],
)
def test_a_row_that_the_host_refuses_leaves_nothing(
    job: Import, told: Told, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    make = users.make_user

    def refuses(*, account_uuid: UUID, **given: Any) -> Any:
        assert given["backend"] == job.backend
        made = make(account_uuid=account_uuid, **given)
        if account_uuid == uuid(1):
            raise error
        return made

    monkeypatch.setattr(users, "make_user", refuses)
    assert bring(job, user(1), user(2)) == (1, 0, 1, {})
    assert told == [(2, str(uuid(1)), reason)]
    assert Account.objects.get().user.username == str(uuid(2))
    assert type(Account.objects.get().user).objects.count() == 1


def test_any_other_trouble_ends_it(job: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(**given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(users, "make_user", breaks)
    with pytest.raises(ZeroDivisionError):
        bring(job, user(1))
    assert job.taken == 0


def test_rows_are_read_five_hundred_at_a_time(job: Import) -> None:
    seen: list[int] = []
    job.progress = seen.append

    def read(row: Row) -> int:
        if row.line in (7, 8):
            raise LeftOut("of no use")
        return row.line

    found = list(job.batches((Row(n) for n in range(1, 1002)), read))
    assert [len(batch) for batch in found] == [498, 500, 1]
    assert (found[0][:7], found[2]) == ([1, 2, 3, 4, 5, 6, 9], [1001])
    assert (seen, job.rows, dict(job.left_out)) == ([500, 1000, 1001], 1001, {"of no use": 2})


def test_it_commits_at_once_but_for_a_dry_run(job: Import) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        bring(job, user(1))
    job.dry_run = True
    with transaction.atomic():
        assert bring(job, user(1)) == (1, 0, 0, {})
