"""``deploy/nginx.conf`` in front of two servers. Run by ``make try-deploy``: it needs an nginx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

import httpx
import pytest
from django.test import Client

from tests.concurrency.wire import Wire
from tests.deploy.conftest import Site
from tests.support.app import App

PASSWORD = "correct horse battery"


@pytest.fixture
def http(site: Site) -> Iterator[httpx.Client]:
    with site.nginx.client() as client:
        yield client


@pytest.fixture
def app(site: Site, http: httpx.Client) -> App:
    wire = Wire("https://unused.example.com")
    wire.http = http
    return App("shop", site.anon_key, http=cast(Client, wire))


def test_a_person_from_sign_up_to_a_gated_read(site: Site, app: App) -> None:
    before = len(site.came_to())
    app.sign_up()
    app.sign_in()
    app.keep(app.refresh(key="a key"))
    app.reach_aal2()
    assert app.auth("GET", "user").status_code == 200
    site.app.manage("set_policy", "shop", "mfa_mode=required")
    try:
        assert app.data("GET").status_code == 200
        app.sign_in()
        refused = app.data("GET")
        assert (refused.status_code, refused.json()["code"]) == (403, "mfa_required")
    finally:
        site.app.manage("set_policy", "shop", "mfa_mode=optional")
    went = site.came_to()[before:]
    assert [name for name in went if name != "app"] == 3 * ["hashing"], went


@pytest.mark.parametrize(
    ("method", "path", "to"),
    [
        ("PUT", "/b/shop/auth/v1/user", "hashing"),
        ("GET", "/b/shop/auth/v1/user", "app"),
        ("POST", "/b/shop/auth/v1/admin/users", "hashing"),
        ("PUT", "/b/shop/auth/v1/admin/users/1", "hashing"),
        ("POST", "/b/shop/auth/v1/token?grant_type=refresh_token", "app"),
        ("POST", "/b/shop/auth/v1/token?x=1&grant_type=password", "hashing"),
        ("POST", "/b/shop/sign-in", "hashing"),
        ("GET", "/b/shop/sign-in", "app"),
        ("POST", "/b/shop/sign-up", "hashing"),
        ("POST", "/b/shop/account/password", "hashing"),
        ("POST", "/b/shop/account/new-password", "hashing"),
        ("POST", "/b/shop/account/email", "hashing"),
        ("POST", "/b/shop/auth/v1/admin/generate_link", "hashing"),
        ("POST", "/backends/sign-in", "hashing"),
        ("GET", "/backends", "app"),
    ],
)
def test_what_hashes_goes_to_workers_of_its_own(
    site: Site, http: httpx.Client, method: str, path: str, to: str
) -> None:
    assert http.request(method, path).status_code < 500
    assert site.came_to()[-1] == to


def test_another_host_is_refused(site: Site, http: httpx.Client) -> None:
    assert http.get("/", headers={"Host": "evil.example.com"}).status_code == 400
    with site.nginx.client(https=False) as clear:
        assert clear.get("/", headers={"Host": "evil.example.com"}).status_code == 400


def test_the_app_refuses_another_host_by_itself(site: Site) -> None:
    asked = {"Host": "evil.example.com", "X-Forwarded-Proto": "https"}
    assert httpx.get(site.app.url, headers=asked).status_code == 400


def test_a_body_that_is_too_large_is_refused(site: Site, app: App) -> None:
    answer = app.auth("POST", "signup", {"email": "x" * 70_000}, anonymous=True)
    assert (answer.status_code, answer.json()["code"]) == (413, "request_entity_too_large")
    assert site.came_to()[-1] == "hashing"
    assert app.auth("POST", "signup", {"email": "x" * 1_100_000}).status_code == 413
    assert site.came_to()[-1] == "-"


@pytest.mark.parametrize(
    "spoofed",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-For": "203.0.113.7, 203.0.113.8"},
        {"X_Forwarded_For": "203.0.113.7"},
        {"X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"},
    ],
)
def test_an_address_that_a_client_claims_is_not_believed(
    site: Site, app: App, spoofed: dict[str, str]
) -> None:
    body = {"email": "nobody@example.com", "password": "wrong"}
    app.auth("POST", "token?grant_type=password", body, anonymous=True, headers=spoofed)
    seen = site.app.manage(
        "shell", "--verbosity", "0", "--command",
        "from lingauth.models import Event; print(Event.objects.latest('pk').ip)",
    )  # fmt: skip
    assert seen.split() == ["127.0.0.1"]


@pytest.mark.parametrize("header", ["X-Forwarded-Proto", "X_Forwarded_Proto"])
def test_http_is_refused_for_apis_and_redirected_for_pages(site: Site, header: str) -> None:
    key = {"apikey": site.anon_key, header: "https"}
    with site.nginx.client(https=False) as clear:
        for path in ("/b/shop/auth/v1/settings", "/b/shop/rest/v1/notes"):
            refused = clear.get(path, headers=key)
            assert (refused.status_code, refused.json()["code"]) == (403, "https_required")
        page = clear.get("/b/shop/sign-in?next=x", headers=key)
        assert page.status_code == 301
        assert page.headers["Location"] == "https://id.example.com/b/shop/sign-in?next=x"


def test_pages_come_with_their_files(site: Site, http: httpx.Client) -> None:
    page = http.get("/b/shop/sign-in")
    assert page.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    style = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    file = http.get(style)
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Content-Type"] == "text/css; charset=utf-8"
    assert file.headers["Content-Encoding"] == "gzip"
    assert site.came_to()[-1] == "-"


def test_what_nodes_say_of_themselves_stays_inside(http: httpx.Client) -> None:
    statuses = [http.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")]
    assert statuses == [200, 404, 404]


def test_no_link_is_in_a_log(site: Site, http: httpx.Client) -> None:
    canary = "c4n4ry"
    http.get(f"/b/shop/auth/v1/verify?token={canary}", headers={"Referer": f"https://x/?{canary}"})
    for file in site.nginx.directory.glob("*.log"):
        assert canary not in file.read_text()
    assert json.loads(http.get("/b/shop/auth/v1/health").text)
