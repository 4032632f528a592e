"""Codes and links that are refused, below HTTP: with which words, and what is written down."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from lingauth.core.errors import AccountBanned, DomainError, TooManyAttempts, ValidationFailed
from lingauth.models import Account, Backend, GuessLimit, MailToken, Session
from lingauth.services import mail_tokens, redemption
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Minted, Purpose
from tests.support import acts
from tests.support.noon import after
from tests.support.pending import guess_key, member, mint, strict_backend
from tests.support.redeeming import BY_CODE, BY_LINK, by_code, by_link, refusal, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def backend(noon: object) -> Backend:
    return strict_backend()


@pytest.fixture
def ann(backend: Backend) -> Account:
    return member(backend)


@pytest.fixture
def letter(ann: Account) -> Minted:
    """A link and a code to sign in with."""
    return mint(ann, Purpose.MAGICLINK)


def test_a_wrong_code_is_refused_and_counts_for_the_address(
    backend: Backend, ann: Account, letter: Minted
) -> None:
    for email, owner in (("ann@example.com", ann), ("nobody@example.com", None)):
        with pytest.raises(DomainError) as wrong:
            by_code(backend, "wrong", email=email)
        assert told(wrong.value) == ("otp_expired", 403, BY_CODE, None)
        assert acts.written()[-1] == refusal(backend, "wrong_code")
        counter = GuessLimit.objects.get(key=guess_key(backend, "mail_code", email))
        assert (counter.failures, counter.account, counter.kind) == (1, owner, "mail_code")


def test_ten_wrong_codes_lock_the_address(backend: Backend, letter: Minted) -> None:
    for _ in range(10):
        with pytest.raises(DomainError, match=BY_CODE):
            by_code(backend, "wrong")
    with pytest.raises(TooManyAttempts) as locked:
        by_code(backend, letter.code)
    assert (locked.value.code, locked.value.retry_after) == ("over_request_rate_limit", 900)
    assert acts.written()[-1] == refusal(backend, "locked")


def test_a_code_to_an_address_that_was_left_is_wrong_and_tells_whose_it_was(
    backend: Backend, ann: Account, letter: Minted
) -> None:
    Account.objects.filter(pk=ann.pk).update(email_key="new@example.com")
    with pytest.raises(DomainError, match=BY_CODE):
        by_code(backend, letter.code)
    assert acts.written()[-1] == refusal(backend, "wrong_code", ann)
    assert redemption.peek(backend=backend, token=letter.link) is None
    with pytest.raises(DomainError, match=BY_LINK):
        by_link(backend, letter.link)
    assert MailToken.objects.get().used_at is None


@pytest.mark.parametrize("way", [by_code, by_link])
def test_two_at_once_are_one_and_one_refused(
    backend: Backend, letter: Minted, way: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other finds the token unspent, and spends it second."""
    found = MailToken.objects.select_related("account__user", "flow").get()
    way(backend, letter.code if way is by_code else letter.link)
    for finder in ("by_code", "by_link"):
        monkeypatch.setattr(mail_tokens, finder, lambda **_: found)
    with pytest.raises(DomainError) as second:
        way(backend, letter.code if way is by_code else letter.link)
    words = BY_CODE if way is by_code else BY_LINK
    assert told(second.value) == ("otp_expired", 403, words, None)
    assert Session.objects.count() == 1


@pytest.mark.parametrize("way", [by_code, by_link])
def test_who_is_banned_is_told_and_spends_nothing(
    backend: Backend, ann: Account, letter: Minted, way: Any, noon: time_machine.Traveller
) -> None:
    Account.objects.update(banned_until=after(60))
    token = letter.code if way is by_code else letter.link
    noon.move_to(after(59))
    with pytest.raises(AccountBanned):
        way(backend, token)
    assert MailToken.objects.get().used_at is None
    noon.move_to(after(60))
    assert isinstance(way(backend, token), Grant)


def test_a_link_serves_its_own_purpose_only(backend: Backend, letter: Minted) -> None:
    with pytest.raises(DomainError) as wrong:
        by_link(backend, letter.link, "recovery")
    assert told(wrong.value) == ("otp_expired", 403, BY_LINK, None)
    assert acts.written()[-1] == refusal(backend, "unknown_link")


@pytest.mark.parametrize("way", [by_code, by_link])
@pytest.mark.parametrize("type", ["", None, 5, [], "reauthentication", "Email"])
def test_a_word_that_is_no_type(backend: Backend, letter: Minted, way: Any, type: object) -> None:
    with pytest.raises(ValidationFailed) as refused:
        way(backend, letter.code if way is by_code else letter.link, type)
    message = "Verify requires a verification type"
    assert told(refused.value) == ("validation_failed", 400, message, None)


@pytest.mark.parametrize("type", ["sms", "phone_change"])
def test_there_are_no_phones_here(backend: Backend, type: str) -> None:
    with pytest.raises(DomainError) as refused:
        by_link(backend, "token", type)
    message = "Phone logins are disabled"
    assert told(refused.value) == ("phone_provider_disabled", 400, message, None)


@pytest.mark.parametrize("code", ["", None, 123456])
def test_what_is_no_code_counts_nowhere(backend: Backend, letter: Minted, code: object) -> None:
    with pytest.raises(ValidationFailed) as refused:
        by_code(backend, code)
    message = "Verify requires either a token or a token hash"
    assert told(refused.value) == ("validation_failed", 400, message, None)
    assert not GuessLimit.objects.exists()
