"""How long an operator's session lives, by the server's clock."""

from __future__ import annotations

import time_machine

from tests.console.support import Operator

MINUTE, HOUR = 60, 3600


def alive(operator: Operator) -> bool:
    return bool(operator.get("/backends").status_code == 200)


def test_fifteen_idle_minutes_end_it(owner: Operator, clock: time_machine.Traveller) -> None:
    clock.shift(15 * MINUTE - 1)
    assert alive(owner)
    clock.shift(15 * MINUTE)
    assert not alive(owner)
    clock.shift(-10 * MINUTE)
    assert not alive(owner)


def test_activity_keeps_it_for_eight_hours_and_not_a_second_more(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    for _ in range(47):
        clock.shift(10 * MINUTE)
        assert alive(owner)
    clock.shift(10 * MINUTE - 1)
    assert alive(owner)
    clock.shift(1)
    assert not alive(owner)


def test_a_new_code_does_not_lengthen_the_eight_hours(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    for _ in range(47):
        clock.shift(10 * MINUTE)
        assert alive(owner)
    clock.shift(5 * MINUTE)
    assert owner.verify().status_code == 303
    clock.shift(5 * MINUTE)
    assert not alive(owner)


def test_a_password_waits_fifteen_minutes_for_its_code(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    half = Operator(owner.email)
    half.give_password()
    clock.shift(14 * MINUTE)
    assert half.get("/backends/verify").status_code == 200
    clock.shift(MINUTE)
    assert half.get("/backends/verify")["Location"].startswith("/backends/sign-in")


def test_after_a_time_out_the_way_back_is_kept(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    clock.shift(HOUR)
    response = owner.get("/backends/demo/users?mfa=none")
    assert response["Location"] == (
        "/backends/sign-in?return_to=%2Fbackends%2Fdemo%2Fusers%3Fmfa%3Dnone"
    )
