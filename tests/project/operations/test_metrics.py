"""What is counted, for whom it can be read, and that it tells of nobody."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.db import OperationalError
from django.test import Client

from lingauth.models import MailJob
from lingauth.services import outbox
from lingauth.services.backends import NewBackend
from lingauth.services.events import Kind
from lingauth.signals import hashing_refused
from tests.invariants.actions import require_mfa
from tests.project.operations.conftest import TOKEN, Scrape
from tests.support.app import App

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("sent", [None, "", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer ü"])
def test_only_whoever_has_the_secret_reads_them(metrics_on: None, sent: str | None) -> None:
    headers = {} if sent is None else {"authorization": sent}
    answer = Client().get("/metrics", headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["Cache-Control"] == "no-store"


def test_where_they_are_off_there_is_nothing_at_the_address() -> None:
    assert Client().get("/metrics").status_code == 404


@pytest.mark.once
def test_where_they_are_off_the_library_is_not_even_imported() -> None:
    code = (
        "import django; django.setup(); from django.test import Client; import sys;"
        "Client().get('/healthz'); Client().get('/nothing');"
        "sys.exit('prometheus_client' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_sign_ins_by_method_and_why_they_failed(app: App, gained: Scrape) -> None:
    app.sign_up()
    app.sign_in()
    wrong = {"email": app.email, "password": "not the password"}
    app.auth("POST", "token?grant_type=password", wrong, anonymous=True)
    counted = gained()
    assert counted['lingauth_sign_ins_total{method="password"}'] == 2
    assert counted['lingauth_sign_ins_failed_total{reason="wrong_password"}'] == 1
    assert counted['lingauth_refusals_total{code="invalid_credentials",surface="auth"}'] == 1


def test_refreshes_and_replays(app: App, gained: Scrape) -> None:
    app.sign_up()
    old = app.session["refresh_token"]
    app.keep(app.refresh())
    app.keep(app.refresh())
    app.refresh(old)
    app.refresh("no token")
    counted = gained()
    assert counted['lingauth_refreshes_total{result="ok"}'] == 2
    assert counted['lingauth_refreshes_total{result="refresh_token_already_used"}'] == 1
    assert counted['lingauth_refreshes_total{result="refresh_token_not_found"}'] == 1
    assert counted['lingauth_events_total{kind="refresh_replayed",result="refused"}'] == 1


def test_refusals_by_code_and_surface(app: App, made: NewBackend, gained: Scrape) -> None:
    app.sign_up()
    require_mfa(made.backend)
    assert app.data().status_code == 403
    app.auth("GET", "no/such/route")
    Client().get("/b/acme/account")
    counted = gained()
    assert counted['lingauth_refusals_total{code="session_not_found",surface="pages"}'] == 1
    assert counted['lingauth_refusals_total{code="mfa_required",surface="data"}'] == 1
    assert counted['lingauth_refusals_total{code="not_found",surface="auth"}'] == 1


def test_lock_outs(app: App, gained: Scrape) -> None:
    app.sign_up()
    made = app.enroll()
    for _ in range(5):
        app.challenge_and_verify(made["id"], "000000")
    assert gained()['lingauth_events_total{kind="factor_locked",result="refused"}'] == 1


def test_mails_sent_put_off_and_given_up(made: NewBackend, gained: Scrape) -> None:
    def fails(*_: object) -> None:
        raise OSError("no mail server")

    Client().get("/healthz")
    outbox.handler("test")(lambda *_: None)
    try:
        outbox.put(backend=made.backend, kind="test", payload={})
        outbox.handler("test")(fails)
        outbox.put(backend=made.backend, kind="test", payload={})
        counted = gained()
        assert counted['lingauth_mails_total{kind="test",outcome="sent"}'] == 1
        assert counted['lingauth_mails_total{kind="test",outcome="put_off"}'] == 1
        assert counted["lingauth_mail_waiting"] == 1
        MailJob.objects.update(tries=outbox.MAX_TRIES - 1, due_at="2026-01-01T00:00Z")
        outbox.drain()
        counted = gained()
        assert counted['lingauth_mails_total{kind="test",outcome="given_up"}'] == 1
        assert counted["lingauth_mail_failed"] == 1
    finally:
        del outbox._handlers["test"]


def test_a_database_that_is_away_takes_only_its_own_part_of_the_page(
    metrics_on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise OperationalError

    monkeypatch.setattr(outbox, "look", down)
    answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert b"lingauth_events_total" in answer.content
    assert b"lingauth_mail_waiting" not in answer.content


def test_what_is_rare_is_there_before_it_happens(metrics_on: None) -> None:
    """As 0: a rise from nothing is not seen as one."""
    page = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode()
    for kind in Kind:
        assert f'lingauth_events_total{{kind="{kind}",result="refused"}}' in page
    assert 'lingauth_hashing_refused_total{reason="waited_too_long"}' in page


def test_hashing_that_was_refused(gained: Scrape) -> None:
    hashing_refused.send_robust(sender=None, reason="queue_full")
    assert gained()['lingauth_hashing_refused_total{reason="queue_full"}'] == 1


def test_latencies_by_route_method_and_class(app: App, gained: Scrape) -> None:
    app.sign_up()
    app.data()
    Client().get("/b/acme/sign-in")
    Client().get("/made/up/by/somebody")
    Client().generic("MADEUP", "/made/up/by/somebody")
    counted = gained()
    for labels in (
        'method="GET",route="lingauth_data:table",status="2xx"',
        'method="POST",route="lingauth_api:signup",status="2xx"',
        'method="GET",route="lingauth_pages:sign_in",status="2xx"',
        'method="GET",route="none",status="4xx"',
        'method="other",route="none",status="4xx"',
    ):
        assert counted[f"lingauth_request_seconds_count{{{labels}}}"] == 1
        assert counted[f'lingauth_request_seconds_bucket{{le="+Inf",{labels}}}'] == 1


def test_no_label_tells_of_anybody(app: App, gained: Scrape) -> None:
    app.sign_up()
    app.reach_aal2()
    app.data()
    app.auth("GET", "user")
    told = "\n".join(gained())
    assert "lingauth_api:user" in told
    user = app.session["user"]
    for secret in (app.ref, app.email, user["id"], user["factors"][0]["id"], app.anon_key):
        assert secret not in told
