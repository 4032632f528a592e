"""Redeeming a code or a link, below HTTP: what each writes."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import transaction

from lingauth.core.errors import DomainError
from lingauth.models import Account, Backend, GuessLimit, MailToken, Session
from lingauth.models.account import AccountQuerySet
from lingauth.models.mail_token import MailTokenQuerySet
from lingauth.services import redemption
from lingauth.services.context import Actor
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Minted, Purpose
from lingauth.services.redemption import CodeIssued
from tests.support import acts
from tests.support.noon import NOON, after
from tests.support.pending import flow_of, guess_key, member, mint, strict_backend, waiting
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


def signed_in(backend: Backend, account: Account, granted: Grant) -> None:
    """A session by mail, begun just now, at ``aal1``, and written down."""
    session = Session.objects.get()
    now = session.created_at
    assert granted.session == session
    assert granted.session.account is granted.account
    assert (granted.backend, granted.account.backend) == (backend, backend)
    assert granted.account.backend is backend
    assert session.methods == [{"method": "otp", "timestamp": int(now.timestamp())}]
    assert (session.verified_at, session.ip, session.user_agent) == (None, "192.0.2.7", "tests")
    event = acts.event(
        "signed_in",
        backend=backend,
        actor=Actor("account", str(account.uuid)),
        account=account,
        method="otp",
    )
    assert acts.written()[-1] == event | {"session_id": session.pk}


@pytest.mark.parametrize("way", ["code", "link", "link of a flow"])
def test_it_signs_in_once(
    backend: Backend, ann: Account, noon: time_machine.Traveller, way: str
) -> None:
    letter = mint(ann, Purpose.MAGICLINK, flow=flow_of(backend) if "flow" in way else None)
    noon.shift(60)
    if way == "code":
        signed_in(backend, ann, by_code(backend, letter.code))
    else:
        signed_in(backend, ann, by_link(backend, letter.link, to_session=True))
    assert MailToken.objects.get().used_at == after(60)
    assert Session.objects.get().created_at == after(60)
    with pytest.raises(DomainError) as spent:
        by_link(backend, letter.link)
    assert told(spent.value) == ("otp_expired", 403, BY_LINK, None)
    assert acts.written()[-1] == refusal(backend, "unknown_link")
    with pytest.raises(DomainError) as spent:
        by_code(backend, letter.code)
    assert told(spent.value) == ("otp_expired", 403, BY_CODE, None)
    assert acts.written()[-1] == refusal(backend, "wrong_code")


@pytest.mark.parametrize("way", [by_code, by_link])
def test_one_of_a_sign_up_confirms_the_address_as_well(backend: Backend, way: Any) -> None:
    account = waiting(backend)
    made = mint(account, Purpose.SIGNUP)
    signed_in(backend, account, way(backend, made.code if way is by_code else made.link, "signup"))
    confirmed = acts.event(
        "email_confirmed",
        backend=backend,
        actor=Actor("account", str(account.uuid)),
        account=account,
    )
    assert acts.written()[-2] == confirmed
    assert Account.objects.get().email_confirmed_at == NOON


@pytest.mark.parametrize(
    ("purpose", "method"),
    [
        (Purpose.SIGNUP, "email/signup"),
        (Purpose.INVITE, "invite"),
        (Purpose.MAGICLINK, "magiclink"),
        (Purpose.RECOVERY, "recovery"),
    ],
)
def test_the_link_of_a_flow_leads_to_the_flows_code(
    backend: Backend, purpose: MailToken.Purpose, method: str
) -> None:
    account, flow = waiting(backend), flow_of(backend)
    issued = by_link(backend, mint(account, purpose, flow=flow).link, purpose.value)
    assert isinstance(issued, CodeIssued)
    assert issued.flow == flow
    flow.refresh_from_db()
    assert (flow.method, flow.account, flow.code_expires_at) == (method, account, after(60))
    assert len(issued.code) == 36
    assert MailToken.objects.get().used_at == NOON
    assert Account.objects.get().email_confirmed_at == NOON
    assert not Session.objects.exists()


def test_nothing_is_spent_in_a_transaction_of_the_callers(backend: Backend, ann: Account) -> None:
    letter = mint(ann, Purpose.MAGICLINK, flow=flow_of(backend))
    with transaction.atomic(), pytest.raises(RuntimeError):
        by_link(backend, letter.link)
    assert MailToken.objects.get().used_at is None


@pytest.mark.parametrize("way", [by_code, by_link])
def test_the_right_one_lets_the_addresss_guesses_begin_again(
    backend: Backend, letter: Minted, way: Any, noon: time_machine.Traveller
) -> None:
    for email in ("ann@example.com", "bob@example.com"):
        with pytest.raises(DomainError):
            by_code(backend, "wrong", email=email)
    noon.shift(60)
    way(backend, letter.code if way is by_code else letter.link)
    anns, bobs = (
        GuessLimit.objects.get(key=guess_key(backend, "mail_code", f"{name}@example.com"))
        for name in ("ann", "bob")
    )
    assert (anns.failures, anns.updated_at) == (0, after(60))
    assert (bobs.failures, bobs.updated_at) == (1, NOON)


def test_the_account_is_held_before_the_token_is_spent(
    backend: Backend, ann: Account, letter: Minted, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    hold, consume = AccountQuerySet.hold, MailTokenQuerySet.consume

    def holding(rows: Any, account_id: int) -> None:
        done.append(("hold", account_id))
        hold(rows, account_id)

    def consuming(rows: Any, token_id: int, **how: Any) -> bool:
        done.append(("consume", token_id))
        return consume(rows, token_id, **how)

    monkeypatch.setattr(AccountQuerySet, "hold", holding)
    monkeypatch.setattr(MailTokenQuerySet, "consume", consuming)
    by_code(backend, letter.code)
    assert done == [("hold", ann.pk), ("consume", letter.row.pk)]


def test_looking_at_a_link_spends_nothing(backend: Backend, letter: Minted) -> None:
    found = redemption.peek(backend=backend, token=letter.link)
    assert found == letter.row
    assert found is not None
    assert found.account.backend is backend
    assert redemption.peek(backend=backend, token="another") is None
    assert redemption.peek(backend=strict_backend("bravo"), token=letter.link) is None
    assert isinstance(by_link(backend, letter.link), Grant)
