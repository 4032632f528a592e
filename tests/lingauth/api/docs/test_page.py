"""The page of the description: its headers, and what a browser makes of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from lingauth.services.backends import NewBackend
from tests.conftest import StartServer


def policy_of(client: Client, **extra: str) -> dict[str, str]:
    header = client.get("/b/acme/docs", headers=extra)["Content-Security-Policy"]
    return dict(part.split(" ", 1) for part in header.split("; "))


def test_nothing_on_it_is_inline(made: NewBackend, client: Client) -> None:
    html = client.get("/b/acme/docs").content.decode()
    assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=|javascript:", html)
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert sources
    assert all(re.match(r"/(static|b)/", source) for source in sources)


def test_its_policy_allows_what_it_needs(
    made: NewBackend, client: Client, settings: Settings
) -> None:
    settings.LINGAUTH = {"SITE_URL": "http://testserver"}
    assert policy_of(client) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_under_another_name_of_the_host_it_still_reaches_the_api(
    made: NewBackend, client: Client, settings: Settings
) -> None:
    settings.LINGAUTH = {"SITE_URL": "https://auth.example.com"}
    assert policy_of(client)["connect-src"] == "'self' https://auth.example.com"


def test_without_the_sidecar_there_is_a_link(
    made: NewBackend, client: Client, settings: Settings
) -> None:
    settings.INSTALLED_APPS = [
        app for app in settings.INSTALLED_APPS if app != "drf_spectacular_sidecar"
    ]
    html = client.get("/b/acme/docs").content.decode()
    assert "<script" not in html
    assert 'href="/b/acme/openapi.json"' in html


def test_an_unknown_backend_has_no_page(db: None, client: Client) -> None:
    assert client.get("/b/nowhere/docs").status_code == 404


def test_it_is_only_read(made: NewBackend, client: Client) -> None:
    assert client.post("/b/acme/docs").status_code == 405


@pytest.mark.browser
def test_a_browser_shows_it_and_can_call(start_server: StartServer, page: Page) -> None:
    """No refusal by the policy, no error, and a call from the page is answered."""
    server = start_server()
    server.manage("create_backend", "acme", "--name", "Acme", "--auto-confirm")
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{server.url}/b/acme/docs")
    expect(page.get_by_role("heading", name=re.compile("^Acme API"))).to_be_visible()
    page.locator("#operations-About_the_backend-settings .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    live = page.locator(".live-responses-table")
    expect(live.get_by_text('"mfa_mode"')).to_be_visible()
    expect(live.locator(".response-col_status").last).to_contain_text("200")
    page.locator("#operations-Two-step_verification-enrollFactor .opblock-summary-control").click()
    expect(page.get_by_text("mfa_factor_name_conflict").first).to_be_visible()
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.get_by_text("apikey (apiKey)")).to_be_visible()
    assert said == []
