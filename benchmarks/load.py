"""The load generator: a process of its own, keep-alive sockets, one request at a time on each.

It reads commands from standard input, one JSON object a line, and answers each with one line:
``{"plan": file, "operation": name, "port": number, "connections": number}`` first, then any number
of ``{"seconds": number, "limit": number | null}``, each of which is one round.

Every answer is checked (status, and a piece of the body that has to be in it). The first wrong one
ends the round with ``error``.
"""

from __future__ import annotations

import hmac
import json
import selectors
import socket
import struct
import sys
import time
from base64 import b32decode
from collections import deque
from pathlib import Path
from typing import Any

CODE = b"{{code}}"
TOKEN = b"{{token}}"
LENGTH = b"{{length}}"


class WrongAnswer(Exception):
    """A server said something else than it should. Figures of wrong answers are worth nothing."""


class Script:
    """The requests of one operation, and what its answers have to look like.

    ``cycle`` sends them again and again, ``once`` each a single time, ``chain`` puts a token from
    each answer into the next request of the same place.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self.mode: str = plan["mode"]
        self.status: bytes = b" %d " % plan["status"]
        self.has: bytes = plan["has"].encode()
        self.after: bytes = plan.get("after", "").encode()
        self._requests = deque(
            (template.encode(), secret.encode() if secret else b"")
            for template, secret in plan["requests"]
        )
        self._left = len(self._requests) if self.mode == "once" else None

    def take(self) -> tuple[bytes, bytes] | None:
        """The next request's template and secret, or None if each was sent."""
        if not self._requests:
            return None
        if self.mode != "cycle":
            return self._requests.popleft()
        self._requests.rotate(-1)
        return self._requests[-1]

    def give(self, template: bytes, token: bytes) -> None:
        """Put a chain's next link at the end."""
        self._requests.append((template, token))

    def fill(self, template: bytes, secret: bytes) -> bytes:
        """The bytes to send now."""
        if self.mode == "chain":
            template = template.replace(TOKEN, secret)
        elif secret:
            template = template.replace(CODE, code(secret))
        if LENGTH in template:
            head, _, body = template.partition(b"\r\n\r\n")
            template = head.replace(LENGTH, b"%d" % len(body)) + b"\r\n\r\n" + body
        return template


def code(secret: bytes) -> bytes:
    """What an authenticator shows now (RFC 6238)."""
    digest = hmac.digest(b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    number: int = struct.unpack_from(">I", digest, at)[0] & 0x7FFFFFFF
    return b"%06d" % (number % 1_000_000)


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.began = 0.0
        self.template = b""

    def send(self, script: Script) -> bool:
        taken = script.take()
        if taken is None:
            return False
        self.template = taken[0]
        data = script.fill(*taken)
        self.buffer = b""
        self.began = time.perf_counter()
        self.socket.sendall(data)
        return True

    def receive(self, script: Script) -> bool:
        """Take what has come. True once the answer is whole, and right."""
        data = self.socket.recv(262_144)
        if not data:
            raise WrongAnswer(f"connection closed after {self.buffer[:200]!r}")
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or not is_whole(head, body):
            return False
        if script.status not in head[:16] or script.has not in body:
            raise WrongAnswer(f"{self.buffer[:1500]!r} to {self.template[:300]!r}")
        if script.mode == "chain":
            _, _, rest = body.partition(script.after)
            script.give(self.template, rest[: rest.index(b'"')])
        return True


def is_whole(head: bytes, body: bytes) -> bool:
    """Whether the body has all its bytes."""
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        end = lower.find(b"\r\n", at)
        return len(body) >= int(lower[at + 15 : end if end >= 0 else None])
    return b"chunked" in lower and body.endswith(b"0\r\n\r\n")


def play(script: Script, lines: list[Line], seconds: float, limit: int | None) -> dict[str, Any]:
    """One round: until the time is up, or ``limit`` requests were sent, or none is left."""
    selector = selectors.DefaultSelector()
    times: list[float] = []
    spent, began = time.process_time(), time.perf_counter()
    ends = began + seconds
    sent = 0
    waiting = 0
    for line in lines:
        if (limit is None or sent < limit) and line.send(script):
            sent += 1
            waiting += 1
            selector.register(line.socket, selectors.EVENT_READ, line)
    now = began
    while waiting:
        ready = selector.select(30)
        if not ready:
            raise WrongAnswer("no answer for 30 seconds")
        for key, _ in ready:
            line = key.data
            if not line.receive(script):
                continue
            now = time.perf_counter()
            times.append(now - line.began)
            if now < ends and (limit is None or sent < limit) and line.send(script):
                sent += 1
            else:
                selector.unregister(line.socket)
                waiting -= 1
    selector.close()
    return {
        "requests": len(times),
        "seconds": now - began,
        "times": [round(value * 1e6) for value in times],
        "cpu": time.process_time() - spent,
    }


def main() -> None:
    order = json.loads(sys.stdin.readline())
    script = Script(json.loads(Path(order["plan"]).read_text())[order["operation"]])
    for text in sys.stdin:
        command = json.loads(text)
        lines: list[Line] = []
        try:
            # Anew for each round: a server may close what was idle while others had their turn.
            lines = [Line(order["port"]) for _ in range(order["connections"])]
            answer = play(script, lines, command["seconds"], command.get("limit"))
        except (WrongAnswer, OSError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        for line in lines:
            line.socket.close()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
