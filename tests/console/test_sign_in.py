"""The password half of an operator's sign-in, and leaving again."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from lingauth.models import Backend, Event
from tests.console.support import PASSWORD, TOKEN, Operator, text


def same_page(one: Any, two: Any) -> bool:
    """Whether two answers differ in nothing but the CSRF token and what was typed."""

    def strip(response: Any) -> str:
        body = TOKEN.sub("", response.content.decode())
        return re.sub(r'value="[^"]*@[^"]*"', "", body)

    return one.status_code == two.status_code and strip(one) == strip(two)


def test_a_right_password_asks_for_an_authenticator_first(newcomer: Operator) -> None:
    response = newcomer.give_password()
    assert response.status_code == 303
    assert newcomer.get(response["Location"])["Location"] == "/backends/set-up"


def test_the_next_time_it_asks_for_a_code(owner: Operator, clock: time_machine.Traveller) -> None:
    owner.client = Client(enforce_csrf_checks=True)
    clock.shift(60)
    response = owner.give_password()
    assert "Enter your code" in text(owner.get(response["Location"]))
    assert owner.verify().status_code == 303
    assert "Backends" in text(owner.get("/backends"))


def test_wrong_password_unknown_address_and_a_user_without_a_role_look_the_same(
    newcomer: Operator,
) -> None:
    users = get_user_model()
    users.objects.create_user("visitor@console.test", "visitor@console.test", PASSWORD)
    wrong = Operator(newcomer.email, "not this one").give_password()
    unknown = Operator("nobody@console.test").give_password()
    no_role = Operator("visitor@console.test").give_password()
    assert "Email or password is not right." in text(wrong)
    assert wrong.status_code == 422
    assert same_page(wrong, unknown)
    assert same_page(wrong, no_role)


def test_a_superuser_without_a_role_is_nobody(demo: Backend) -> None:
    users = get_user_model()
    users.objects.create_superuser("root@console.test", "root@console.test", PASSWORD)
    assert Operator("root@console.test").give_password().status_code == 422


def test_an_accounts_own_password_opens_nothing(demo: Backend) -> None:
    from lingauth.services import accounts
    from lingauth.services.context import ClientInfo

    accounts.sign_up(backend=demo, email="ann@app.test", password=PASSWORD, client=ClientInfo())
    assert Operator("ann@app.test").give_password().status_code == 422


def test_guesses_are_locked_and_say_for_how_long(
    newcomer: Operator, clock: time_machine.Traveller
) -> None:
    guesser = Operator(newcomer.email, "a guess")
    for _ in range(10):
        last = guesser.give_password()
    last = newcomer.give_password()
    assert last.status_code == 429
    assert "Too many attempts. Try again in 15 minutes." in text(last)
    assert int(last["Retry-After"]) == 900
    clock.shift(901)
    assert newcomer.give_password().status_code == 303


def test_empty_fields_are_named(demo: Backend) -> None:
    response = Operator("", "").give_password()
    assert response.status_code == 422
    assert "Enter your email address." in text(response)
    assert "Enter your password." in text(response)


def test_the_session_has_a_new_key_after_the_password_and_after_the_code(
    newcomer: Operator,
) -> None:
    def key() -> str:
        cookie = newcomer.client.cookies.get(settings.SESSION_COOKIE_NAME)
        return cookie.value if cookie else ""

    newcomer.give_password()
    half = key()
    newcomer.set_up()
    whole = key()
    assert half
    assert whole
    assert half != whole
    assert not newcomer.client.session.__class__(half).exists(half)


def test_the_way_is_remembered_through_both_steps(newcomer: Operator) -> None:
    there = "/backends/demo/users?mfa=none"
    asked = newcomer.get(there)
    assert (
        asked["Location"] == "/backends/sign-in?return_to=%2Fbackends%2Fdemo%2Fusers%3Fmfa%3Dnone"
    )
    response = newcomer.give_password(return_to=there)
    assert newcomer.get(response["Location"])["Location"].endswith(
        "set-up?return_to=%2Fbackends%2Fdemo%2Fusers%3Fmfa%3Dnone"
    )
    newcomer.set_up()
    assert newcomer.get("/backends/sign-in?return_to=" + there)["Location"] == there


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/backends",
        "//evil.test/backends/x",
        "/\\evil.test/backends/x",
        "/backends/\t/evil.test",
        "javascript:alert(1)",
        "/b/demo/account",
        "/backends-of-evil",
        "/backends/" + "x" * 3000,
    ],
)
def test_no_way_leads_out_of_the_console(owner: Operator, address: str) -> None:
    response = owner.client.get("/backends/sign-in", {"return_to": address})
    assert response["Location"] == "/backends"


def test_signing_out_ends_the_session_on_the_server(owner: Operator) -> None:
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = owner.client.cookies[
        settings.SESSION_COOKIE_NAME
    ].value
    assert stolen.get("/backends").status_code == 200
    response = owner.post("/backends/sign-out")
    assert response["Location"] == "/backends/sign-in"
    assert response["Clear-Site-Data"] == '"cache"'
    assert stolen.get("/backends").status_code == 303


def test_signing_out_takes_a_form(owner: Operator) -> None:
    assert owner.get("/backends/sign-out").status_code == 405
    assert owner.get("/backends").status_code == 200


def test_each_sign_in_leaves_one_row(newcomer: Operator) -> None:
    Operator(newcomer.email, "wrong").give_password()
    newcomer.sign_in()
    kinds = list(Event.objects.filter(kind__startswith="operator_").values_list("kind", flat=True))
    assert kinds.count("operator_sign_in_failed") == 1
    assert kinds.count("operator_signed_in") == 1
    assert kinds.count("operator_factor_enrolled") == 1


def test_leaving_is_written_down_once(owner: Operator) -> None:
    owner.post("/backends/sign-out")
    owner.post("/backends/sign-out")
    row = Event.objects.get(kind="operator_signed_out")
    user = get_user_model().objects.get(username=owner.email)
    assert (row.actor_kind, row.actor_id) == ("operator", str(user.pk))
