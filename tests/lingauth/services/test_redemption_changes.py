"""Redeeming what was mailed for a change of address, below HTTP."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from lingauth.core.errors import DomainError
from lingauth.models import Account, Backend, MailToken, Session
from lingauth.services import mail_tokens, redemption
from lingauth.services.context import Actor
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Minted, Purpose
from lingauth.services.redemption import CodeIssued, HalfChanged
from tests.support import acts
from tests.support.events import CLIENT
from tests.support.noon import NOON, after
from tests.support.pending import flow_of, member, mint, strict_backend

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HALF = "Confirmation link accepted. Please proceed to confirm link sent to the other email"


@pytest.fixture
def backend(noon: object) -> Backend:
    return strict_backend()


@pytest.fixture
def ann(backend: Backend) -> Account:
    """Somebody who wants another address."""
    account = member(backend, "ann@example.com")
    Account.objects.filter(pk=account.pk).update(new_email="New@example.com")
    account.refresh_from_db()
    return account


def letters(account: Account, **more: Any) -> tuple[Minted, Minted]:
    """To the present address, and to the new one."""
    return (
        mint(account, Purpose.EMAIL_CHANGE_CURRENT, **more),
        mint(account, Purpose.EMAIL_CHANGE_NEW, to="New@example.com", **more),
    )


def use(backend: Backend, made: Minted, way: str = "link") -> Any:
    if way == "code":
        return redemption.with_code(
            backend=backend,
            type="email_change",
            email=made.row.email_key,
            code=made.code,
            client=CLIENT,
        )
    return redemption.with_link(
        backend=backend, type="email_change", token=made.link, client=CLIENT
    )


@pytest.mark.parametrize("way", ["code", "link"])
@pytest.mark.parametrize("new_first", [True, False])
def test_both_addresses_have_to_agree(
    backend: Backend, ann: Account, way: str, new_first: bool
) -> None:
    current, new = letters(ann)
    first, last = (new, current) if new_first else (current, new)
    half = use(backend, first, way)
    assert half == HalfChanged(ann)
    assert half.message == HALF
    assert MailToken.objects.get(pk=first.row.pk).used_at == NOON
    assert Account.objects.get().email == "ann@example.com"
    assert mail.outbox == []
    granted = use(backend, last, way)
    assert isinstance(granted, Grant)
    account = Account.objects.get()
    assert (account.email, account.email_key) == ("New@example.com", "new@example.com")
    session = Session.objects.get()
    assert granted.session == session
    assert session.methods == [{"method": "otp", "timestamp": int(NOON.timestamp())}]
    assert session.created_at == NOON
    actor = Actor("account", str(ann.uuid))
    about = partial(acts.event, backend=backend, actor=actor, account=ann)
    assert acts.written()[-2:] == [
        about("email_changed"),
        about("signed_in", method="otp") | {"session_id": session.pk},
    ]
    assert [(letter.to, str(letter.subject)) for letter in mail.outbox] == [
        (["ann@example.com"], "The address of your Acme account was changed")
    ]


def test_one_is_enough_where_the_backend_says_so(backend: Backend, ann: Account) -> None:
    backend.secure_email_change = False
    backend.save()
    assert isinstance(use(backend, letters(ann)[1]), Grant)


def test_in_a_flow_the_second_leads_to_the_flows_code(backend: Backend, ann: Account) -> None:
    flow = flow_of(backend)
    current, new = letters(ann, flow=flow)
    assert use(backend, current) == HalfChanged(ann)
    flow.refresh_from_db()
    assert flow.method == ""
    issued = use(backend, new)
    assert isinstance(issued, CodeIssued)
    assert issued.flow == flow
    assert len(issued.code) == 36
    flow.refresh_from_db()
    assert (flow.method, flow.account) == ("email_change", ann)
    assert flow.code_expires_at == after(60)
    assert not Session.objects.exists()


@pytest.mark.parametrize("way", ["code", "link"])
def test_a_change_that_was_let_go_or_goes_elsewhere_takes_none(
    backend: Backend, ann: Account, way: str
) -> None:
    _, new = letters(ann)
    for awaited in ("", "other@example.com"):
        Account.objects.update(new_email=awaited)
        with pytest.raises(DomainError) as refused:
            use(backend, new, way)
        assert (refused.value.code, refused.value.status) == ("otp_expired", 403)
    assert not MailToken.objects.exclude(used_at=None).exists()


def test_nothing_is_agreed_to_in_a_transaction_of_the_callers(
    backend: Backend, ann: Account
) -> None:
    current, _ = letters(ann)
    with transaction.atomic(), pytest.raises(RuntimeError):
        use(backend, current)
    assert not MailToken.objects.exclude(used_at=None).exists()


@pytest.mark.parametrize(("way", "words"), [("code", "Token has"), ("link", "Email link is")])
def test_of_two_at_once_one_is_refused(
    backend: Backend, ann: Account, way: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    current, _ = letters(ann)
    found = MailToken.objects.select_related("account__user", "flow").get(pk=current.row.pk)
    use(backend, current, way)
    for finder in ("by_code", "by_link"):
        monkeypatch.setattr(mail_tokens, finder, lambda **_: found)
    with pytest.raises(DomainError, match=words) as second:
        use(backend, current, way)
    assert (second.value.code, second.value.status) == ("otp_expired", 403)
