"""An operator's first authenticator."""

from __future__ import annotations

import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from lingauth.models import Backend, TotpFactor
from lingauth.services import operators
from tests.console.conftest import START
from tests.console.support import KEY, PASSWORD, Operator, text
from tests.support.totp import code_for


def shown_key(operator: Operator) -> str:
    found = KEY.search(operator.get("/backends/set-up").content.decode())
    assert found
    return found[1]


def test_the_page_shows_the_key_in_groups_of_four_beside_the_picture(newcomer: Operator) -> None:
    newcomer.give_password()
    page = newcomer.get("/backends/set-up")
    key = shown_key(newcomer)
    assert len(key) == 32
    assert " ".join(key[i : i + 4] for i in range(0, 32, 4)) in text(page)
    assert 'src="data:image/svg+xml' in page.content.decode()
    assert "otpauth://totp/" in page.content.decode()


def test_the_key_stays_the_same_when_the_page_is_loaded_again(newcomer: Operator) -> None:
    newcomer.give_password()
    assert shown_key(newcomer) == shown_key(newcomer)


def test_a_wrong_code_keeps_the_key_and_says_what_to_check(newcomer: Operator) -> None:
    newcomer.give_password()
    key = shown_key(newcomer)
    response = newcomer.post("/backends/set-up", {"code": "000000"})
    assert response.status_code == 422
    assert "Check that you scanned the newest QR code" in text(response)
    assert shown_key(newcomer) == key
    assert newcomer.get("/backends").status_code == 303


def test_a_right_code_opens_the_console(newcomer: Operator) -> None:
    newcomer.give_password()
    assert newcomer.set_up()["Location"] == "/backends"
    assert newcomer.get("/backends").status_code == 200
    user = get_user_model().objects.get(username=newcomer.email)
    assert TotpFactor.objects.filter(user=user, confirmed=True).count() == 1


def test_django_otp_agrees_that_the_user_is_verified(newcomer: Operator) -> None:
    newcomer.give_password()
    half = newcomer.get("/backends/set-up").wsgi_request.user
    assert not half.is_verified()
    newcomer.set_up()
    assert newcomer.get("/backends").wsgi_request.user.is_verified()


def test_a_set_up_that_took_too_long_starts_again(
    newcomer: Operator, clock: time_machine.Traveller
) -> None:
    newcomer.give_password()
    old = shown_key(newcomer)
    clock.shift(601)
    response = newcomer.post("/backends/set-up", {"code": code_for(old)})
    assert response.status_code == 422
    assert "This set-up page expired." in text(response)
    assert shown_key(newcomer) != old


def test_a_password_alone_never_adds_a_second_authenticator(owner: Operator) -> None:
    thief = Operator(owner.email)
    thief.give_password()
    assert thief.get("/backends/set-up")["Location"] == "/backends/verify"
    response = thief.post("/backends/set-up", {"code": owner.code()})
    assert response["Location"] == "/backends/verify"
    assert TotpFactor.objects.count() == 1


def test_the_code_that_set_it_up_cannot_be_used_again(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    used = code_for(owner.key, owner.last_step * 30)
    thief = Operator(owner.email)
    thief.give_password()
    response = thief.post("/backends/verify", {"code": used})
    assert response.status_code == 422
    assert "already used" in text(response)


def test_a_code_of_minutes_ago_points_at_the_phones_clock(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    clock.shift(300)
    old = code_for(owner.key, START.timestamp() + 150)
    thief = Operator(owner.email)
    thief.give_password()
    response = thief.post("/backends/verify", {"code": old})
    assert response.status_code == 422
    assert "Set your phone’s time to automatic" in text(response)


def test_after_twenty_wrong_codes_only_a_reset_helps(
    owner: Operator, demo: Backend, clock: time_machine.Traveller
) -> None:
    for _ in range(4):
        thief = Operator(owner.email)
        thief.give_password()
        for _ in range(5):
            thief.post("/backends/verify", {"code": "000000"})
        clock.shift(3601)
    owner.client = Client(enforce_csrf_checks=True)
    owner.give_password()
    response = owner.verify()
    assert response.status_code == 429
    assert "Whoever runs this server has to reset your sign-in." in text(response)
    operators.create(email=owner.email, backend=demo, role="owner", password=PASSWORD, reset=True)
    assert Operator(owner.email).sign_in().get("/backends").status_code == 200


def test_wrong_codes_are_locked_even_for_the_right_one(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    thief = Operator(owner.email)
    thief.give_password()
    for _ in range(5):
        thief.post("/backends/verify", {"code": "000000"})
    clock.shift(60)
    thief.key, thief.last_step = owner.key, owner.last_step
    response = thief.verify()
    assert response.status_code == 429
    assert "Too many attempts. Try again in 14 minutes." in text(response)
    assert int(response["Retry-After"]) == 840
    assert thief.get("/backends").status_code == 303
