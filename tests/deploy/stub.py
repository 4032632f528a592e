"""An app server that answers everything alike, or drops it; and counts."""

from __future__ import annotations

import socket
from threading import Thread
from typing import Self

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Stub:
    """``answers=False``: takes a request whole, and closes the connection without a word."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.connections = self.requests = 0
        self.last = ""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Requests here are small: each arrives in one piece."""
        with connection:
            while came := connection.recv(65_536):
                self.last = came.decode()
                self.requests += 1
                if not self.answers:
                    return
                connection.sendall(ANSWER)
