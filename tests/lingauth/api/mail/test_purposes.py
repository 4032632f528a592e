"""What was mailed for one purpose serves no other (EM-02)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lingauth.models import Account, Backend, MailToken
from lingauth.services import mail_tokens
from lingauth.services.mail_tokens import Minted, Purpose
from lingauth.services.redemption import TYPES
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import ANN, BOB, post, setting
from tests.support.app import PASSWORD, App

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ACCEPTED = {
    Purpose.SIGNUP: {"signup", "magiclink", "email"},
    Purpose.INVITE: {"invite", "email"},
    Purpose.MAGICLINK: {"magiclink", "email"},
    Purpose.RECOVERY: {"recovery"},
    Purpose.EMAIL_CHANGE_CURRENT: {"email_change"},
    Purpose.EMAIL_CHANGE_NEW: {"email_change"},
    Purpose.REAUTHENTICATION: set(),
}
WAYS: dict[str, Callable[[Minted], dict[str, str]]] = {
    "code": lambda minted: {"email": minted.row.email_key, "token": minted.code},
    "link": lambda minted: {"token_hash": minted.link},
}


def mint(backend: Backend, purpose: MailToken.Purpose) -> Minted:
    account = Account.objects.select_related("user", "backend").get()
    email = ANN
    if purpose is Purpose.EMAIL_CHANGE_NEW:
        Account.objects.update(new_email=BOB)
        email = BOB
    return mail_tokens.mint(account=account, purpose=purpose, email=email)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("purpose", Purpose)
def test_only_the_types_it_was_mailed_for_take_it(
    member: App, backend: Backend, purpose: MailToken.Purpose, way: str
) -> None:
    minted = mint(backend, purpose)
    for type in TYPES.keys() - ACCEPTED[purpose]:
        contract.refused(post(member, "verify", type=type, **WAYS[way](minted)), 403, "otp_expired")
    assert MailToken.objects.get().used_at is None
    for type in ACCEPTED[purpose]:
        answer = post(member, "verify", type=type, **WAYS[way](mint(backend, purpose)))
        assert answer.status_code == 200, answer.content


def test_the_list_of_purposes_is_the_whole() -> None:
    assert set(ACCEPTED) == set(Purpose)
    assert {"sms", "phone_change"}.isdisjoint(TYPES)


@pytest.mark.parametrize("purpose", [p for p in Purpose if p is not Purpose.REAUTHENTICATION])
def test_no_code_but_its_own_is_a_nonce(
    member: App, backend: Backend, purpose: MailToken.Purpose
) -> None:
    code = mint(backend, purpose).code
    body = {"password": "another battery staple", "nonce": code}
    contract.refused(member.auth("PUT", "user", body), 422, "reauthentication_not_valid")


def test_a_code_belongs_to_the_address_it_was_mailed_to(member: App, backend: Backend) -> None:
    code = mint(backend, Purpose.MAGICLINK).code
    setting(auto_confirm=True)
    App(member.ref, member.anon_key).sign_up(BOB, PASSWORD)
    answer = post(member, "verify", type="magiclink", email=BOB, token=code)
    contract.refused(answer, 403, "otp_expired")


@pytest.mark.parametrize("purpose", [Purpose.MAGICLINK, Purpose.RECOVERY, Purpose.SIGNUP])
def test_after_the_address_changed_the_old_ones_mail_is_void(
    member: App, backend: Backend, purpose: MailToken.Purpose
) -> None:
    """The row's address at redemption is judged, not only the token's (EM-09)."""
    minted = mint(backend, purpose)
    Account.objects.update(email=BOB, email_key=BOB)
    for way in WAYS.values():
        answer = post(member, "verify", type=purpose.value, **way(minted))
        contract.refused(answer, 403, "otp_expired")


def test_a_mail_to_another_new_address_than_the_one_awaited_is_void(
    member: App, backend: Backend
) -> None:
    """Written a moment after the change was made another one."""
    minted = mint(backend, Purpose.EMAIL_CHANGE_NEW)
    Account.objects.update(new_email="else@example.com")
    for way in WAYS.values():
        answer = post(member, "verify", type="email_change", **way(minted))
        contract.refused(answer, 403, "otp_expired")
    assert MailToken.objects.get().used_at is None


def test_nothing_mailed_is_stored_as_it_was_mailed(member: App, backend: Backend) -> None:
    minted = mint(backend, Purpose.MAGICLINK)
    row = str(MailToken.objects.values().get())
    assert minted.code not in row
    assert minted.link not in row
    assert len(minted.link) >= 43


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"type": "magiclink"}, 400, "validation_failed"),
        ({"email": ANN, "token": "123456"}, 400, "validation_failed"),
        ({"type": "nothing", "email": ANN, "token": "123456"}, 400, "validation_failed"),
        ({"type": "magiclink", "token": "123456"}, 400, "validation_failed"),
        ({"type": "magiclink", "email": ANN, "token_hash": "x"}, 400, "validation_failed"),
        ({"type": "magiclink", "token": "1", "token_hash": "x"}, 400, "validation_failed"),
        ({"type": "sms", "phone": "+491511", "token": "1"}, 400, "phone_provider_disabled"),
        ({"type": "magiclink", "token_hash": "x" * 5000}, 403, "otp_expired"),
        ({"type": "email", "token_hash": "x", "options": {}, "factor_id": 1}, 403, "otp_expired"),
    ],
)
def test_what_cannot_be_redeemed(app: App, body: dict[str, Any], status: int, code: str) -> None:
    contract.refused(post(app, "verify", **body), status, code)
