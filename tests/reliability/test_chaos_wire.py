"""The wire between nginx and a node: it carries everything, or loses whole answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Event, Thread

import httpx
import pytest

from reliability.chaos.wire import Wire
from tests.deploy.stub import ANSWER, Stub
from tests.support.servers import free_port


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub() as running:
        yield running


@pytest.fixture
def wire(stub: Stub) -> Iterator[Wire]:
    with Wire(stub.port) as running:
        yield running


@pytest.fixture
def client(wire: Wire) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{wire.port}", timeout=5) as asking:
        yield asking


def test_it_carries_requests_and_keeps_connections(stub: Stub, client: httpx.Client) -> None:
    answers = [client.post(f"/{n}").text for n in range(5)]
    assert (answers, stub.requests, stub.connections) == (5 * ["{}"], 5, 1)


def test_a_lost_answer_was_given(stub: Stub, wire: Wire, client: httpx.Client) -> None:
    with wire.drop_answers(1, seed=1):
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                client.post("/token")
    assert (stub.requests, wire.dropped) == (3, 3)
    assert client.post("/token").status_code == 200


def test_a_share_is_lost_the_same_for_a_seed(stub: Stub, wire: Wire, client: httpx.Client) -> None:
    def lost(seed: int) -> list[int]:
        with wire.drop_answers(0.2, seed):
            return [n for n in range(100) if not _answered(client)]

    first = lost(7)
    assert 10 < len(first) < 30
    assert lost(7) == first != lost(8)
    assert stub.requests == 300


@pytest.mark.parametrize(
    ("pieces", "method"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 4\r\n\r\n{ ", b" }"), "POST"),
        (
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", b"\r\n0\r\n\r\n"),
            "GET",
        ),
        ((b"HTTP/1.1 204 No Content\r\n", b"\r\n"), "POST"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n", b"\r\n"), "HEAD"),
    ],
)
def test_it_waits_for_the_whole_answer(pieces: tuple[bytes, ...], method: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    go_on = Event()

    def serve() -> None:
        node, _ = listening.accept()
        with node:
            node.recv(65_536)
            node.sendall(pieces[0])
            for piece in pieces[1:]:
                assert go_on.wait(10)
                go_on.clear()
                node.sendall(piece)
            node.recv(1)  # until the wire has closed

    Thread(target=serve, daemon=True).start()
    with listening, Wire(listening.getsockname()[1]) as wire, wire.drop_answers(1, seed=1):
        nginx = socket.create_connection(("127.0.0.1", wire.port), timeout=5)
        nginx.sendall(f"{method} / HTTP/1.1\r\n\r\n".encode())
        for _ in pieces[1:]:
            nginx.settimeout(0.2)
            with pytest.raises(TimeoutError):
                nginx.recv(1)
            go_on.set()
        nginx.settimeout(5)
        assert nginx.recv(1) == b""
        assert wire.dropped == 1


def test_a_large_answer_arrives_whole() -> None:
    body = b"x" * 3_000_000
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        node, _ = listening.accept()
        with node:
            node.recv(65_536)
            head = ANSWER.partition(b"\r\n")[0]
            node.sendall(head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            node.recv(1)

    Thread(target=serve, daemon=True).start()
    with listening, Wire(listening.getsockname()[1]) as wire:
        assert httpx.get(f"http://127.0.0.1:{wire.port}/", timeout=10).content == body


def test_it_listens_only_while_the_node_does() -> None:
    port = free_port()
    with Wire(port) as wire:
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{wire.port}/")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{wire.port}/")
        node = socket.create_server(("127.0.0.1", port))
        with node:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", wire.port), timeout=5).close()
                    break
                except ConnectionRefusedError:
                    Event().wait(0.05)
            else:
                pytest.fail("The wire does not listen again.")


def _answered(client: httpx.Client) -> bool:
    try:
        return client.post("/token").status_code == 200
    except httpx.RemoteProtocolError:
        return False
