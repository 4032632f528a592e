"""What a call to a provider sends, to which address, and within which bounds."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException
from typing import Any

import pytest
from pytest_django import Settings

from lingauth.services.social import calls
from lingauth.services.social.calls import Answer, ProviderTrouble, call
from tests.lingauth.services.social.net import Net


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Net:
    made = Net()
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": False}
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", made.create_connection)
    monkeypatch.setattr(calls, "time", made)
    monkeypatch.setattr(calls, "_tls", lambda: made)
    return made


def trouble(url: str = "https://sso.example.com/x") -> str:
    with pytest.raises(ProviderTrouble) as raised:
        call(url)
    return str(raised.value)


def test_a_question(net: Net) -> None:
    net.answers(b'{"a": 1}')
    assert call("https://sso.example.com/x?y=1") == Answer(200, {"a": 1})
    assert net.wire.sent.decode().split("\r\n") == [
        "GET /x?y=1 HTTP/1.1",
        "Host: sso.example.com",
        "Accept-Encoding: identity",
        "Accept: application/json",
        "User-Agent: LingAuth",
        "",
        "",
    ]
    assert net.asked == [("sso.example.com", 443, {"type": socket.SOCK_STREAM})]
    assert net.connected == [(("93.184.216.34", 443), 5.0)]
    assert net.wrapped == ["sso.example.com"]
    assert net.wire.closed >= 1


def test_a_form_and_headers_of_its_own(net: Net) -> None:
    net.answers(b"[]", "400 Bad Request")
    headers = {"Authorization": "Basic x", "Accept": "application/vnd.github+json"}
    answer = call("https://sso.example.com:8443/t", method="POST", body="a=b", headers=headers)
    assert answer == Answer(400, [])
    head, _, body = net.wire.sent.decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert lines[:2] == ["POST /t HTTP/1.1", "Host: sso.example.com:8443"]
    assert set(lines[2:]) == {
        "Accept-Encoding: identity",
        "Content-Length: 3",
        "Accept: application/vnd.github+json",
        "User-Agent: LingAuth",
        "Authorization: Basic x",
        "Content-Type: application/x-www-form-urlencoded",
    }
    assert body == "a=b"
    assert net.asked[0][:2] == ("sso.example.com", 8443)
    assert net.connected[0][0] == ("93.184.216.34", 8443)


def test_without_tls_only_where_private_networks_are_allowed(net: Net, settings: Settings) -> None:
    assert trouble("http://sso.example.com/x") == "its address is not acceptable"
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True}
    net.addresses = ["10.0.0.1"]
    net.answers(b"{}")
    assert call("http://[::1]/x").value == {}
    assert net.asked == [("::1", 80, {"type": socket.SOCK_STREAM})]
    assert net.connected[0][0] == ("10.0.0.1", 80)
    assert net.wrapped == []
    for url, good in (("https://10.0.0.1/x", True), ("app.example:/x", False)):
        assert (calls.acceptable(url) is not None) is good


def test_the_certificate_is_checked() -> None:
    context = calls._tls()
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize(
    ("size", "good"), [(512 * 1024, True), (512 * 1024 + 1, False)], ids=["most", "more"]
)
def test_an_answer_has_at_most_512_kib(net: Net, size: int, good: bool) -> None:
    net.answers(b'"' + b"x" * (size - 2) + b'"')
    if good:
        assert len(call("https://sso.example.com/x").value) == size - 2
    else:
        assert trouble() == "its answer is too large"
    assert net.wire.closed >= 1


def test_no_more_than_that_is_read(net: Net) -> None:
    net.answers(b"x" * (4 * 512 * 1024))
    assert trouble() == "its answer is too large"
    assert len(net.wire.answer) > 2 * 512 * 1024


@pytest.mark.parametrize(
    ("status", "redirects"), [(299, False), (300, True), (307, True), (399, True), (400, False)]
)
def test_what_is_a_redirect(net: Net, status: int, redirects: bool) -> None:
    net.answers(b"{}", f"{status} X")
    if redirects:
        assert trouble() == "it redirects"
    else:
        assert call("https://sso.example.com/x") == Answer(status, {})


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b"[" * 100_000], ids=len)
def test_an_answer_is_json(net: Net, body: bytes) -> None:
    net.answers(body)
    assert trouble() == "its answer is not JSON"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (ConnectionResetError(), "ConnectionResetError"),
        (HTTPException(), "HTTPException"),
        (TimeoutError(), "it took too long"),
    ],
    ids=["reset", "http", "time"],
)
def test_trouble_on_the_way(net: Net, fault: Exception, reason: str) -> None:
    net.wire.fault = fault
    assert trouble() == reason
    assert net.wire.closed >= 1


def test_five_seconds_for_all_of_it(net: Net) -> None:
    """Each part has what those before it have left."""
    net.step = 0.5
    net.answers(b"{}")
    call("https://sso.example.com/x")
    assert net.connected[0][1] == 4.5
    assert net.wire.timeouts[0] == 4.0
    assert net.wire.timeouts == sorted(net.wire.timeouts, reverse=True)
    assert len(net.wire.timeouts) >= 3
    assert min(net.wire.timeouts) > 0


@pytest.mark.parametrize(("left", "good"), [(0.001, True), (0.0, False), (-1.0, False)])
def test_no_time_is_left(net: Net, left: float, good: bool) -> None:
    if good:
        assert calls._left(net.now + left) == pytest.approx(left)
    else:
        with pytest.raises(TimeoutError):
            calls._left(net.now + left)


def test_a_slow_provider_is_not_waited_for(net: Net) -> None:
    net.answers(b"{}")
    net.step = 2.0
    assert trouble() == "it took too long"


@pytest.mark.parametrize(
    ("addresses", "public"),
    [
        (["93.184.216.34", "2606:2800:220:1::1"], True),
        (["::ffff:93.184.216.34"], True),
        (["64:ff9b::5db8:d822"], True),
        (["2002:5db8:d822::"], True),
        (["93.184.216.34", "127.0.0.1"], False),
        (["64:ff9b::7f00:1"], False),
        (["64:ff9b::ffff:ffff"], False),
        (["2002:7f00:1::"], False),
        (["::ffff:127.0.0.1"], False),
        (["fe80::1%eth0"], False),
        (["224.0.0.1"], False),
        (["ff0e::1"], False),
    ],
)
def test_which_addresses_are_public(net: Net, addresses: list[str], public: bool) -> None:
    net.addresses = addresses
    net.answers(b"{}")
    if public:
        assert call("https://sso.example.com/x").status == 200
    else:
        assert trouble() == "its address is not public"
        assert net.connected == []


@pytest.mark.parametrize(("status", "value"), [(200, []), (200, None), (201, {}), (404, {"a": 1})])
def test_members_are_those_of_an_object_of_a_200(status: int, value: Any) -> None:
    assert Answer(200, {"a": 1}).members == {"a": 1}
    with pytest.raises(ProviderTrouble, match=f"^status {status}$"):
        assert Answer(status, value).members
