"""Codes of mails: which token one is of, how long, and what each guess costs."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import transaction

from lingauth.core.errors import TooManyAttempts
from lingauth.models import Account, Backend, GuessLimit, MailToken
from lingauth.services import mail_tokens
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Minted, Purpose
from tests.support.mailbox import other_than
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db
ANN = "ann@example.com"


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def ann(backend: Backend) -> Account:
    return Person.sign_up(backend, ANN).account


def mint(account: Account, purpose: Purpose = Purpose.RECOVERY, email: str = ANN) -> Minted:
    return mail_tokens.mint(account=account, purpose=purpose, email=email)


def find(backend: Backend, code: object, *purposes: Purpose, **more: Any) -> MailToken | None:
    return mail_tokens.by_code(
        backend=backend,
        email_key=more.pop("email_key", ANN),
        purposes=purposes or [Purpose.RECOVERY],
        code=code,
        **more,
    )


def test_a_code_is_of_its_address_its_purpose_and_its_backend(
    backend: Backend, ann: Account
) -> None:
    made = mint(ann)
    assert find(backend, made.code) == made.row
    assert find(backend, made.code, Purpose.MAGICLINK, Purpose.RECOVERY) == made.row
    assert find(backend, other_than(made.code)) is None
    assert find(backend, made.code, Purpose.MAGICLINK) is None
    assert find(backend, made.code, email_key="bob@example.com") is None
    assert find(new_backend("other").backend, made.code) is None


def test_each_of_two_codes_is_found(backend: Backend, ann: Account) -> None:
    first, second = mint(ann), mint(ann, Purpose.MAGICLINK)
    both = (Purpose.RECOVERY, Purpose.MAGICLINK)
    assert find(backend, first.code, *both) == first.row
    assert find(backend, second.code, *both) == second.row


def test_a_code_lives_for_ten_minutes_though_its_link_does_for_thirty(
    backend: Backend, ann: Account, noon: time_machine.Traveller
) -> None:
    made = mint(ann)
    noon.shift(599)
    assert find(backend, made.code) == made.row
    noon.shift(1)
    assert find(backend, made.code) is None
    assert mail_tokens.by_link(backend=backend, link=made.link) == made.row


def test_a_code_is_looked_at_five_times_the_right_one_too(backend: Backend, ann: Account) -> None:
    made = mint(ann)
    for number in range(1, 5):
        assert find(backend, other_than(made.code)) is None
        assert MailToken.objects.get().attempts == number
    assert find(backend, made.code) == made.row
    assert find(backend, made.code) is None
    assert MailToken.objects.get().attempts == 5


def test_a_guess_counts_for_the_address_whether_there_is_a_code_or_not(
    backend: Backend, ann: Account
) -> None:
    find(backend, "000000")
    row = GuessLimit.objects.exclude(failures=0).get()
    assert (row.account_id, row.failures, row.backend_id) == (None, 1, backend.pk)
    mint(ann)
    find(backend, "")
    row.refresh_from_db()
    assert row.failures == 2


def failing(account: Account) -> list[int]:
    return list(
        GuessLimit.objects.filter(account=account, failures__gt=0).values_list(
            "failures", flat=True
        )
    )


def test_the_counter_is_of_the_account_that_has_the_address(backend: Backend, ann: Account) -> None:
    """Not of whoever asked for that address: they do not have it yet."""
    bob = Person.sign_up(backend, "bob@example.com").account
    mint(ann)
    find(backend, "000000", account=bob)
    assert (failing(ann), failing(bob)) == ([1], [])


def test_for_an_address_that_nobody_has_it_is_of_the_one_who_is_named(
    backend: Backend, ann: Account
) -> None:
    mint(ann, Purpose.EMAIL_CHANGE_NEW, email="new@example.com")
    find(
        backend, "000000", Purpose.EMAIL_CHANGE_NEW, email_key="new@example.com", account=ann
    )  # fmt: skip
    assert failing(ann) == [1]


def test_after_ten_guesses_codes_of_the_address_are_locked_for_a_quarter_of_an_hour(
    backend: Backend, ann: Account, noon: time_machine.Traveller
) -> None:
    for _ in range(10):
        assert find(backend, "000000") is None
    made = mint(ann)
    with pytest.raises(TooManyAttempts) as refused:
        find(backend, made.code)
    error = refused.value
    assert (error.code, error.status, error.retry_after) == ("over_request_rate_limit", 429, 900)
    assert MailToken.objects.get().attempts == 0
    noon.shift(900)
    assert find(backend, mint(ann).code) is not None


@pytest.mark.django_db(transaction=True)
def test_a_guess_in_a_transaction_is_a_mistake(backend: Backend, ann: Account) -> None:
    """Its rollback would give the guess back."""
    mint(ann)
    with pytest.raises(RuntimeError), transaction.atomic():
        find(backend, "000000")
    assert MailToken.objects.get().attempts == 0


def test_a_code_comes_with_its_account_and_its_user(backend: Backend, ann: Account) -> None:
    found = find(backend, mint(ann).code)
    assert found is not None
    assert found.account.user == ann.user


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("048213", "048213"),
        ("048 213", "048213"),
        (" 048-213 ", "048213"),
        ("048213" + 14 * " ", "048213"),
        ("048213" + 15 * " ", ""),
        ("48213", ""),
        ("0482130", ""),
        ("04821x", ""),
        ("048213\n", ""),
        ("048\t213", ""),
        ("04821３", ""),
        ("", ""),
        (None, ""),
        (48213, ""),
        (["048213"], ""),
    ],
)
def test_six_digits_are_read_however_they_are_spaced(typed: object, read: str) -> None:
    assert mail_tokens.plain(typed) == read
