"""Calls to providers: bounded, and to public addresses alone."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from lingauth.services.social import calls
from lingauth.services.social.calls import ProviderTrouble, call
from tests.support import openid
from tests.support.openid import OpenId

pytestmark = pytest.mark.once


@pytest.fixture
def provider(settings: Settings) -> Iterator[OpenId]:
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True}
    with openid.running() as running:
        yield running


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (openid.huge, "too large"),
        (openid.redirecting, "redirects"),
        (openid.not_json, "not JSON"),
        (lambda handler: openid.send(handler, [], 200), "status 200"),
        (lambda handler: openid.send(handler, {}, 500), "status 500"),
    ],
)
def test_an_answer_that_is_not_used(provider: OpenId, answer: Any, reason: str) -> None:
    provider.answers["/x"] = answer
    with pytest.raises(ProviderTrouble, match=reason):
        assert call(f"{provider.base}/x").members


def test_a_redirect_is_not_followed(provider: OpenId) -> None:
    def elsewhere(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"{provider.base}/jwks")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    provider.answers["/x"] = elsewhere
    with pytest.raises(ProviderTrouble):
        call(f"{provider.base}/x")
    assert provider.asked == ["/x"]


def test_the_time_is_for_the_whole_call(provider: OpenId, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time for a timeout of single reads."""
    monkeypatch.setattr(calls, "TIMEOUT", 0.4)
    provider.answers["/x"] = openid.dripping
    began = time.monotonic()
    with pytest.raises(ProviderTrouble, match="too long"):
        call(f"{provider.base}/x")
    assert time.monotonic() - began < 1.5


def test_what_is_asked_by_a_form(provider: OpenId) -> None:
    answer = call(f"{provider.base}/token", method="POST", body="code=none")
    assert (answer.status, answer.value) == (400, {"error": "invalid_grant"})


def test_nobody_there(provider: OpenId) -> None:
    with pytest.raises(ProviderTrouble, match="Refused"):
        call("http://127.0.0.1:9/x")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.1.2.3/",
        "https://192.168.0.1/", "https://172.16.9.9/", "https://169.254.169.254/latest/",
        "https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://240.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public(url: str) -> None:
    with pytest.raises(ProviderTrouble, match="not public"):
        call(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://sso.example.com/", "https://user@sso.example.com/", "ftp://sso.example.com/",
        "https://0x7f.0.0.1/", "https://127.1/", "file:///etc/passwd", "https://sso.example.com\\@x/",
        "//sso.example.com", "",
    ],
)  # fmt: skip
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ProviderTrouble, match="not acceptable"):
        call(url)


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["93.184.216.34", "10.0.0.1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["2002:a00:1::"],
        ["fe80::1%1"],
        ["fc00::1"],
    ],
)
def test_a_name_that_leads_inside(addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ProviderTrouble, match="not public"):
        call("https://sso.example.com/")


def test_the_address_that_was_judged_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers differently the second time gains nothing."""
    connected: list[Any] = []

    def connect(address: Any, **_: Any) -> socket.socket:
        connected.append(address)
        raise OSError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ProviderTrouble):
        call("https://sso.example.com/")
    assert connected == [("93.184.216.34", 443)]
