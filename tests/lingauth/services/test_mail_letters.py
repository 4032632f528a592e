"""A letter: what is made for it, what its template is given, and what is written down of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core import mail

from lingauth.models import Account, Backend, Event, Flow, MailToken
from lingauth.services import mail_letters, mail_tokens, mailing
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from lingauth.services.mail_letters import Letter
from lingauth.services.mail_tokens import Minted, Purpose
from tests.support import acts
from tests.support.acts import CLIENT
from tests.support.noon import NOON, after
from tests.support.people import Person

pytestmark = pytest.mark.django_db
ANN = "Ann@example.com"
BACK = "https://app.example.com/back?a=1&b=2"
VERIFY = "http://127.0.0.1:8000/b/acme/auth/v1/verify"


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def ann(backend: Backend) -> Account:
    return Person.sign_up(backend, ANN).account


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is handed over to be written."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(mailing, "write", lambda name, **given: found.append({"": name, **given}))
    return found


@pytest.fixture
def minted(monkeypatch: pytest.MonkeyPatch) -> list[Minted]:
    """The tokens that are made."""
    found: list[Minted] = []
    mint = mail_tokens.mint

    def noted(**given: Any) -> Minted:
        found.append(mint(**given))
        return found[-1]

    monkeypatch.setattr(mail_tokens, "mint", noted)
    return found


@pytest.mark.parametrize(
    ("purpose", "template", "type_", "minutes", "column"),
    [
        (Purpose.SIGNUP, "confirm_signup", "signup", 1440, "confirmation_sent_at"),
        (Purpose.INVITE, "invite", "invite", 1440, None),
        (Purpose.MAGICLINK, "magic_link", "magiclink", 10, "recovery_sent_at"),
        (Purpose.RECOVERY, "recovery", "recovery", 30, "recovery_sent_at"),
        (Purpose.EMAIL_CHANGE_CURRENT, "email_change_current", "email_change", 1440, None),
        (Purpose.EMAIL_CHANGE_NEW, "email_change_new", "email_change", 1440, None),
        (
            Purpose.REAUTHENTICATION,
            "reauthentication",
            "reauthentication",
            10,
            "reauthentication_sent_at",
        ),
    ],
)
def test_what_a_letter_says_and_leaves(
    backend: Backend,
    ann: Account,
    written: list[dict[str, Any]],
    minted: list[Minted],
    noon: time_machine.Traveller,
    purpose: Purpose,
    template: str,
    type_: str,
    minutes: int,
    column: str | None,
) -> None:
    bob = Person.sign_up(backend, "bob@example.com").account
    before = times(ann)
    events = len(acts.written())
    noon.shift(5)
    Letter(backend, ann, CLIENT).send(purpose)
    [made] = minted
    assert written == [
        {
            "": template,
            "backend": backend,
            "to": ANN,
            "context": {
                "account": ann,
                "code": made.code,
                "code_minutes": 10,
                "expires_in_minutes": minutes,
                "action_url": f"{VERIFY}?token={made.link}&type={type_}",
            },
        }
    ]
    assert isinstance(written[0]["context"]["code_minutes"], int)
    assert isinstance(written[0]["context"]["expires_in_minutes"], int)
    row = MailToken.objects.get()
    assert (row.pk, row.account_id, row.purpose) == (made.row.pk, ann.pk, purpose.value)
    assert (row.email_key, row.flow_id, row.password) == ("ann@example.com", None, "")
    assert times(ann) == before | ({column: after(5)} if column else {})
    assert after(5) not in times(bob).values()
    [event] = acts.written()[events:]
    actor = Actor("account", str(ann.uuid))
    assert event == acts.event(
        "mail_sent", backend=backend, actor=actor, account=ann, purpose=purpose.value
    )


def times(account: Account) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = Account.objects.values(
        *("confirmation_sent_at", "recovery_sent_at", "reauthentication_sent_at"),
        *("email_change_sent_at", "invited_at"),
    ).get(pk=account.pk)
    return found


def test_a_letter_goes_where_it_is_told_with_the_flow_and_the_password(
    backend: Backend, ann: Account, written: list[dict[str, Any]], minted: list[Minted]
) -> None:
    flow = Flow.objects.create(backend=backend, provider="email", expires_at=NOON)
    letter = Letter(backend, ann, CLIENT, BACK, flow)
    letter.send(Purpose.EMAIL_CHANGE_NEW, to="New@example.com", password="a hash")
    assert written[0]["to"] == "New@example.com"
    assert written[0]["context"]["action_url"] == (
        f"{VERIFY}?token={minted[0].link}&type=email_change"
        "&redirect_to=https%3A%2F%2Fapp.example.com%2Fback%3Fa%3D1%26b%3D2"
    )
    row = MailToken.objects.get()
    assert (row.email_key, row.flow, row.password) == ("new@example.com", flow, "a hash")
    letter.send(Purpose.EMAIL_CHANGE_NEW, to="New@example.com", password=None)
    assert MailToken.objects.get().password == "a hash"


def test_what_was_not_sent_is_not_said_to_be(
    backend: Backend, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any, **more: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(mailing, "write", fails)
    with pytest.raises(ConnectionRefusedError):
        Letter(backend, ann, CLIENT).send(Purpose.RECOVERY)
    assert times(ann)["recovery_sent_at"] is None
    assert not Event.objects.filter(kind="mail_sent").exists()


def test_whoever_has_an_address_hears_that_somebody_else_tried_it(
    backend: Backend, ann: Account
) -> None:
    mail_letters.tell_taken(backend, ann)
    [message] = mail.outbox
    assert message.to == [ANN]
    assert "http://127.0.0.1:8000/b/acme/account" in message.body
    assert not MailToken.objects.exists()
