"""Inviting somebody: the account, the job that writes the mail, the events."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import is_password_usable
from django.core import mail
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import EmailExists, ValidationFailed
from lingauth.models import Account, MailToken
from lingauth.services import outbox
from lingauth.services.admin import finding, invitations
from lingauth.services.admin.by import By
from lingauth.services.context import Actor
from tests.lingauth.api.people import Clock
from tests.support.acts import CLIENT, SERVER, event, stored, written
from tests.support.people import new_backend

Users: Any = get_user_model()._default_manager


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is put into the outbox, which delivers nothing."""
    put: list[dict[str, Any]] = []
    monkeypatch.setattr(outbox, "put", lambda **given: put.append(given))
    return put


def invite(by: By, email: str = "Ann@Example.com", **more: Any) -> Any:
    return invitations.invite(by=by, email=email, **more)


def job(by: By, account: Account, to: str = "https://app.example.com") -> dict[str, Any]:
    payload = {"account": str(account.uuid), "redirect_to": to, "client": asdict(CLIENT)}
    return {"backend": by.backend, "kind": "invite", "payload": payload}


def test_somebody_new(by: By, jobs: list[dict[str, Any]]) -> None:
    profile = invite(by, data={"name": "Ann", "gone": None})
    account, now = Account.objects.get(), clock.now()
    row = stored(account)
    assert profile.account == account
    assert (row["email"], row["email_key"]) == ("Ann@Example.com", "ann@example.com")
    assert (row["invited_at"], row["confirmation_sent_at"]) == (now, now)
    assert (row["email_confirmed_at"], row["user_metadata"]) == (None, {"name": "Ann"})
    assert not Users.get().has_usable_password()
    assert jobs == [job(by, account)]
    assert written()[1:] == [
        event("account_invited", backend=by.backend, actor=SERVER, account=account)
    ]


def test_again(by: By, jobs: list[dict[str, Any]], moved: Clock) -> None:
    account = invite(by, data={"a": 1}).account
    before, count = stored(account), len(written())
    moved.shift(60)
    profile = invite(by, "ANN@example.com", data={"b": 2}, redirect_to="https://app.example.com/x")
    now = clock.now()
    columns = {
        "invited_at": now,
        "confirmation_sent_at": now,
        "updated_at": now,
        "user_metadata": {"a": 1, "b": 2},
    }
    assert stored(account) == before | columns
    assert {name: getattr(profile.account, name) for name in columns} == columns
    assert [identity.provider for identity in profile.identities] == ["email"]
    assert jobs[1:] == [job(by, account, "https://app.example.com/x")]
    assert written()[count:] == [
        event("account_invited", backend=by.backend, actor=SERVER, account=account)
    ]


def test_what_another_changes_meanwhile_is_not_put_back(
    by: By, jobs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = invite(by).account
    take = finding.take

    def and_meanwhile(**given: Any) -> Account:
        found: Account = take(**given)
        Account.objects.update(app_metadata={"plan": "pro"})
        return found

    monkeypatch.setattr(finding, "take", and_meanwhile)
    invite(by)
    assert stored(account)["app_metadata"] == {"plan": "pro"}


def test_whoever_is_confirmed_is_not_invited(by: By, jobs: list[dict[str, Any]]) -> None:
    account = invite(by).account
    Account.objects.update(email_confirmed_at=clock.now())
    before, events = stored(account), written()
    with pytest.raises(EmailExists):
        invite(by)
    assert (stored(account), written(), len(jobs)) == (before, events, 1)


def test_what_is_refused(by: By, jobs: list[dict[str, Any]]) -> None:
    large = dict.fromkeys(map(str, range(65)), 1)
    bad: list[dict[str, Any]] = [{"email": "ann"}, {"data": []}, {"data": large}]
    for given in bad:
        with pytest.raises(ValidationFailed):
            invite(by, **given)
    assert (Account.objects.count(), jobs) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_the_letter(by: By) -> None:
    account = invite(by, redirect_to="https://app.example.com/x").account
    (letter,) = mail.outbox
    assert letter.to == ["Ann@Example.com"]
    assert "redirect_to=https%3A%2F%2Fapp.example.com%2Fx" in letter.body
    assert "type=invite" in letter.body
    token = MailToken.objects.get()
    assert (token.purpose, token.account_id) == ("invite", account.pk)
    assert token.password
    assert not is_password_usable(token.password), "nobody has shown that the address is theirs"
    assert written()[-1] == event(
        "mail_sent",
        backend=by.backend,
        actor=Actor.account(account),
        account=account,
        purpose="invite",
    )


def _confirmed() -> None:
    Account.objects.update(email_confirmed_at=clock.now())


def _banned() -> None:
    Account.objects.update(banned_until=clock.now().replace(year=clock.now().year + 1))


def _deleted() -> None:
    Account.objects.update(deleted_at=clock.now())


def _inactive() -> None:
    Users.update(is_active=False)


def _gone() -> None:
    Account.objects.all().delete()


@pytest.mark.parametrize("how", [_confirmed, _banned, _deleted, _inactive, _gone])
def test_who_needs_no_invitation_any_more_gets_none(
    by: By, jobs: list[dict[str, Any]], how: Any
) -> None:
    invite(by)
    how()
    invitations.write(by.backend, jobs[0]["payload"])
    assert (mail.outbox, MailToken.objects.count()) == ([], 0)


def test_a_ban_that_is_over_bars_nobody(by: By, jobs: list[dict[str, Any]]) -> None:
    invite(by)
    Account.objects.update(banned_until=clock.now())
    invitations.write(by.backend, jobs[0]["payload"])
    assert len(mail.outbox) == 1


def test_another_backends_job_names_nobody(by: By, jobs: list[dict[str, Any]]) -> None:
    invite(by)
    invitations.write(new_backend("bravo").backend, jobs[0]["payload"])
    assert mail.outbox == []


def test_the_letter_is_of_the_backend_that_asks_in_as_many_statements_as_it_needs(
    by: By, jobs: list[dict[str, Any]]
) -> None:
    invite(by)
    by.backend.name = "As it was read"
    invitations.write(by.backend, jobs[0]["payload"])
    assert "As it was read" in str(mail.outbox[0].body)


def test_the_letter_is_for_whom_it_is_about(by: By, jobs: list[dict[str, Any]]) -> None:
    for name in ("ann", "ben", "dan"):
        invite(by, f"{name}@example.com")
    invitations.write(by.backend, jobs[1]["payload"])
    assert [letter.to for letter in mail.outbox] == [["ben@example.com"]]


def test_it_commits_by_itself(by: By, jobs: list[dict[str, Any]]) -> None:
    for again in (False, True):
        if again:
            invite(by)
        with transaction.atomic(), pytest.raises(RuntimeError):
            invite(by)
