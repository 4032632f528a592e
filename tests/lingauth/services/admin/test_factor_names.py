"""Names of second factors by the service key: who is told, what is written down."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from lingauth.core.errors import FactorNameTaken, ValidationFailed
from lingauth.models import TotpFactor
from lingauth.services import factors as own
from lingauth.services.admin import factors
from lingauth.services.admin.by import By
from tests.support.acts import CLIENT, SERVER, event, stored, written
from tests.support.people import Person


def told(by: By, person: Person, kind: str, **data: Any) -> dict[str, Any]:
    return event(kind, backend=by.backend, actor=SERVER, account=person.account, **data)


def rename(by: By, person: Person, name: str | None) -> TotpFactor:
    return factors.rename(
        by=by, account_uuid=person.account.uuid, factor_uuid=person.factor, name=name
    )


def test_a_name(by: By, member: Person) -> None:
    aside = Person.sign_up(by.backend, "ben@example.com").enrol("Phone")
    mail.outbox.clear()
    row, count = TotpFactor.objects.get(uuid=member.factor), len(written())
    before = stored(row)
    assert rename(by, member, "  Work   phone ").name == "Work phone"
    assert stored(row) == before | {"name": "Work phone"}
    assert TotpFactor.objects.get(uuid=aside.factor).name == "Phone"
    told_of = {"factor": str(row.uuid), "name": "Work phone", "before": "Phone"}
    assert written()[count:] == [told(by, member, "factor_renamed", **told_of)]
    (letter,) = mail.outbox
    assert letter.to == ["ann@example.com"]
    assert '"Phone"' in letter.body
    assert '"Work phone"' in letter.body
    assert member.session.verified_at is not None, "a name is no proof"
    for same in ("Work phone", None):
        assert rename(by, member, same).name == "Work phone"
    assert (len(written()), len(mail.outbox)) == (count + 1, 1)


def test_a_name_of_a_set_up_is_told_to_nobody(by: By, member: Person) -> None:
    member.factor = own.enroll(me=member.me(), name="Begun", client=CLIENT).factor.uuid
    assert rename(by, member, "Later").name == "Later"
    assert mail.outbox == []
    assert written()[-1]["kind"] == "factor_renamed"


@pytest.mark.parametrize("name", ["", "  "])
def test_no_name(by: By, member: Person, name: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        rename(by, member, name)
    assert str(refused.value) == "A factor needs a name."


def test_a_name_that_is_taken(by: By, member: Person, second: TotpFactor) -> None:
    events = written()
    with pytest.raises(FactorNameTaken) as refused:
        rename(by, member, "Tablet")
    assert refused.value.__suppress_context__
    assert (written(), mail.outbox) == (events, [])
