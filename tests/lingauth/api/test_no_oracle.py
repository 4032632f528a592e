"""Nobody learns from an answer who has an account: not by its status, body and headers, and not by
the work that was done for it (AU-09, AU-10).

The work is compared by the statements that were sent, which do not depend on the machine; how long
the answers take is measured by ``make bench-oracle``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.db import connection
from pytest_django import Settings

from lingauth.core import clock
from lingauth.models import Account, Backend, Identity, MailToken
from lingauth.services import outbox
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import frozen
from tests.support.app import PASSWORD, App
from tests.support.statements import counted

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = "not the one of anybody"


def _known(app: App, email: str) -> None:
    app.sign_up(email)


def _unknown(app: App, email: str) -> None:
    """Nobody."""


def _banned(app: App, email: str) -> None:
    app.sign_up(email)
    Account.objects.filter(email=email).update(banned_until=clock.now() + timedelta(days=1))


def _unconfirmed(app: App, email: str) -> None:
    app.sign_up(email)
    Account.objects.filter(email=email).update(email_confirmed_at=None)


def _social_only(app: App, email: str) -> None:
    """Somebody without a password, who comes by a provider."""
    app.sign_up(email)
    account = Account.objects.get(email=email)
    users = get_user_model()._default_manager
    users.filter(pk=account.user_id).update(password=make_password(None))
    Identity.objects.filter(account=account).update(provider="github", subject=email)


CLASSES: dict[str, Callable[[App, str], None]] = {
    "known": _known,
    "unknown": _unknown,
    "banned": _banned,
    "unconfirmed": _unconfirmed,
    "social-only": _social_only,
}
CALLS: dict[str, dict[str, Any]] = {
    "signup": {"password": "some other password"},
    "token?grant_type=password": {"password": WRONG},
    "recover": {},
    "otp": {},
    "magiclink": {"create_user": False},
    "resend": {"type": "signup"},
    "verify": {"type": "email", "token": "000000"},
}
END = "END OF SAVEPOINT"
MAILED = {"verify": "otp"}
"""Calls that are about a mail which was asked for before, and how."""


@pytest.fixture
def asked(app: App, made: NewBackend, settings: Settings) -> App:
    """An app whose people were made, with mail that is left to be sent later."""
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    return app


def call(app: App, path: str, email: str) -> Any:
    return app.auth("POST", path, {"email": email, **CALLS[path]}, anonymous=True)


def prepare(app: App, path: str) -> dict[str, str]:
    """The five and their addresses, all of one length. Whatever is only done once is done."""
    people = {kind: f"person{n}@example.com" for n, kind in enumerate(CLASSES)}
    for kind, email in people.items():
        CLASSES[kind](app, email)
    Backend.objects.update(auto_confirm=False, mail_cooldown=0, mails_per_hour=100)
    if path in MAILED:
        for email in people.values():
            app.auth("POST", MAILED[path], {"email": email, "create_user": False}, anonymous=True)
        outbox.drain()
    call(app, path, "warmup@example.com")
    return people


def masked(text: str, email: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    return text.replace(email, "ADDRESS")


@pytest.mark.once
@pytest.mark.parametrize("path", CALLS)
def test_the_answers_are_the_same(asked: App, path: str) -> None:
    with frozen():
        people = prepare(asked, path)
        answers = {kind: call(asked, path, email) for kind, email in people.items()}
    seen = {
        kind: (
            answer.status_code,
            contract.headers(answer),
            masked(answer.content.decode(), people[kind]),
        )
        for kind, answer in answers.items()
    }
    assert all(answer == seen["unknown"] for answer in seen.values()), seen


@pytest.mark.once
@pytest.mark.parametrize(
    ("path", "status"), [("token?grant_type=password", 400), ("verify", 403)], ids=["in", "verify"]
)
def test_so_are_the_refusals_of_who_guessed_too_often(asked: App, path: str, status: int) -> None:
    with frozen() as moved:
        people = prepare(asked, path)
        for email in people.values():
            moved.shift(60)  # or their network would have to wait
            answers = [call(asked, path, email) for _ in range(11)]
            assert [answer.status_code for answer in answers] == [status] * 10 + [429]
            assert answers[-1].headers["Retry-After"] == "900"


def shapes(statements: list[str]) -> list[str]:
    """The statements without their values. A savepoint ends in one statement or, undone, in two;
    here it is one."""
    found = [shape(statement) for statement in statements]
    return [text for n, text in enumerate(found) if text != END or found[n - 1] != END]


def shape(statement: str) -> str:
    text = re.sub(r"X?'(?:[^']|'')*'", "?", statement)
    text = re.sub(r"\bNULL\b|\b\d+(\.\d+)?\b|\$\d+", "?", text)
    text = re.sub(r'"s\d+_x\d+"', "savepoint", text.strip())
    return re.sub(r"^(RELEASE|ROLLBACK TO) SAVEPOINT savepoint", END, text)


@pytest.fixture
def legible(transactional_db: None) -> None:
    """A connection that sends each statement in words, not by the name of a prepared one."""
    connection.close()
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        connection.connection.prepare_threshold = None


@pytest.mark.parametrize("path", CALLS)
def test_the_work_is_the_same(legible: None, asked: App, path: str) -> None:
    people = prepare(asked, path)
    sent = {}
    for kind, email in people.items():
        with counted() as statements:
            call(asked, path, email)
        sent[kind] = shapes(statements)
    assert len(sent["unknown"]) >= 3
    for kind, work in sent.items():
        assert work == sent["unknown"], kind


@pytest.mark.once
@pytest.mark.parametrize("path", ["signup", "token?grant_type=password"])
def test_as_many_passwords_are_hashed(
    asked: App, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dearest work there is; for nobody it is done in vain."""
    people = prepare(asked, path)
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    counts = {}
    for kind, email in people.items():
        hashed.clear()
        call(asked, path, email)
        counts[kind] = len(hashed)
    # A sign-up compares its password with that of another which may wait there.
    assert counts == dict.fromkeys(CLASSES, 2 if path == "signup" else 1)


def test_the_mail_of_the_known_was_really_waiting(asked: App) -> None:
    """That is, what the comparison above compares for ``verify`` is different people."""
    people = prepare(asked, "verify")
    call(asked, "verify", people["known"])
    rows = MailToken.objects.filter(email_key=people["known"])
    assert [row.attempts for row in rows] == [1]
    assert not MailToken.objects.filter(email_key=people["unknown"]).exists()


@pytest.mark.once
def test_only_the_password_tells_more(asked: App) -> None:
    """Who has it may know why it does not help."""
    people = prepare(asked, "token?grant_type=password")
    told = {}
    for kind, email in people.items():
        body = {"email": email, "password": PASSWORD}
        told[kind] = asked.auth("POST", "token?grant_type=password", body, anonymous=True)
    codes = {kind: answer.json().get("code") for kind, answer in told.items()}
    assert codes == {
        "known": None,
        "unknown": "invalid_credentials",
        "banned": "user_banned",
        "unconfirmed": "email_not_confirmed",
        "social-only": "invalid_credentials",
    }
