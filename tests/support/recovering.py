"""Using recovery codes, below HTTP, and the mails that tell of it."""

from __future__ import annotations

import pytest
from django.core import mail

from lingauth.core.errors import CodeRefused
from lingauth.services import recovery
from tests.support.events import CLIENT
from tests.support.people import Person


def use(person: Person, code: str, key: str | None = None) -> None:
    person.grant = recovery.verify(me=person.me(), code=code, client=CLIENT, idempotency_key=key)


def refused(person: Person, code: str) -> None:
    with pytest.raises(CodeRefused) as error:
        recovery.verify(me=person.me(), code=code, client=CLIENT)
    assert (error.value.message, error.value.details) == ("Invalid recovery code entered", None)


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]
