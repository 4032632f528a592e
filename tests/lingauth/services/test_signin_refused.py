"""A sign-in that is refused: what it is told, what is written down, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from lingauth.core.errors import (
    AccountBanned,
    DomainError,
    EmailNotConfirmed,
    InvalidCredentials,
    TooManyAttempts,
    ValidationFailed,
)
from lingauth.models import Account, Backend, GuessLimit, RateLimit, Session
from lingauth.services import passwords
from tests.lingauth.api.people import Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend
from tests.support.signing_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    """Somebody who signed up a minute ago."""
    person = Person.sign_up(new_backend().backend, "ann@example.com")
    moved.shift(60)
    return person


def refusal(kind: type[DomainError], *given: Any, **more: Any) -> DomainError:
    with pytest.raises(kind) as refused:
        sign_in(*given, **more)
    return refused.value


def guess() -> tuple[int, Any]:
    """How many wrong ones are counted for the address, and since when it is locked."""
    row = GuessLimit.objects.get()
    assert (
        row.key
        == sha256(f"backend {row.backend_id}\npassword\nann@example.com".encode()).hexdigest()
    )
    return row.failures, row.locked_until


def refused_event(person: Person, reason: str) -> dict[str, Any]:
    event = events.by(person.me(), "sign_in_failed", "refused", reason=reason)
    return event | {"session_id": None}


@pytest.mark.parametrize("email", [None, "", 7, ["ann@example.com"]])
def test_without_an_address_nothing_is_looked_at(ann: Person, email: object) -> None:
    error = refusal(ValidationFailed, email=email)
    assert (error.message, error.code, error.status) == (
        "missing email or phone", "validation_failed", 400,
    )  # fmt: skip
    assert not GuessLimit.objects.exists()


def test_a_wrong_password_counts_for_the_address_and_for_the_network(ann: Person) -> None:
    now = ann.session.created_at + timedelta(seconds=60)
    error = refusal(InvalidCredentials, "a wrong guess")
    assert (error.message, error.code, error.status) == (
        "Invalid login credentials", "invalid_credentials", 400,
    )  # fmt: skip
    assert events.last() == refused_event(ann, "wrong_password")
    assert guess() == (1, None)
    row = GuessLimit.objects.values().get()
    assert (row["account_id"], row["kind"], row["updated_at"]) == (ann.account.pk, "password", now)
    backend = ann.account.backend_id
    assert RateLimit.objects.values().get() == {
        "key": sha256(f"backend {backend}\nwrong passwords\n192.0.2.7".encode()).hexdigest(),
        "backend_id": backend,
        "began_at": now,
        "count": 1,
        "last_at": now,
    }


def test_an_unknown_address_is_refused_alike_and_written_down_without_a_name(ann: Person) -> None:
    ann.account.user.delete()
    known = refusal(InvalidCredentials)
    assert (known.message, known.code) == ("Invalid login credentials", "invalid_credentials")
    assert events.last() == {
        "backend_id": ann.account.backend_id,
        "kind": "sign_in_failed",
        "result": "refused",
        "actor_kind": "anonymous",
        "actor_id": "",
        "account_uuid": None,
        "session_id": None,
        "request_id": "request-1",
        "ip": "192.0.2.7",
        "user_agent": "tests",
        "data": {"reason": "unknown_address"},
    }
    assert guess() == (1, None)
    assert GuessLimit.objects.get().account_id is None
    assert RateLimit.objects.get().count == 1


def test_the_tenth_wrong_guess_locks_for_a_quarter_of_an_hour(ann: Person, moved: Clock) -> None:
    locked_until = ann.session.created_at + timedelta(seconds=60 + 900)
    for _ in range(10):
        refusal(InvalidCredentials, "a wrong guess")
    assert guess() == (10, locked_until)
    error = refusal(TooManyAttempts)
    assert (error.code, error.status, error.retry_after) == ("over_request_rate_limit", 429, 900)
    assert events.last() == refused_event(ann, "locked")
    moved.shift(899)
    assert refusal(TooManyAttempts).retry_after == 1
    moved.shift(1)
    sign_in()
    assert guess() == (0, None)


def test_thirty_wrong_ones_from_a_network_make_it_wait(ann: Person, moved: Clock) -> None:
    for n in range(30):
        refusal(InvalidCredentials, email=f"nobody{n}@example.com")
    moved.shift(59)
    error = refusal(TooManyAttempts)
    assert (error.code, error.status, error.retry_after) == ("over_request_rate_limit", 429, 1)
    assert events.last() == refused_event(ann, "network_limit")
    elsewhere = replace(CLIENT, ip="192.0.2.8")
    sign_in(client=elsewhere)
    moved.shift(1)
    sign_in()


def test_who_comes_from_nowhere_has_no_network_that_counts(ann: Person) -> None:
    refusal(InvalidCredentials, "a wrong guess", client=replace(CLIENT, ip=None))
    assert not RateLimit.objects.exists()
    assert guess() == (1, None)


@pytest.mark.parametrize(
    ("change", "kind", "code", "message"),
    [
        ("confirmed", EmailNotConfirmed, "email_not_confirmed", "Email not confirmed"),
        ("active", AccountBanned, "user_banned", "User is banned"),
    ],
)
def test_who_has_the_password_is_told_why_not_and_pays_no_guess(
    ann: Person, change: str, kind: type[DomainError], code: str, message: str
) -> None:
    refusal(InvalidCredentials, "a wrong guess")
    me = ann.me()
    if change == "active":
        get_user_model().objects.update(is_active=False)
    else:
        Account.objects.update(email_confirmed_at=None)
    error = refusal(kind)
    assert (error.code, error.message, error.status) == (code, message, 400)
    expected = events.by(me, "sign_in_failed", "refused", reason=code) | {"session_id": None}
    assert events.last() == expected
    assert guess() == (0, None)
    assert GuessLimit.objects.get().updated_at == me.session.created_at + timedelta(seconds=60)
    assert Session.objects.count() == 1
    assert RateLimit.objects.get().count == 1


@pytest.mark.parametrize(("seconds", "banned"), [(1, True), (0, False)])
def test_a_ban_is_over_at_its_end(ann: Person, seconds: int, banned: bool) -> None:
    now = ann.session.created_at + timedelta(seconds=60)
    Account.objects.update(banned_until=now + timedelta(seconds=seconds))
    if banned:
        assert refusal(AccountBanned).status == 400
    else:
        sign_in()


def test_what_is_tried_are_the_users_own_and_the_old_kinds_of_hashes(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``given`` is what was typed: hashes made elsewhere may be of that one."""
    asked: list[tuple[Any, ...]] = []

    def matches(user: Any, password: str, *, given: object, old_hashes: list[str]) -> bool:
        asked.append((user, password, given, old_hashes))
        return False

    Backend.objects.update(old_hashes=["bcrypt$x"])
    monkeypatch.setattr(passwords, "matches", matches)
    refusal(InvalidCredentials, "u\u0308ber")
    assert asked == [(ann.account.user, "\u00fcber", "u\u0308ber", ["bcrypt$x"])]
