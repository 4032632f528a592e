"""What ``deploy/nginx.conf`` does when an app server fails. Run by ``make try-deploy``."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.deploy.nginx import NAME, Nginx
from tests.deploy.stub import Stub
from tests.support.servers import free_port

REFRESH = "/b/shop/auth/v1/token?grant_type=refresh_token"


@contextmanager
def in_front_of(tmp_path: Path, first: int, second: int | None = None) -> Iterator[httpx.Client]:
    site = Nginx(tmp_path / "nginx", app=first, hashing=free_port(), static=tmp_path, second=second)
    with site, site.client() as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", REFRESH),
        ("POST", "/b/shop/auth/v1/mfa/verify"),
        ("GET", "/b/shop/auth/v1/verify?token=once"),
        ("PUT", "/b/shop/rest/v1/notes"),
        ("DELETE", "/b/shop/rest/v1/notes"),
    ],
)
def test_nothing_is_asked_twice(tmp_path: Path, method: str, path: str) -> None:
    with (
        Stub(answers=False) as one,
        Stub(answers=False) as other,
        in_front_of(tmp_path, one.port, other.port) as client,
    ):
        answer = client.request(method, path)
    assert one.requests + other.requests == 1
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["code"] == "unavailable"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_refresh_goes_to_the_node_that_is_there(tmp_path: Path) -> None:
    with Stub() as there, in_front_of(tmp_path, free_port(), there.port) as client:
        answers = [client.post(REFRESH).status_code for _ in range(4)]
    assert (answers, there.requests) == (4 * [200], 4)


def test_a_node_that_is_gone_costs_one_request(tmp_path: Path) -> None:
    with Stub() as there, in_front_of(tmp_path, free_port(), there.port) as client:
        answers = [client.get("/b/shop/rest/v1/notes").status_code for _ in range(6)]
    assert sorted(answers) == [200, 200, 200, 200, 200, 503]


def test_connections_to_the_app_are_kept(tmp_path: Path) -> None:
    with Stub() as app, in_front_of(tmp_path, app.port) as client:
        for _ in range(5):
            assert client.post(REFRESH, json={"refresh_token": "x"}).status_code == 200
    assert (app.connections, app.requests) == (1, 5)


def test_of_where_a_request_is_from_only_nginx_speaks(tmp_path: Path) -> None:
    claimed = {
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example.com",
        "X-Forwarded-Port": "1",
        "X-Real-IP": "203.0.113.7",
        "Forwarded": "for=203.0.113.7",
    }
    with Stub() as app, in_front_of(tmp_path, app.port) as client:
        client.get("/", headers=claimed)
    arrived = [
        line for line in app.last.split("\r\n") if re.match("(?i)(x-)?(forwarded|real)", line)
    ]
    assert arrived == ["X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: https"]


def test_nginx_names_each_request_whatever_the_client_called_it(tmp_path: Path) -> None:
    with Stub() as app, in_front_of(tmp_path, app.port) as client:
        client.get("/", headers={"X-Request-Id": "chosen-by-a-client"})
    assert len(re.findall(r"(?im)^x-request-id: ", app.last)) == 1
    assert re.search(r"(?im)^x-request-id: [0-9a-f]{32}\r?$", app.last)


def test_no_link_is_in_a_log_when_it_could_not_be_taken(tmp_path: Path) -> None:
    with in_front_of(tmp_path, free_port()) as client:
        client.get("/b/shop/auth/v1/verify?token=c4n4ry")
    logs = [file.read_text() for file in (tmp_path / "nginx").glob("*.log")]
    assert any("/b/shop/auth/v1/verify 503" in log for log in logs)
    assert not any("c4n4ry" in log for log in logs)


def test_a_slow_body_takes_no_worker(tmp_path: Path) -> None:
    """Until it is whole it waits in nginx; and not for ever."""
    with Stub() as app:
        site = Nginx(tmp_path / "nginx", app=app.port, hashing=free_port(), static=tmp_path)
        with site:
            context = ssl.create_default_context(cafile=str(site.certificate))
            raw = socket.create_connection(("127.0.0.1", site.https), timeout=20)
            with context.wrap_socket(raw, server_hostname=NAME) as slow:
                head = f"POST {REFRESH} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 99\r\n\r\n"
                slow.sendall(head.encode() + b"{")
                began = time.monotonic()
                assert slow.recv(65_536) == b""
                assert 8 < time.monotonic() - began < 15
    assert app.connections == 0
