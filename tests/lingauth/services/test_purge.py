"""What expired goes, each kind at its moment; what did not stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingauth.core import clock
from lingauth.core.errors import InvalidCredentials
from lingauth.models import (
    Backend,
    Flow,
    GuessLimit,
    MailJob,
    MailToken,
    Operator,
    RateLimit,
    Session,
    SigningKey,
    TotpFactor,
)
from lingauth.services import mail_tokens, operators, purge
from lingauth.services.context import ClientInfo
from lingauth.services.mail_tokens import Purpose
from tests.lingauth.api.people import Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com").enrol()


def _session(ann: Person, at: datetime) -> None:
    Session.objects.update(expires_at=at)


def _factor(ann: Person, at: datetime) -> None:
    TotpFactor.objects.update(confirmed=False, created_at=at)


def _retired(ann: Person, at: datetime) -> None:
    SigningKey.objects.update(expires_at=at)


def _revoked(ann: Person, at: datetime) -> None:
    SigningKey.objects.update(revoked_at=at)


def _guess(kind: str) -> Callable[[Person, datetime], None]:
    def make(ann: Person, at: datetime) -> None:
        GuessLimit.objects.all().delete()
        GuessLimit.objects.create(
            key="x", kind=kind, backend=ann.account.backend, updated_at=at, failures=7
        )

    return make


def _guess_at_the_console(ann: Person, at: datetime) -> None:
    with pytest.raises(InvalidCredentials):
        operators.sign_in(email="nobody@example.com", password="a wrong one", client=ClientInfo())
    assert GuessLimit.objects.filter(backend=None).update(updated_at=at) == 1


def _token(ann: Person, at: datetime) -> None:
    mail_tokens.mint(account=ann.account, purpose=Purpose.MAGICLINK, email="ann@example.com")
    MailToken.objects.update(expires_at=at)


def _flow(ann: Person, at: datetime) -> None:
    Flow.objects.create(backend=ann.account.backend, provider="x", expires_at=at)


def _rate(ann: Person, at: datetime) -> None:
    RateLimit.objects.create(key="x", backend=ann.account.backend, began_at=at, last_at=at, count=1)


def _failed_mail(ann: Person, at: datetime) -> None:
    MailJob.objects.create(kind="x", backend=ann.account.backend, payload=b"", failed_at=at)


def _console(ann: Person, at: datetime) -> None:
    model = apps.get_model("sessions", "Session")
    model._default_manager.create(session_key="x", session_data="", expire_date=at)


KINDS: list[tuple[str, Callable[[Person, datetime], None], timedelta]] = [
    ("sessions", _session, timedelta(0)),
    ("unfinished factors", _factor, 10 * MINUTE),
    ("signing keys", _retired, timedelta(0)),
    ("signing keys", _revoked, 30 * DAY),
    ("guess counters", _guess("password"), 30 * DAY),
    ("guess counters", _guess("mail_code"), 30 * DAY),
    ("guess counters of the console", _guess_at_the_console, 30 * DAY),
    ("mailed tokens", _token, DAY),
    ("flows", _flow, DAY),
    ("rates", _rate, 2 * HOUR),
    ("failed mails", _failed_mail, 30 * DAY),
    ("console sessions", _console, timedelta(0)),
]
NAMES = [
    "sessions", "unfinished factors", "signing keys", "guess counters",
    "guess counters of the console", "mailed tokens", "flows", "rates", "failed mails",
    "console sessions", "kinds of old password hashes",
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "kept"), KINDS)
def test_each_kind_goes_at_its_moment(
    ann: Person, name: str, make: Callable[[Person, datetime], None], kept: timedelta
) -> None:
    now = clock.now()
    make(ann, now - kept)
    assert purge.purge(now=now - SECOND) == dict.fromkeys(NAMES, 0)
    assert purge.purge() == dict.fromkeys(NAMES, 0) | {name: 1}
    assert purge.purge() == dict.fromkeys(NAMES, 0)


def test_what_never_expires_stays(ann: Person) -> None:
    """Counters of accounts, those of codes, mail that waits, factors that stand,
    keys without an end."""
    GuessLimit.objects.all().delete()
    backend = ann.account.backend
    old = clock.now() - 365 * DAY
    rows: list[dict[str, Any]] = [
        {"kind": "password", "backend": backend, "account": ann.account},
        {"kind": "totp", "backend": None},
        {"kind": "totp", "backend": backend},
        {"kind": "recovery", "backend": backend},
    ]
    for number, row in enumerate(rows):
        GuessLimit.objects.create(key=str(number), updated_at=old, failures=7, **row)
    MailJob.objects.create(kind="x", backend=backend, payload=b"", created_at=old, due_at=old)
    TotpFactor.objects.update(created_at=old)
    SigningKey.objects.update(activates_at=old, created_at=old)
    assert purge.purge() == dict.fromkeys(NAMES, 0)
    assert (GuessLimit.objects.count(), MailJob.objects.count()) == (4, 1)


def test_counters_of_operators_stay_however_their_address_was_written(ann: Person) -> None:
    backend = ann.account.backend
    for email in ("Olga@example.com", "otto@example.com"):
        operators.create(email=email, backend=backend, role="admin")
    get_user_model().objects.create_user("root-without-an-address")
    host = get_user_model().objects.get(username="root-without-an-address")
    Operator.objects.create(user=host, backend=backend, role="admin")
    for email in ("OLGA@EXAMPLE.COM", "otto@example.com", "nobody@example.com"):
        with pytest.raises(InvalidCredentials):
            operators.sign_in(email=email, password="a wrong one", client=ClientInfo())
    GuessLimit.objects.filter(backend=None).update(updated_at=clock.now() - 365 * DAY)
    assert purge.purge()["guess counters of the console"] == 1
    kept = GuessLimit.objects.filter(backend=None).values_list("key", flat=True)
    assert sorted(kept) == sorted(operators.guess_keys())
    assert len(kept) == 2


@pytest.mark.parametrize(
    ("password", "confirmed", "stays"),
    [("a hash", False, True), ("!none", False, True), ("a hash", True, False), ("", False, False)],
)
def test_what_a_confirmation_that_is_mailed_once_more_is_to_confirm_stays(
    ann: Person, password: str, confirmed: bool, stays: bool
) -> None:
    _token(ann, clock.now() - 365 * DAY)
    MailToken.objects.update(password=password)
    type(ann.account).objects.update(email_confirmed_at=clock.now() if confirmed else None)
    assert purge.purge()["mailed tokens"] == (0 if stays else 1)


def test_a_session_that_was_signed_out_stays_until_its_end(ann: Person) -> None:
    """So that a replay of one of its tokens is recognised."""
    Session.objects.update(ended_at=clock.now() - DAY, expires_at=clock.now() + SECOND)
    assert purge.purge()["sessions"] == 0
    assert purge.purge(now=clock.now() + SECOND)["sessions"] == 1


@pytest.mark.parametrize(
    ("batch", "statements"), [(1, 2 * 5 + 1), (2, 2 * 3 + 1), (5, 2 + 1), (1000, 2 + 1)]
)
def test_no_transaction_is_longer_than_a_batch(ann: Person, batch: int, statements: int) -> None:
    for number in range(5):
        RateLimit.objects.create(
            key=str(number), backend=ann.account.backend, began_at=clock.now(), count=1,
            last_at=clock.now() - 3 * HOUR,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as sent:
        assert purge.purge(batch=batch)["rates"] == 5
    of_rates = [one for one in sent if RateLimit._meta.db_table in one["sql"]]
    assert len(of_rates) == statements


def test_the_batch_is_a_thousand_unless_told_otherwise(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "_delete", lambda rows, batch: batch)
    assert purge.purge() == dict.fromkeys(NAMES, 1000) | {NAMES[-1]: 0}


def test_hashes_of_a_kind_that_nobody_has_are_forgotten(ann: Person) -> None:
    Backend.objects.update(old_hashes=["bcrypt$$2b$04$" + 53 * "."])
    assert purge.purge()["kinds of old password hashes"] == 1


def test_a_site_without_djangos_sessions(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "django.contrib.sessions")
    assert list(purge.purge()) == [name for name in NAMES if name != "console sessions"]
