"""A project that is not ours installs the built wheel: its own user model, its own views.

``site/`` is that project. With ``--postgres`` it is on PostgreSQL, else on SQLite.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.host.host import ROOT, Shop, built, installed, served
from tests.support.totp import code_for

PASSWORD = "correct horse battery"
ANA, BOB, CLEO, DAN = (f"{name}@example.com" for name in ("ana", "bob", "cleo", "dan"))
ENROLL = {"factor_type": "totp"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def shop(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = installed(wheel, tmp_path_factory.mktemp("host"))
    shop.manage("migrate", "--verbosity", "0")
    shop.manage("shell", "--verbosity=0", stdin=(shop.home / "site" / "people.py").read_text())
    shop.manage("create_backend", "shop", "--name", "Shop", "--auto-confirm")
    assert shop.manage("adopt_users", "--backend", "shop").split()[:2] == ["adopted", "2"]
    made = shop.manage("create_operator", ANA, "--backend", "shop", "--role", "owner")
    assert "unchanged" in made  # she has a password here already
    with served(shop):
        yield shop


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    packages = ("lingauth", "console")
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(packages)
    files = [p for package in packages for p in (ROOT / package).rglob("*") if p.is_file()]
    ours = {str(p.relative_to(ROOT)) for p in files if "__pycache__" not in p.parts}
    assert not ours - names
    for kind in (
        "migrations/0001_initial.py",
        "static/lingauth/docs.js",
        "templates/lingauth/base.html",
    ):
        assert f"lingauth/{kind}" in names


def test_the_project_runs_on_the_wheel_and_is_sound(shop: Shop) -> None:
    code = "import lingauth, console; print(lingauth.__file__, console.__file__)"
    assert shop.run("-c", code).count(f"{shop.home}/venv/lib/") == 2
    assert "no issues (0 silenced)" in shop.manage("check", "--fail-level", "WARNING")
    assert "No changes" in shop.manage("makemigrations", "--check", "--dry-run")


def test_its_own_tests_pass_with_the_helpers_for_them(shop: Shop) -> None:
    shop.manage("test", "shop")


def test_the_seed_story_with_its_own_users_and_views(shop: Shop) -> None:
    first = shop.sign_in(ANA, PASSWORD)["access_token"]
    assert shop.get("/orders", first).json() == {"customer": ANA, "level": "aal1"}
    _is_step_up(shop.post("/refunds", token=first), "enroll")

    shop.manage("set_policy", "shop", "mfa_mode=required")
    _is_step_up(shop.get("/orders", first), "enroll")

    factor = shop.auth("factors", ENROLL, first)
    challenge = shop.auth(f"factors/{factor['id']}/challenge", {}, first)
    code = {"challenge_id": challenge["id"], "code": code_for(factor["totp"]["secret"])}
    verified = shop.auth(f"factors/{factor['id']}/verify", code, first)
    second = verified["access_token"]
    assert shop.get("/orders", second).json() == {"customer": ANA, "level": "aal2"}
    assert shop.post("/refunds", token=second).json() == {"refunded_to": ANA}
    probe = shop.get("/probe", second).json()
    assert probe["has_device"] is True
    assert probe["methods"] == ["totp", "password"]

    refresh = {"refresh_token": verified["refresh_token"]}
    path = "token?grant_type=refresh_token"
    third = shop.auth(path, refresh)["access_token"]
    assert shop.get("/orders", third).status_code == 200
    replayed = shop.post(f"/b/shop/auth/v1/{path}", refresh)
    assert (replayed.status_code, replayed.json()["code"]) == (400, "refresh_token_already_used")
    assert shop.get("/orders", third).status_code == 401

    again = shop.sign_in(ANA, PASSWORD)["access_token"]
    _is_step_up(shop.get("/orders", again), "challenge")
    shop.manage("set_policy", "shop", "mfa_mode=optional")
    assert shop.get("/orders", again).json()["level"] == "aal1"


def test_the_user_is_the_projects_own_and_costs_nothing_until_it_is_read(shop: Shop) -> None:
    token = shop.sign_in(BOB, PASSWORD)["access_token"]
    assert shop.get("/probe", token).json() == {
        "known": True,
        "email": BOB,
        "queries": [0, 1],
        "is_the_shops_own": True,
        "has_device": False,
        "hasher": "argon2",  # the project's hash was replaced when its password came by
        "methods": ["password"],
    }


def test_signing_up_makes_a_user_of_its_kind(shop: Shop) -> None:
    body = {"email": DAN, "password": "another horse battery"}
    token = shop.auth("signup", body)["access_token"]
    assert shop.get("/probe", token).json()["email"] == DAN
    assert shop.sign_in(DAN, "another horse battery")["user"]["email"] == DAN


def test_who_was_not_adopted_is_neither_signed_in_nor_doubled(shop: Shop) -> None:
    body = {"email": CLEO, "password": PASSWORD}
    signed_in = shop.post("/b/shop/auth/v1/token?grant_type=password", body)
    assert (signed_in.status_code, signed_in.json()["code"]) == (400, "invalid_credentials")
    signed_up = shop.post("/b/shop/auth/v1/signup", body)
    assert (signed_up.status_code, signed_up.json()["code"]) == (422, "user_already_exists")


def test_its_stock_exception_handler_words_our_refusals(shop: Shop) -> None:
    nobody = shop.get("/orders")
    assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (401, "Bearer")
    forged = shop.get("/orders", "not-a-token")
    assert (forged.status_code, forged.json()["code"]) == (401, "invalid_token")
    assert forged.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    busy = shop.get("/busy")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "30")
    assert busy.json()["code"] == "over_request_rate_limit"


def test_its_wrong_codes_are_counted_although_requests_are_transactions(shop: Shop) -> None:
    token = shop.sign_in(BOB, PASSWORD)["access_token"]
    shop.auth("factors", ENROLL, token)
    answers = [
        shop.post("/b/shop/auth/v1/mfa/verify", {"code": f"00000{n}"}, token) for n in range(6)
    ]
    assert [answer.status_code for answer in answers][-1] == 429
    assert answers[-1].headers["Retry-After"].isdecimal()


def test_our_pages_are_there_and_its_own_schema_stays_its_own(shop: Shop) -> None:
    assert shop.get("/b/shop/sign-in").status_code == 200
    console = shop.get("/backends")
    assert console.is_redirect
    assert console.headers["Location"].startswith("/backends/sign-in")
    assert shop.get("/b/shop/docs").status_code == 200
    assert shop.get("/b/shop/openapi.json").json()["info"]["title"] == "Shop API"
    schema = shop.get("/schema").text
    assert "/orders" in schema
    assert "/b/{ref}" not in schema


def _is_step_up(answer: httpx.Response, following: str) -> None:
    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] == "mfa_required"
    assert answer.json()["details"]["next"] == following
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge == 'Bearer error="insufficient_user_authentication", acr_values="aal2"'
