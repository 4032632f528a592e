"""Signing up, below HTTP: the rows and mails of a free address and of a taken one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core import mail

from lingauth.core.errors import (
    AccountExists,
    DomainError,
    SignupDisabled,
    ValidationFailed,
    WeakPassword,
)
from lingauth.core.pkce import Pkce, s256
from lingauth.models import Account, Backend, Flow, Identity, MailToken, RateLimit, Session
from lingauth.services import accounts, grants, mail_asks
from lingauth.services.accounts import PendingConfirmation
from lingauth.services.context import Actor
from lingauth.services.grants import Grant
from tests.support import acts
from tests.support.events import CLIENT
from tests.support.mailbox import newest
from tests.support.noon import NOON, after
from tests.support.pending import VERIFIER, strict_backend
from tests.support.people import new_backend

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HERS = "correct horse battery"
EMAIL = "Ann@Example.com"


@pytest.fixture
def quick(noon: object) -> Backend:
    """It confirms addresses by itself."""
    return new_backend().backend


@pytest.fixture
def strict(noon: object) -> Backend:
    backend = strict_backend("bravo")
    backend.mail_cooldown = 0
    backend.save()
    return backend


def sign_up(backend: Backend, email: object = EMAIL, password: object = HERS, **more: Any) -> Any:
    return accounts.sign_up(backend=backend, email=email, password=password, client=CLIENT, **more)


def stored() -> dict[str, Any]:
    return dict(Account.objects.values().get())


def about(account: Account, confirmed: bool) -> dict[str, Any]:
    """What the identity says, and the account's metadata."""
    return {
        "sub": str(account.uuid),
        "email": EMAIL,
        "email_verified": confirmed,
        "phone_verified": False,
    }


def event(backend: Backend, account: Account, kind: str, **data: Any) -> dict[str, Any]:
    actor = Actor("account", str(account.uuid))
    return acts.event(kind, backend=backend, actor=actor, account=account, **data)


