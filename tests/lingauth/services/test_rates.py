"""Rates by network: whom they count, under which key, and how long one waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from pytest_django import Settings

from lingauth.core.rates import Rate
from lingauth.models import RateLimit
from lingauth.services import rates
from lingauth.services.backends import NewBackend
from lingauth.services.context import ClientInfo

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ip", "who"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::", "2001:db8:0:2::/64"),
    ],
)
def test_who_asks_is_an_address_or_the_network_of_many(ip: str, who: str) -> None:
    assert rates.network(ip) == who


@pytest.mark.django_db
def test_a_key_begins_with_its_backend_and_holds_no_secret(made: NewBackend) -> None:
    text = f"backend {made.backend.pk}\nmails\nann@example.com"
    key = rates.key_of(made.backend, "mails", "ann@example.com")
    assert key == sha256(text.encode()).hexdigest()


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [30, 4])
def test_wrong_passwords_are_counted_by_network_and_minute(
    made: NewBackend, settings: Settings, limit: int
) -> None:
    if limit != 30:
        settings.LINGAUTH = {**settings.LINGAUTH, "WRONG_PASSWORDS_PER_IP": limit}
    text = f"backend {made.backend.pk}\nwrong passwords\n2001:db8:0:1::/64"
    key = sha256(text.encode()).hexdigest()
    client = ClientInfo(ip="2001:db8:0:1::7")
    assert rates.wrong_passwords(made.backend, client) == Rate(key, limit, MINUTE, timedelta(0))
    assert rates.wrong_passwords(made.backend, ClientInfo()) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "cooldown", "began", "last", "seconds"),
    [
        (5, 0, 20, 0, 40),
        (6, 0, 20, 0, 40),
        (5, 0, 59.5, 0, 1),
        (5, 0, 58.9, 0, 2),
        (5, 0, 60, 0, 1),
        (5, 0, 90, 0, 1),
        (4, 30, 20, 10, 20),
        (4, 30, 20, 9.5, 21),
        (4, 30, 50, 50, 1),
        (5, 30, 20, 10, 40),
        (5, 30, 50, 5, 25),
        (4, 0, 20, 0, 1),
    ],
)
def test_one_waits_for_the_end_of_the_time_and_of_the_pause(
    made: NewBackend, count: int, cooldown: int, began: float, last: float, seconds: int
) -> None:
    """Whichever is later; seconds are whole, and never less than are needed."""
    rate = Rate("key", 5, MINUTE, timedelta(seconds=cooldown))
    RateLimit.objects.create(
        key="key",
        backend=made.backend,
        count=count,
        began_at=NOON - timedelta(seconds=began),
        last_at=NOON - timedelta(seconds=last),
    )
    RateLimit.objects.create(
        key="another", backend=made.backend, count=99, began_at=NOON + MINUTE, last_at=NOON + MINUTE
    )
    assert rates.wait(rate, NOON) == seconds


@pytest.mark.django_db
def test_a_counter_that_is_gone_asks_for_no_more_than_another_try() -> None:
    assert rates.wait(Rate("key", 5, MINUTE, MINUTE), NOON) == 1
