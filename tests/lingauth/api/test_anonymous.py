"""Anonymous sign-in, and becoming somebody (auth-wire 1.6, 1.8)."""

from __future__ import annotations

import pytest
from django.test import override_settings

from lingauth.models import Account, Event
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import change
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(app: App, made: NewBackend) -> App:
    """Somebody with a session and nothing else."""
    change(made, anonymous_enabled=True)
    app.keep(app.auth("POST", "signup", {"data": {"theme": "dark"}}, anonymous=True))
    return app


def test_a_session_of_an_account_without_an_address(visitor: App) -> None:
    answer = contract.session(visitor.auth("POST", "signup", {}, anonymous=True))
    assert answer["user"] | {"is_anonymous": True, "email": "", "identities": []} == answer["user"]
    assert visitor.session["user"]["user_metadata"] == {"theme": "dark"}
    assert Account.objects.filter(is_anonymous=True).count() == 2


def test_it_is_off_unless_the_backend_has_it_on(app: App) -> None:
    answer = app.auth("POST", "signup", {}, anonymous=True)
    contract.refused(answer, 422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")


def test_not_where_nobody_may_sign_up(app: App, made: NewBackend) -> None:
    change(made, anonymous_enabled=True, signup_enabled=False)
    contract.refused(app.auth("POST", "signup", {}, anonymous=True), 422, "signup_disabled")


def test_one_network_gets_so_many_an_hour(app: App, made: NewBackend) -> None:
    change(made, anonymous_enabled=True)
    with override_settings(LINGAUTH={"MAILS_PER_IP": 2, "MAIL_DELIVERY": "inline"}):
        answers = [app.auth("POST", "signup", {}, anonymous=True) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    contract.refused(answers[-1], 429, "over_request_rate_limit")


def test_it_has_no_factors(visitor: App) -> None:
    answer = visitor.auth("POST", "factors", {"factor_type": "totp"})
    contract.refused(answer, 403, "no_authorization")


def test_a_password_needs_an_address_first(visitor: App) -> None:
    answer = visitor.auth("PUT", "user", {"password": PASSWORD})
    contract.refused(answer, 400, "validation_failed")


def test_with_an_address_it_is_an_account_like_any_other(visitor: App) -> None:
    user = contract.user(visitor.auth("PUT", "user", {"email": "now@example.com"}).json())
    assert not user["is_anonymous"]
    assert user["identities"][0]["provider"] == "email"
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert user["user_metadata"]["theme"] == "dark"
    assert visitor.auth("PUT", "user", {"password": PASSWORD}).status_code == 200
    visitor.email = "now@example.com"
    visitor.sign_in()
    assert visitor.session["user"]["id"] == user["id"]
    assert Event.objects.filter(kind="account_converted").count() == 1
