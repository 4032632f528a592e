"""How many statements an operation may send, transaction control counted.

gate 1 · refresh 4 · GET user 3 · sign-in 9 · factor verify 10.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.permissions import EnforceBackendPolicy
from lingauth.core import clock
from lingauth.services import policy
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.support.app import PASSWORD, App
from tests.support.statements import counted
from tests.support.totp import code_for


class Guarded(APIView):
    """A view of a host project, with DRF's own defaults otherwise."""

    authentication_classes = (BackendJWTAuthentication,)
    permission_classes = (EnforceBackendPolicy,)

    def get(self, request: Request) -> Response:
        return Response({"user": request.user.pk})


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def enrolled(app: App) -> App:
    """An account with a factor whose every way was gone once, so that keys are in memory."""
    with time_machine.travel(clock.now(), tick=False):
        app.sign_up()
        app.reach_aal2(clock.now().timestamp() - 30)
        app.sign_in()
    return app


def test_get_user_takes_three(enrolled: App) -> None:
    with counted() as statements:
        assert enrolled.auth("GET", "user").status_code == 200
    assert len(statements) <= 3, statements


def test_refresh_takes_four(enrolled: App) -> None:
    with counted() as statements:
        assert enrolled.refresh().status_code == 200
    assert len(statements) <= 4, statements


def test_sign_in_takes_nine(enrolled: App) -> None:
    body = {"email": enrolled.email, "password": PASSWORD}
    with counted() as statements:
        answer = enrolled.auth("POST", "token?grant_type=password", body, anonymous=True)
        assert answer.status_code == 200
    assert len(statements) <= 9, statements


def test_factor_verify_takes_ten(enrolled: App) -> None:
    factor = enrolled.auth("GET", "user").json()["factors"][0]["id"]
    with time_machine.travel(clock.now() + timedelta(seconds=30), tick=False):
        challenge = enrolled.auth("POST", f"factors/{factor}/challenge", {}).json()["id"]
        body = {"challenge_id": challenge, "code": code_for(enrolled.secret)}
        with counted() as statements:
            answer = enrolled.auth("POST", f"factors/{factor}/verify", body)
            assert answer.status_code == 200, answer.content
    assert len(statements) <= 10, statements


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
