"""The net as a call sees it: names, sockets and a clock, all of a test's own."""

from __future__ import annotations

from typing import Any


class Wire:
    """The other end of a call: it keeps what it is sent and answers ``answer``."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.sent = answer, b""
        self.timeouts: list[float] = []
        self.closed = 0
        self.fault: Exception | None = None

    def settimeout(self, seconds: float) -> None:
        self.timeouts.append(seconds)

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv_into(self, buffer: Any) -> int:
        if self.fault:
            raise self.fault
        part = self.answer[: len(buffer)]
        self.answer = self.answer[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self.closed += 1


class Net:
    """Names, sockets and a clock. Every ``step`` is how long each look at the clock takes."""

    def __init__(self) -> None:
        self.wire = Wire(b"")
        self.asked: list[Any] = []
        self.connected: list[Any] = []
        self.wrapped: list[Any] = []
        self.addresses = ["93.184.216.34"]
        self.now, self.step = 1000.0, 0.0

    def answers(self, body: bytes, status: str = "200 OK", more: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self.wire = Wire(head.encode() + body)

    def monotonic(self) -> float:
        self.now += self.step
        return self.now

    def getaddrinfo(self, host: str, port: int, **more: Any) -> list[Any]:
        self.asked.append((host, port, more))
        return [(0, 0, 0, "", (address, port)) for address in self.addresses]

    def create_connection(self, address: Any, timeout: float) -> Any:
        self.connected.append((address, timeout))
        return self.wire

    def wrap_socket(self, plain: Any, server_hostname: str) -> Any:
        self.wrapped.append(server_hostname)
        return plain
