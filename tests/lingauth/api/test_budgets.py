"""How many statements an operation may send, transaction control counted.

gate 1 · refresh 2 · GET user 1 · sign-in and factor verify 3 on PostgreSQL, 8 on SQLite. With mail
left to a worker: otp and recover 5, resend 5, sign-up 16, reauthenticate 6, verify by code 18, by
link 14; following the link of a flow 10, trading its code 12.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.permissions import EnforceBackendPolicy
from lingauth.core import clock
from lingauth.models import Account, Backend
from lingauth.services import outbox, policy
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.support.app import PASSWORD, App
from tests.support.mailbox import Letter, newest
from tests.support.statements import counted
from tests.support.totp import code_for


class Guarded(APIView):
    """A view of a host project, with DRF's own defaults otherwise."""

    authentication_classes = (BackendJWTAuthentication,)
    permission_classes = (EnforceBackendPolicy,)

    def get(self, request: Request) -> Response:
        return Response({"user": request.user.pk})


pytestmark = pytest.mark.django_db(transaction=True)


def at_once() -> int:
    """A read, a guess paid for, and one statement, which elsewhere is a transaction of six."""
    return 3 if connection.vendor == "postgresql" else 8


@pytest.fixture
def enrolled(app: App) -> App:
    """An account with a factor whose every way was gone once, so that keys are in memory."""
    with time_machine.travel(clock.now(), tick=False):
        app.sign_up()
        app.reach_aal2(clock.now().timestamp() - 30)
        app.sign_in()
    return app


def test_get_user_takes_one(enrolled: App) -> None:
    with counted() as statements:
        assert enrolled.auth("GET", "user").status_code == 200
    assert len(statements) <= 1, statements


def test_refresh_takes_two(enrolled: App) -> None:
    with counted() as statements:
        assert enrolled.refresh().status_code == 200
    assert len(statements) <= 2, statements


def test_sign_in_takes_three_or_eight(enrolled: App) -> None:
    body = {"email": enrolled.email, "password": PASSWORD}
    with counted() as statements:
        answer = enrolled.auth("POST", "token?grant_type=password", body, anonymous=True)
        assert answer.status_code == 200
    assert len(statements) <= at_once(), statements


def test_factor_verify_takes_three_or_eight(enrolled: App) -> None:
    factor = enrolled.auth("GET", "user").json()["factors"][0]["id"]
    with time_machine.travel(clock.now() + timedelta(seconds=30), tick=False):
        challenge = enrolled.auth("POST", f"factors/{factor}/challenge", {}).json()["id"]
        body = {"challenge_id": challenge, "code": code_for(enrolled.secret)}
        with counted() as statements:
            answer = enrolled.auth("POST", f"factors/{factor}/verify", body)
            assert answer.status_code == 200, answer.content
    assert len(statements) <= at_once(), statements


@pytest.mark.parametrize(("mode", "allowed"), [("optional", True), ("required", False)])
def test_the_gate_takes_one(
    enrolled: App, made: NewBackend, rf: RequestFactory, mode: str, allowed: bool
) -> None:
    """Signature, session, account, policy and factors, on a host's own view, let through or not."""
    policy.change(
        backend_id=made.backend.pk, changes={"mfa_mode": mode}, actor=Actor.system("tests")
    )
    token = enrolled.session["access_token"]
    request = rf.get("/", headers={"authorization": f"Bearer {token}"})
    with counted() as statements:
        response = Guarded.as_view()(request)
    assert (response.status_code == 200) is allowed
    assert len(statements) == 1, statements


@pytest.fixture
def mailed(app: App, made: NewBackend, settings: Settings) -> App:
    """Somebody signed in at a backend that confirms by mail, whose mail waits for a worker."""
    app.sign_up()
    app.sign_in()
    Account.objects.update(auto_confirmed=False)
    Backend.objects.update(auto_confirm=False, mail_cooldown=0, one_step_links=True)
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    return app


def letter(app: App, path: str, **body: str) -> Letter:
    """Ask for a mail, and do the worker's part."""
    answer = app.auth("POST", path, {"email": app.email, **body}, anonymous=True)
    assert answer.status_code == 200, answer.content
    outbox.drain()
    return newest(app.email)


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [
        ("otp", {}, 5),
        ("recover", {}, 5),
        ("resend", {"type": "signup"}, 5),
        ("signup", {"password": PASSWORD}, 17),
        ("otp", {"code_challenge": "c" * 43, "code_challenge_method": "plain"}, 6),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_asking_for_a_mail(
    mailed: App, path: str, body: dict[str, str], most: int, known: bool
) -> None:
    email = mailed.email if known else "nobody@example.com"
    with counted() as statements:
        answer = mailed.auth("POST", path, {"email": email, **body}, anonymous=True)
        assert answer.status_code == 200, answer.content
    assert len(statements) <= most, statements


def test_reauthenticate_takes_six(mailed: App) -> None:
    with counted() as statements:
        assert mailed.auth("GET", "reauthenticate").status_code == 200
    assert len(statements) <= 6, statements


@pytest.mark.parametrize(("way", "most"), [("code", 18), ("link", 14)])
def test_redeeming_a_mail(mailed: App, way: str, most: int) -> None:
    mail = letter(mailed, "recover")
    own = {"email": mail.to, "token": mail.code} if way == "code" else {"token_hash": mail.token}
    with counted() as statements:
        answer = mailed.auth("POST", "verify", {"type": "recovery", **own}, anonymous=True)
        assert answer.status_code == 200, answer.content
    assert len(statements) <= most, statements


def test_trading_a_flows_code_takes_twelve(mailed: App) -> None:
    mail = letter(mailed, "otp", code_challenge="c" * 43, code_challenge_method="plain")
    parts = urlsplit(mail.link)
    with counted() as statements:
        followed = mailed.http.get(f"{parts.path}?{parts.query}")
    assert len(statements) <= 10, statements
    code = parse_qs(urlsplit(followed["Location"]).query)["code"][0]
    body = {"auth_code": code, "code_verifier": "c" * 43}
    with counted() as statements:
        answer = mailed.auth("POST", "token?grant_type=pkce", body, anonymous=True)
        assert answer.status_code == 200, answer.content
    assert len(statements) <= 12, statements
