from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management.base import CommandError

from lingauth.core import clock
from lingauth.models import Account, Backend, Flow, MailJob, MailToken, RateLimit, Session
from lingauth.services import accounts
from lingauth.services.context import ClientInfo
from tests.lingauth.commands.conftest import Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_backend(acme: Backend) -> Backend:
    acme.auto_confirm = True
    acme.save()
    return acme


def sign_up(backend: Backend, name: str) -> None:
    accounts.sign_up(
        backend=backend,
        email=f"{name}@example.com",
        password="correct horse battery",
        client=ClientInfo(),
    )


def test_it_removes_what_expired_and_nothing_else(run: Run, open_backend: Backend) -> None:
    for name in ("ada", "grace", "joan"):
        sign_up(open_backend, name)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        sign_up(open_backend, "edith")
        printed = run("purge", "--batch", "2")
    assert ["sessions", "3"] in [line.split() for line in printed.splitlines()]
    assert Session.objects.get().account.email == "edith@example.com"


def test_an_empty_run_says_zeros(run: Run, acme: Backend) -> None:
    assert {line.split()[-1] for line in run("purge").splitlines()} == {"0"}


def test_what_mail_left_behind_goes_after_its_time(run: Run, open_backend: Backend) -> None:
    """Each kind once that is old enough, and once that is a minute too young."""
    sign_up(open_backend, "ada")
    account = Account.objects.get()
    now = clock.now()
    shared = {"backend": open_backend}
    ages = {"old": timedelta(0), "young": timedelta(minutes=1)}
    for name, young in ages.items():
        day_ago, month_ago = now - timedelta(days=1) + young, now - timedelta(days=30) + young
        MailToken.objects.create(
            account=account,
            purpose={"old": "signup", "young": "recovery"}[name],
            link_digest=name,
            expires_at=day_ago,
            **shared,
        )
        Flow.objects.create(provider="email", expires_at=day_ago, **shared)
        RateLimit.objects.create(
            key=name,
            began_at=now - timedelta(hours=5),
            last_at=now - timedelta(hours=2) + young,
            count=1,
            **shared,
        )
        MailJob.objects.create(kind=name, payload=b"", failed_at=month_ago, **shared)
    MailJob.objects.create(kind="waits", payload=b"", created_at=now - timedelta(days=40), **shared)
    with time_machine.travel(now, tick=False):
        printed = dict(line.rsplit(maxsplit=1) for line in run("purge").splitlines())
    kinds = ("mailed tokens", "flows", "rates", "failed mails")
    assert [printed[kind] for kind in kinds] == ["1", "1", "1", "1"]
    assert MailToken.objects.get().link_digest == "young"
    assert RateLimit.objects.get().key == "young"
    assert set(MailJob.objects.values_list("kind", flat=True)) == {"young", "waits"}
    assert Flow.objects.count() == 1


@pytest.mark.parametrize("batch", ["0", "-5"])
def test_a_batch_of_nothing_is_refused(run: Run, batch: str) -> None:
    with pytest.raises(CommandError, match="number from 1"):
        run("purge", f"--batch={batch}")
