"""Asked for in parallel, an address gets one mail; and one process sends each."""

from __future__ import annotations

import time
from functools import partial
from threading import Lock
from typing import Any

import pytest
from pytest_django import Settings

from lingauth.core import clock
from lingauth.models import Backend, MailJob
from lingauth.services import mail_limits, outbox
from lingauth.services.context import ClientInfo
from tests.concurrency.together import codes, together

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 20


@pytest.mark.parametrize("round_", range(3))
def test_one_of_twenty_asks_for_an_address_is_granted(backend: Backend, round_: int) -> None:
    ask = partial(
        mail_limits.claim, backend=backend, email_key=f"{round_}@example.com", now=clock.now()
    )
    clients = [ClientInfo(ip=f"192.0.2.{n}") for n in range(THREADS)]
    outcomes = together([partial(ask, client=client) for client in clients])
    assert codes(outcomes) == {"ok": 1, "over_email_send_rate_limit": THREADS - 1}
    refused = [outcome.refusal for outcome in outcomes if outcome.refusal]
    assert {refusal.retry_after for refusal in refused} == {60}


def test_one_network_address_gets_its_number_and_no_more(
    backend: Backend, settings: Settings
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "MAILS_PER_IP": 7}

    def ask(n: int) -> None:
        mail_limits.claim(
            backend=backend,
            email_key=f"{n}@example.com",
            client=ClientInfo(ip="192.0.2.7"),
            now=clock.now(),
        )

    outcomes = together([partial(ask, n) for n in range(THREADS)])
    assert codes(outcomes) == {"ok": 7, "over_email_send_rate_limit": THREADS - 7}


def test_each_job_is_sent_by_one_of_many(backend: Backend, settings: Settings) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    sent: list[int] = []
    lock = Lock()

    def work(backend: Backend, payload: dict[str, Any]) -> None:
        time.sleep(0.005)  # a mail server's time, in which others look
        with lock:
            sent.append(payload["n"])

    outbox.handler("race")(work)
    for n in range(40):
        outbox.put(backend=backend, kind="race", payload={"n": n})
    counts = [outcome.value for outcome in together([outbox.drain] * 8)]
    del outbox._handlers["race"]
    assert sorted(sent) == list(range(40))
    assert sum(counts) == 40
    assert not MailJob.objects.exists()
