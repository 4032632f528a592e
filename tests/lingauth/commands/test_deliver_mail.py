from __future__ import annotations

import os
import signal
from threading import Timer

import pytest
from django.core import mail
from django.core.management.base import CommandError
from django.db import connections
from pytest_django import Settings

from lingauth.core import clock
from lingauth.management.commands import deliver_mail
from lingauth.models import Backend, MailJob
from lingauth.services import outbox
from tests.lingauth.commands.conftest import Run

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def waiting(acme: Backend, settings: Settings) -> Backend:
    """Three notices that wait for the command."""
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    for name in ("ada", "grace", "joan"):
        put(acme, f"{name}@example.com")
    assert mail.outbox == []
    return acme


def put(backend: Backend, to: str) -> None:
    payload = {
        "notice": "session_ended",
        "to": to,
        "at": clock.now().isoformat(),
        "context": {"account_url": "http://127.0.0.1:8000/b/acme/account"},
    }
    outbox.put(backend=backend, kind="notice", payload=payload)


def said(printed: str) -> dict[str, str]:
    pairs = (line.split(maxsplit=1) for line in printed.splitlines() if "  " in line)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def test_it_sends_what_waits_and_says_so(run: Run, waiting: Backend) -> None:
    assert said(run("deliver_mail")) == {"sent": "3", "waiting": "0", "failed": "0"}
    assert [message.to for message in mail.outbox] == [
        ["ada@example.com"],
        ["grace@example.com"],
        ["joan@example.com"],
    ]


def test_a_limit_leaves_the_rest(run: Run, waiting: Backend) -> None:
    printed = said(run("deliver_mail", "--limit", "2"))
    assert printed["sent"] == "2"
    assert printed["waiting"] == "1, the next is due now"


def test_what_cannot_be_sent_is_said_with_its_time(
    run: Run, waiting: Backend, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    printed = said(run("deliver_mail"))
    assert printed["sent"] == "0"
    assert printed["waiting"].startswith("3, the next is due in 0:00:")
    assert set(MailJob.objects.values_list("tries", flat=True)) == {1}


def test_watching_goes_on_until_it_is_told_to_stop(
    run: Run, waiting: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def wait(command: deliver_mail.Command, pause: float) -> None:
        """What comes between two looks, without the pause."""
        looks.append(len(mail.outbox))
        if len(looks) == 1:
            put(waiting, "edith@example.com")
        else:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(deliver_mail.Command, "_wait", wait)
    before = signal.getsignal(signal.SIGTERM)
    printed = run("deliver_mail", "--watch")
    assert looks == [3, 4]
    assert printed.splitlines()[0] == "Waiting for mail. Stop with Ctrl-C."
    assert printed.splitlines()[-1] == "Stopped. What was not sent still waits."
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_stop_ends_the_pause(run: Run, acme: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "close_all", lambda: None)  # this test's own connection stays
    timer = Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    assert "Stopped." in run("deliver_mail", "--watch", "--pause", "60")
    timer.join()


@pytest.mark.parametrize(
    "arguments", [("--pause", "0"), ("--limit", "0"), ("--watch", "--limit", "3")]
)
def test_what_makes_no_sense_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run("deliver_mail", *arguments)
