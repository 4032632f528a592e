"""What a mail changes is committed before anything is answered: never part of another's
transaction, whose rollback would take it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.db import transaction

from lingauth.models import Account, Event
from lingauth.services import email_change, mail_asks
from lingauth.services.access import SignedIn
from lingauth.services.backends import NewBackend
from lingauth.services.mail_letters import Letter
from lingauth.services.mail_tokens import Purpose
from tests.support.acts import CLIENT
from tests.support.people import Person

pytestmark = pytest.mark.django_db

ACTS: dict[str, Callable[[SignedIn], object]] = {
    "a letter": lambda me: Letter(me.backend, me.account, CLIENT).send(Purpose.RECOVERY),
    "a password that is dropped": lambda me: mail_asks._nobodys(me.account),
    "a change at once": lambda me: email_change.start(me=me, email="b@example.com", client=CLIENT),
    "a change let go": lambda me: email_change.cancel(me=me),
}


@pytest.mark.parametrize("act", ACTS)
def test_inside_a_transaction_it_is_a_mistake(
    made: NewBackend, noon: time_machine.Traveller, act: str
) -> None:
    me = Person.sign_up(made.backend, "ann@example.com").me()
    before = Event.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        ACTS[act](me)
    assert Event.objects.count() == before
    assert Account.objects.get().email == "ann@example.com"
