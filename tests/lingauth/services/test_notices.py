"""Mail that tells people what happened to their account."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import override_settings

from lingauth.core import clock
from lingauth.models import MailJob
from lingauth.services.backends import NewBackend
from tests.support.app import PASSWORD, App
from tests.support.totp import code_for


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]


def test_a_first_factor_is_told_to_its_owner(app: App, made: NewBackend) -> None:
    app.sign_up()
    app.reach_aal2()
    assert subjects() == ["An authenticator was added to your Acme account"]
    assert mail.outbox[0].to == [app.email]
    assert app.secret not in mail.outbox[0].body


def test_the_guess_that_locks_is_told_once(app: App) -> None:
    app.sign_up()
    app.reach_aal2()
    mail.outbox.clear()
    for _ in range(8):
        app.auth("POST", "mfa/verify", {"code": "000000"})
    assert subjects() == ["Too many wrong codes for your Acme account"]


def test_a_replay_is_told_once(app: App) -> None:
    app.sign_up()
    first = app.session["refresh_token"]
    app.keep(app.refresh(first))
    app.refresh(first)
    app.refresh(first)
    assert subjects() == ["You were signed out of Acme on one device"]


def test_a_new_password_and_used_recovery_codes_are_told(app: App) -> None:
    app.sign_up()
    app.reach_aal2(clock.now().timestamp() - 30)
    codes = app.auth("POST", "factors/recovery-codes").json()["codes"]
    app.keep(app.auth("POST", "factors/recovery-codes/verify", {"code": codes[0]}))
    app.auth("PUT", "user", {"password": "another long phrase", "current_password": PASSWORD})
    assert subjects()[1:] == [
        "New recovery codes for your Acme account",
        "A recovery code was used for your Acme account",
        "The password of your Acme account was changed",
    ]
    assert "9 are left" in mail.outbox[2].body
    assert not any(code in message.body for code in codes for message in mail.outbox)


def test_recovery_codes_that_were_removed_are_told_like_those_that_were_made(app: App) -> None:
    app.sign_up()
    app.reach_aal2()
    app.auth("POST", "factors/recovery-codes")
    mail.outbox.clear()
    assert app.auth("DELETE", "factors/recovery-codes").status_code == 200
    assert subjects() == ["The recovery codes of your Acme account were removed"]


@override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_PORT=1)
def test_a_mail_server_that_is_down_stops_nobody(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.sign_up()
    made = app.enroll()
    assert app.challenge_and_verify(made["id"], code_for(app.secret)).status_code == 200
    assert "A mail could not be sent (try 1): ConnectionRefusedError" in caplog.text
    assert MailJob.objects.get().tries == 1
