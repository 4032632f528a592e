"""What opens the admin routes: the backend's service key, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.models import ApiKey
from lingauth.services import api_keys
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import TESTS, create, stored
from tests.support.app import App
from tests.support.statements import counted

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def ask(server: Server, apikey: str | None, bearer: str | None, **more: str) -> Any:
    headers = dict(more)
    if apikey is not None:
        headers["apikey"] = apikey
    if bearer is not None:
        headers["authorization"] = f"Bearer {bearer}"
    return server.call("GET", "admin/users", headers=headers)


def test_the_key_as_bearer_as_apikey_and_as_both(server: Server, made: NewBackend) -> None:
    key = server.key
    for apikey, bearer in ((key, key), (None, key), (key, None), (made.anon_key, key)):
        assert ask(server, apikey, bearer).status_code == 200


def test_nothing_is_401(server: Server) -> None:
    contract.refused(ask(server, None, None), 401, "no_authorization")
    for value in ("Basic dTpw", "Bearer", "Token x"):
        answer = server.call("GET", "admin/users", headers={"authorization": value})
        contract.refused(answer, 401, "no_authorization")


def test_what_is_good_elsewhere_is_no_admin(server: Server, app: App) -> None:
    app.sign_up()
    anon, token = app.anon_key, app.session["access_token"]
    for apikey, bearer in ((anon, None), (None, anon), (anon, anon), (None, token), (anon, token)):
        answer = ask(server, apikey, bearer)
        contract.refused(answer, 403, "not_admin", "User not allowed")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_a_level_makes_no_admin(server: Server, app: App) -> None:
    app.sign_up()
    app.reach_aal2()
    contract.refused(app.auth("GET", "admin/users"), 403, "not_admin")


def test_garbage_is_an_invalid_jwt(server: Server, app: App) -> None:
    for bearer in ("x", "a.b.c", "lk_service_x", "lk_anon_x", "lk_", server.key[:-1]):
        told = contract.refused(ask(server, None, bearer), 403, "bad_jwt")
        assert told["message"].startswith("invalid JWT")
        contract.refused(ask(server, app.anon_key, bearer), 403, "bad_jwt")


def test_a_wrong_apikey_is_refused_beside_the_right_bearer(server: Server) -> None:
    other = create("bravo")
    for apikey in (other.anon_key, other.service_key, "x", server.key + "x"):
        contract.refused(ask(server, apikey, server.key), 401, "invalid_api_key")
        contract.refused(ask(server, apikey, apikey), 401, "invalid_api_key")
        contract.refused(ask(server, apikey, None), 401, "invalid_api_key")


def test_the_key_of_another_backend_is_refused_at_the_cost_of_any_other(
    server: Server, made: NewBackend
) -> None:
    foreign = create("bravo").service_key
    costs = []
    for key in (foreign, "lk_service_" + "x" * 43):
        with counted() as statements:
            alone = ask(server, None, key)
            beside = ask(server, made.anon_key, key)
            both = ask(server, key, key)
        costs.append(len(statements))
        contract.refused(alone, 403, "bad_jwt")
        contract.refused(beside, 403, "bad_jwt")
        contract.refused(both, 401, "invalid_api_key")
    assert costs[0] == costs[1]


def test_two_keys_and_a_key_beside_a_users_token_are_ambiguous(
    server: Server, made: NewBackend, app: App
) -> None:
    second = api_keys.create(backend=made.backend, role="service", actor=TESTS).value
    app.sign_up()
    for bearer in (second, app.session["access_token"]):
        contract.refused(ask(server, server.key, bearer), 400, "invalid_request")


@pytest.mark.parametrize("how", ["both", "bearer", "apikey", "bearer and anon key"])
def test_a_browser_is_refused_whatever_way_it_sends_the_key(
    server: Server, made: NewBackend, how: str
) -> None:
    key = server.key
    apikey, bearer = {
        "both": (key, key),
        "bearer": (None, key),
        "apikey": (key, None),
        "bearer and anon key": (made.anon_key, key),
    }[how]
    before = stored()
    headers = {"origin": "https://app.example.com"}
    contract.refused(ask(server, apikey, bearer, **headers), 403, "service_key_in_browser")
    assert stored() == before


def test_a_revoked_key_opens_nothing_from_the_next_request_on(
    server: Server, made: NewBackend
) -> None:
    assert ask(server, None, server.key).status_code == 200
    row = ApiKey.objects.get(backend=made.backend, role="service")
    api_keys.revoke(backend=made.backend, key_id=row.pk, actor=TESTS)
    contract.refused(ask(server, None, server.key), 403, "bad_jwt")
    contract.refused(ask(server, server.key, server.key), 401, "invalid_api_key")


def test_a_use_is_noted(server: Server, made: NewBackend) -> None:
    ask(server, made.anon_key, server.key)
    assert ApiKey.objects.get(backend=made.backend, role="service").last_used_at is not None


def test_signing_somebody_out_with_their_token(server: Server, app: App) -> None:
    """As ``admin.signOut`` sends it: the service key as ``apikey``, the user's token as bearer."""
    app.sign_up()
    token = app.session["access_token"]
    headers = {"apikey": server.key, "authorization": f"Bearer {token}"}
    assert server.call("GET", "user", headers=headers).json()["email"] == app.email
    assert server.call("POST", "logout?scope=global", headers=headers).status_code == 204
    assert app.auth("GET", "user").status_code == 403
    headers["authorization"] = "Bearer garbage"
    told = contract.refused(server.call("POST", "logout", headers=headers), 403, "bad_jwt")
    assert told["message"].startswith("invalid JWT")
