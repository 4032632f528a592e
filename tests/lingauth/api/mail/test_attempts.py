"""Guesses at mailed codes: five for a code, ten for an address, whatever is mailed meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingauth.models import MailToken
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import ANN, BOB, ask, by_code, by_link, post
from tests.lingauth.api.people import frozen
from tests.support.app import App
from tests.support.mailbox import Letter, other_than

pytestmark = pytest.mark.django_db


def guess(app: App, letter: Letter, times: int, type: str = "recovery") -> None:
    """Wrong guesses, each of which is looked at."""
    for _ in range(times):
        answer = by_code(app, type, letter, other_than(letter.code))
        contract.refused(answer, 403, "otp_expired")


def test_the_fifth_guess_at_a_code_is_the_last(member: App) -> None:
    letter = ask(member, "recover")
    guess(member, letter, 4)
    contract.session(by_code(member, "recovery", letter))
    letter = ask(member, "recover")
    guess(member, letter, 5)
    contract.refused(by_code(member, "recovery", letter), 403, "otp_expired")
    contract.session(by_link(member, "recovery", letter))


def test_a_guess_counts_for_every_code_it_could_have_been(member: App) -> None:
    """``email`` stands for several; guessing by it must not be cheaper than one by one."""
    signing_in = ask(member, "otp")
    guess(member, signing_in, 5, "email")
    assert MailToken.objects.get().attempts == 5
    contract.refused(by_code(member, "magiclink", signing_in), 403, "otp_expired")


def test_ten_in_a_row_lock_the_address_and_a_new_mail_does_not_help(member: App) -> None:
    with frozen() as moved:
        guess(member, ask(member, "recover"), 5)
        guess(member, ask(member, "recover"), 5)
        letter = ask(member, "recover")
        contract.refused(by_code(member, "recovery", letter), 429, "over_request_rate_limit")
        moved.shift(timedelta(minutes=15) - timedelta(seconds=1))
        letter = ask(member, "recover")
        contract.refused(by_code(member, "recovery", letter), 429, "over_request_rate_limit")
        moved.shift(timedelta(seconds=1))
        contract.session(by_code(member, "recovery", letter))


def test_other_kinds_of_code_share_the_lock(member: App) -> None:
    guess(member, ask(member, "recover"), 5)
    guess(member, ask(member, "otp"), 5, "magiclink")
    assert member.auth("GET", "reauthenticate").status_code == 200
    body = {"password": "another battery staple", "nonce": "000000"}
    contract.refused(member.auth("PUT", "user", body), 429, "over_request_rate_limit")


def test_a_link_still_works_then_and_opens_the_lock(member: App) -> None:
    guess(member, ask(member, "recover"), 5)
    guess(member, ask(member, "recover"), 5)
    contract.session(by_link(member, "recovery", ask(member, "recover")))
    contract.session(by_code(member, "recovery", ask(member, "recover")))


def test_a_right_code_lets_the_count_begin_again(member: App) -> None:
    for _ in range(3):
        letter = ask(member, "recover")
        guess(member, letter, 4)
        contract.session(by_code(member, "recovery", letter))


def test_an_address_that_nobody_has_is_locked_in_the_same_way(app: App) -> None:
    body = {"type": "email", "email": BOB, "token": "123456"}
    for _ in range(10):
        contract.refused(post(app, "verify", **body), 403, "otp_expired")
    contract.refused(post(app, "verify", **body), 429, "over_request_rate_limit")


def test_the_lock_of_one_address_is_not_that_of_another(member: App, app: App) -> None:
    body = {"type": "email", "email": BOB, "token": "123456"}
    for _ in range(11):
        post(app, "verify", **body)
    contract.session(by_code(member, "recovery", ask(member, "recover")))


def test_signing_in_does_not_lower_the_count(member: App) -> None:
    guess(member, ask(member, "recover"), 5)
    member.sign_in()
    guess(member, ask(member, "recover"), 5)
    body = {"type": "recovery", "email": ANN, "token": "000000"}
    contract.refused(post(member, "verify", **body), 429, "over_request_rate_limit")