def test_where_addresses_are_confirmed_by_themselves_it_signs_in(
    quick: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(grants, "identities_of")  # who was made just now is not read again
    granted = sign_up(quick, data={"lang": "en", "nothing": None})
    assert isinstance(granted, Grant)
    account, session = Account.objects.get(), Session.objects.get()
    assert list(granted.profile.identities) == [Identity.objects.get()]
    assert granted.session == session
    assert (session.created_at, session.ip, session.user_agent) == (NOON, "192.0.2.7", "tests")
    assert session.methods == [{"method": "password", "timestamp": int(NOON.timestamp())}]
    row = stored()
    assert (row["backend_id"], row["email"], row["email_key"]) == (
        quick.pk,
        EMAIL,
        "ann@example.com",
    )
    assert (row["email_confirmed_at"], row["confirmation_sent_at"]) == (NOON, None)
    assert (row["auto_confirmed"], row["last_sign_in_at"]) == (True, NOON)
    assert row["user_metadata"] == {"lang": "en", **about(account, True)}
    assert check_password(HERS, account.user.password)
    assert acts.written()[-2:] == [
        event(quick, account, "signed_up"),
        event(quick, account, "signed_in", method="password") | {"session_id": session.pk},
    ]
    assert mail.outbox == []


def test_there_a_taken_address_is_told(quick: Backend) -> None:
    sign_up(quick)
    before, events = stored(), acts.written()
    with pytest.raises(AccountExists):
        sign_up(quick, "ann@example.com", "another battery staple")
    assert (stored(), acts.written()) == (before, events)
    assert get_user_model()._default_manager.count() == 1
    assert isinstance(sign_up(new_backend("delta").backend), Grant)


def test_elsewhere_it_waits_for_its_mail(strict: Backend) -> None:
    pending = sign_up(strict, data={"lang": "en"}, redirect_to="https://app.example.com/in")
    account, identity = Account.objects.get(), Identity.objects.get()
    assert pending == PendingConfirmation(account, (identity,))
    row = stored()
    assert (row["email_confirmed_at"], row["confirmation_sent_at"]) == (None, NOON)
    assert (row["auto_confirmed"], row["last_sign_in_at"]) == (False, None)
    assert row["user_metadata"] == {"lang": "en", **about(account, False)}
    assert identity.data == about(account, False)
    assert check_password(HERS, account.user.password)
    letter = newest(EMAIL)
    assert letter.subject == "Confirm your e-mail address for Bravo"
    assert (letter.query["type"], letter.query["redirect_to"]) == (
        "signup",
        "https://app.example.com/in",
    )
    token = MailToken.objects.get()
    assert (token.purpose, token.account, token.password) == ("signup", account, "")
    assert (token.flow, Flow.objects.count()) == (None, 0)
    assert acts.written()[-2:] == [
        event(strict, account, "signed_up"),
        event(strict, account, "mail_sent", purpose="signup"),
    ]
    assert not Session.objects.exists()


def test_its_mail_leads_back_to_the_flow_that_asked(strict: Backend) -> None:
    sign_up(strict, pkce=Pkce(s256(VERIFIER), "s256"), redirect_to="https://app.example.com/in")
    flow = Flow.objects.get()
    assert (flow.challenge, flow.challenge_method) == (s256(VERIFIER), "s256")
    assert (flow.redirect_to, flow.expires_at) == (
        "https://app.example.com/in",
        after(24 * 3600),
    )
    assert MailToken.objects.get().flow == flow
    assert "redirect_to" in newest(EMAIL).query
    sign_up(strict, "bob@example.com")
    assert "redirect_to" not in newest("bob@example.com").query


def test_there_a_taken_address_is_not_told_but_written_to(strict: Backend) -> None:
    sign_up(strict)
    Account.objects.update(email_confirmed_at=NOON)
    before, events = stored(), acts.written()
    pending = sign_up(strict, "Ann@example.COM", "another battery staple", data={"lang": "de"})
    assert (stored(), acts.written()) == (before, events)
    shown = pending.account
    assert shown._state.adding
    assert shown.uuid != before["uuid"]
    assert (shown.backend, shown.email, shown.email_key) == (
        strict,
        "Ann@example.COM",
        "ann@example.com",
    )
    assert (shown.email_confirmed_at, shown.confirmation_sent_at) == (None, NOON)
    assert shown.auto_confirmed is False
    told = about(shown, False) | {"email": "Ann@example.COM"}
    assert shown.user_metadata == {"lang": "de", **told}
    (identity,) = pending.identities
    assert identity._state.adding
    assert (identity.account, identity.provider, identity.data) == (shown, "email", told)
    assert [(letter.to, str(letter.subject)) for letter in mail.outbox[1:]] == [
        ([EMAIL], "You already have an account at Bravo")
    ]
    assert check_password(HERS, get_user_model()._default_manager.get().password)


@pytest.mark.parametrize(("password", "kept"), [(HERS, True), ("another battery staple", False)])
def test_of_two_that_wait_only_the_same_password_is_kept(
    strict: Backend, password: str, kept: bool
) -> None:
    sign_up(strict)
    sign_up(strict, password=password)
    stored_hash = get_user_model()._default_manager.get().password
    assert check_password(HERS, stored_hash) is kept
    assert not check_password("another battery staple", stored_hash)
    token = MailToken.objects.get()
    assert token.password == ("" if kept else stored_hash)


def test_the_job_is_told_whose_account_it_is_if_it_is_a_new_one(
    strict: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(mail_asks, "queue", lambda **all: told.append(all["signed_up"]))
    sign_up(strict)
    sign_up(strict)
    assert told == [str(Account.objects.get().uuid), ""]


def test_a_mail_is_paid_for_before_anything_is_made(strict: Backend) -> None:
    Backend.objects.update(mail_cooldown=60)
    strict.refresh_from_db()
    sign_up(strict)
    with pytest.raises(DomainError) as refused:
        sign_up(strict, "ann@example.com")
    assert (refused.value.code, refused.value.status) == ("over_email_send_rate_limit", 429)
    assert refused.value.retry_after == 60
    assert RateLimit.objects.count() == 3  # of the network, the address and the backend
    assert len(mail.outbox) == 1


def test_where_nobody_may_sign_up_nobody_does(strict: Backend, quick: Backend) -> None:
    for backend in (strict, quick):
        backend.signup_enabled = False
        with pytest.raises(SignupDisabled):
            sign_up(backend)
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"email": "ann"}, ValidationFailed),
        ({"email": None}, ValidationFailed),
        ({"password": None}, ValidationFailed),
        ({"password": ""}, ValidationFailed),
        ({"password": "seven77"}, WeakPassword),
        ({"password": "ANN@example.com"}, WeakPassword),
        ({"data": ["no object"]}, ValidationFailed),
        ({"data": {"a": "x" * 16_384}}, ValidationFailed),
    ],
)
def test_what_is_refused_costs_no_mail(
    strict: Backend, values: dict[str, object], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        sign_up(strict, **values)
    assert not Account.objects.exists()
    assert not RateLimit.objects.exists()
