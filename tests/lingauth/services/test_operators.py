"""What a reset of an operator reaches."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from lingauth.services import operators
from lingauth.services.adoption import adopt_users
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.support.app import PASSWORD, App


def test_a_reset_ends_the_sessions_of_an_account_with_the_same_password(
    app: App, made: NewBackend
) -> None:
    get_user_model().objects.create_user("ana@example.com", "ana@example.com", PASSWORD)
    adopt_users(backend=made.backend, actor=Actor.system("tests"))
    app.email = "ana@example.com"
    app.sign_in()
    new = operators.create(
        email="ana@example.com", backend=made.backend, role="owner", reset=True
    ).password
    assert app.auth("GET", "user").json()["code"] == "session_not_found"
    assert app.refresh().status_code == 400
    assert new is not None
    app.sign_in(new)
