"""Which act needs what: security 0.4, every cell, with the switch off and on.

``fresh`` is ``aal2`` of the last ten minutes, ``stale`` an older one. DESIGN's exception: any
signed-in session may set up a first factor. Where the published clients expect another status for
``insufficient_aal``, it is theirs (auth-wire 1.8, 1.9).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.models import Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import Clock, beside, change, frozen, prove, stored
from tests.support.app import PASSWORD, App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

STATES = ("none", "aal1", "stale", "fresh")
OK = 0
CODES = "factors/recovery-codes"


def list_factors(app: App, other: App) -> Any:
    return app.auth("GET", "user")


def enroll(app: App, other: App) -> Any:
    return app.auth("POST", "factors", {"factor_type": "totp", "friendly_name": "Another"})


def challenge(app: App, other: App) -> Any:
    return app.auth("POST", f"factors/{verified(app)}/challenge")


def verify(app: App, other: App) -> Any:
    return app.challenge_and_verify(verified(app), code_for(app.secret, clock.now().timestamp()))


def remove(app: App, other: App) -> Any:
    return app.auth("DELETE", f"factors/{verified(app)}")


def see_codes(app: App, other: App) -> Any:
    return app.auth("GET", CODES)


def make_codes(app: App, other: App) -> Any:
    return app.auth("POST", CODES)


def remake_codes(app: App, other: App) -> Any:
    return app.auth("POST", f"{CODES}/regenerate")


def remove_codes(app: App, other: App) -> Any:
    return app.auth("DELETE", CODES)


def change_password(app: App, other: App) -> Any:
    body = {"password": "another battery staple", "current_password": PASSWORD}
    return app.auth("PUT", "user", body)


def change_data(app: App, other: App) -> Any:
    return app.auth("PUT", "user", {"data": {"a": 1}})


def refresh(app: App, other: App) -> Any:
    return app.refresh()


def sessions(app: App, other: App) -> Any:
    return app.auth("GET", "sessions")


def end_another(app: App, other: App) -> Any:
    rows = app.auth("GET", "sessions").json()["sessions"]
    return app.auth("DELETE", f"sessions/{next(r['id'] for r in rows if not r['current'])}")


def sign_out(app: App, other: App) -> Any:
    return app.auth("POST", "logout?scope=local")


def sign_out_others(app: App, other: App) -> Any:
    return app.auth("POST", "logout?scope=others")


Act = Callable[[App, App], Any]
TABLE: dict[Act, tuple[int | None, int, int, int]] = {
    #                none  aal1 stale fresh
    list_factors:    (OK,   OK,  OK,  OK),
    enroll:          (OK,   403, 403, OK),
    challenge:       (None, OK,  OK,  OK),
    verify:          (None, OK,  OK,  OK),
    remove:          (None, 422, 422, OK),
    see_codes:       (None, OK,  OK,  OK),
    make_codes:      (None, 403, 403, OK),
    remake_codes:    (None, 403, 403, OK),
    remove_codes:    (None, 403, 403, OK),
    change_password: (OK,   401, 401, OK),
    change_data:     (OK,   OK,  OK,  OK),
    refresh:         (OK,   OK,  OK,  OK),
    sessions:        (OK,   OK,  OK,  OK),
    end_another:     (OK,   OK,  OK,  OK),
    sign_out:        (OK,   OK,  OK,  OK),
    sign_out_others: (OK,   OK,  OK,  OK),
}  # fmt: skip
HAVE_CODES = (see_codes, remake_codes, remove_codes)
CELLS = [
    pytest.param(act, state, expected, id=f"{act.__name__}-{state}")
    for act, row in TABLE.items()
    for state, expected in zip(STATES, row, strict=True)
    if expected is not None
]


def verified(app: App) -> str:
    factors = app.auth("GET", "user").json()["factors"]
    return str(next(f["id"] for f in factors if f["status"] == "verified"))


def reach(app: App, state: str, moved: Clock, *, with_codes: bool = False) -> App:
    """Bring the account and the app's session into that state. Answers another session of it."""
    if state == "none":
        return beside(app)
    app.reach_aal2(clock.now().timestamp())
    if with_codes:
        assert make_codes(app, app).status_code == 200
    app.sign_in()
    if state != "aal1":
        prove(app, moved)
    if state == "stale":
        moved.shift(601)
        app.keep(app.refresh())
    moved.shift(30)
    return beside(app)


@pytest.mark.parametrize("mode", ["optional", "required"])
@pytest.mark.parametrize(("act", "state", "expected"), CELLS)
def test_cell(app: App, made: NewBackend, act: Act, state: str, expected: int, mode: str) -> None:
    with frozen() as moved:
        app.sign_up("ann@example.com")
        other = reach(app, state, moved, with_codes=act in HAVE_CODES)
        change(made, mfa_mode=mode)
        before = stored()
        answer = act(app, other)
        if expected == OK:
            assert answer.status_code in (200, 204), answer.content
        else:
            body = contract.refused(answer, expected, "insufficient_aal")
            assert body.get("details") == ({"max_age": 600} if state == "stale" else None)
            assert 'acr_values="aal2"' in answer.headers["WWW-Authenticate"]
            assert stored() == before


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_a_first_factor_may_be_set_up_by_a_session_of_any_age(
    app: App, made: NewBackend, mode: str
) -> None:
    """DESIGN's exception; its owner is told by mail."""
    with frozen() as moved:
        app.sign_up("ann@example.com")
        change(made, mfa_mode=mode)
        moved.shift(86_400)
        app.keep(app.refresh())
        app.reach_aal2(clock.now().timestamp())
        assert app.data().status_code == 200


@pytest.mark.parametrize("mode", ["optional", "required"])
@pytest.mark.parametrize("state", STATES)
def test_verifying_ones_own_set_up(app: App, made: NewBackend, state: str, mode: str) -> None:
    """Ok without a factor and at ``aal2``, however old; refused below it."""
    with frozen() as moved:
        app.sign_up("ann@example.com")
        reach(app, "none" if state == "none" else "fresh", moved)
        owns, begun = app.secret, app.enroll("Another")
        if state == "aal1":
            Session.objects.lower()
        elif state == "stale":
            moved.shift(599)
            app.keep(app.refresh())
        change(made, mfa_mode=mode)
        code = code_for(app.secret, clock.now().timestamp())
        answer = app.auth("POST", "mfa/verify", {"code": code, "factor_id": begun["id"]})
        app.secret = owns
        if state == "aal1":
            contract.refused(answer, 403, "insufficient_aal")
        else:
            contract.session(answer)


@pytest.mark.parametrize("state", ["none", "aal1"])
def test_only_these_are_left_with_the_switch_on(app: App, made: NewBackend, state: str) -> None:
    with frozen() as moved:
        app.sign_up("ann@example.com")
        reach(app, state, moved)
        change(made, mfa_mode="required")
        assert app.data().json()["code"] == "mfa_required"
        assert list_factors(app, app).status_code == 200
