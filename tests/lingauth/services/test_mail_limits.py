"""How much mail may be asked for. Whether anybody has the address is never looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.db import transaction
from pytest_django import Settings

from lingauth.core import clock
from lingauth.core.errors import DomainError
from lingauth.models import Backend, RateLimit
from lingauth.services import mail_limits
from lingauth.services.backends import NewBackend
from lingauth.services.context import ClientInfo

pytestmark = pytest.mark.django_db
ADA, GRACE = "ada@example.com", "grace@example.com"


@pytest.fixture
def moved() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as moved:
        yield moved


@pytest.fixture
def backend(made: NewBackend, moved: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def limits(settings: Settings) -> Callable[..., None]:
    def set_(**values: int) -> None:
        settings.LINGAUTH = {**settings.LINGAUTH, **values}

    return set_


def ask(backend: Backend, email_key: str = ADA, ip: str | None = "192.0.2.7") -> int:
    """0, or the seconds to wait."""
    client = ClientInfo(ip=ip)
    try:
        mail_limits.claim(backend=backend, email_key=email_key, client=client, now=clock.now())
    except DomainError as refusal:
        return refusal.retry_after or -1
    return 0


def test_the_refusal_is_the_contracts(backend: Backend) -> None:
    ask(backend)
    with pytest.raises(DomainError) as refused:
        mail_limits.claim(backend=backend, email_key=ADA, client=ClientInfo(), now=clock.now())
    assert (refused.value.code, refused.value.status) == ("over_email_send_rate_limit", 429)
    assert refused.value.retry_after == 60
    assert refused.value.message == (
        "For security purposes, you can only request this after 60 seconds."
    )


def test_a_second_mail_waits_out_the_cooldown(
    backend: Backend, moved: time_machine.Traveller
) -> None:
    assert ask(backend) == 0
    assert ask(backend) == 60
    moved.shift(59)
    assert ask(backend) == 1
    moved.shift(1)
    assert ask(backend) == 0


def test_the_hours_mails_are_five(backend: Backend, moved: time_machine.Traveller) -> None:
    for _ in range(5):
        assert ask(backend) == 0
        moved.shift(60)
    assert ask(backend) == 3600 - 5 * 60
    moved.shift(3600 - 5 * 60)
    assert ask(backend) == 0


def test_the_backend_says_how_often(backend: Backend) -> None:
    backend.mail_cooldown, backend.mails_per_hour = 0, 2
    assert [ask(backend) for _ in range(3)] == [0, 0, 3600]


def test_addresses_and_backends_do_not_share(backend: Backend) -> None:
    other = Backend.objects.create(ref="other", name="Other")
    assert ask(backend, ADA) == ask(backend, GRACE) == ask(other, ADA) == 0


def test_one_network_address_is_stopped_over_many_addresses(
    backend: Backend, limits: Callable[..., None]
) -> None:
    limits(MAILS_PER_IP=3)
    answers = [ask(backend, f"{n}@example.com") for n in range(4)]
    assert answers == [0, 0, 0, 3600]
    assert ask(backend, "4@example.com", ip="192.0.2.8") == 0


def test_whoever_is_stopped_uses_up_nothing_of_the_address(
    backend: Backend, limits: Callable[..., None]
) -> None:
    limits(MAILS_PER_IP=1)
    assert ask(backend, GRACE) == 0
    assert ask(backend, ADA) == 3600
    assert ask(backend, ADA, ip="192.0.2.8") == 0


def test_an_ipv6_customer_is_one_however_many_addresses_they_use(
    backend: Backend, limits: Callable[..., None]
) -> None:
    limits(MAILS_PER_IP=1)
    assert ask(backend, ADA, ip="2001:db8:0:1::1") == 0
    assert ask(backend, GRACE, ip="2001:db8:0:1:ffff::2") == 3600
    assert ask(backend, GRACE, ip="2001:db8:0:2::1") == 0


def test_an_ipv4_address_in_ipv6_form_is_the_same(
    backend: Backend, limits: Callable[..., None]
) -> None:
    limits(MAILS_PER_IP=1)
    assert ask(backend, ADA, ip="192.0.2.9") == 0
    assert ask(backend, GRACE, ip="::ffff:192.0.2.9") == 3600
    assert ask(backend, GRACE, ip="::ffff:192.0.2.10") == 0


def test_a_backend_has_a_cap_over_all(backend: Backend, limits: Callable[..., None]) -> None:
    limits(MAILS_PER_BACKEND=2)
    answers = [ask(backend, f"{n}@example.com", ip=f"192.0.2.{n}") for n in range(3)]
    assert answers == [0, 0, 3600]
    assert ask(Backend.objects.create(ref="other", name="Other")) == 0


def test_a_client_without_an_address_is_held_by_the_other_limits(backend: Backend) -> None:
    assert ask(backend, ip=None) == 0
    assert ask(backend, ip=None) == 60


def test_another_nodes_clock_that_is_ahead_stops_nobody(
    backend: Backend, moved: time_machine.Traveller
) -> None:
    assert ask(backend, ADA) == 0
    moved.shift(timedelta(seconds=-2))
    assert ask(backend, GRACE) == 0


def test_no_address_is_stored(backend: Backend) -> None:
    ask(backend)
    rows = "".join(str(value) for row in RateLimit.objects.values() for value in row.values())
    assert "ada" not in rows
    assert "192.0.2" not in rows


def test_what_is_counted_has_its_names_in_every_release(backend: Backend) -> None:
    """Under other names all would be free to ask anew while two releases run beside each other."""
    ask(backend)
    names = ("network\n192.0.2.7", f"address\n{ADA}", "backend\n")
    texts = [f"backend {backend.pk}\nmail to {name}" for name in names]
    keys = {sha256(text.encode()).hexdigest() for text in texts}
    rows = RateLimit.objects.filter(backend=backend)
    assert set(rows.values_list("key", "count")) == {(key, 1) for key in keys}


def test_a_claim_inside_a_transaction_is_a_mistake(backend: Backend) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ask(backend)
    assert not RateLimit.objects.exists()
