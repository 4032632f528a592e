"""A site without nginx: clients go to the nodes themselves, by turns, and say what nginx would."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import httpx

from tests.deploy.nginx import NAME

HEADERS = {"Host": NAME, "X-Forwarded-Proto": "https"}


class Direct(httpx.BaseTransport):
    """Sends each request to the node after that of the last one."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = cycle(ports)
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=next(self._ports))
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()

    def client(self, source: str) -> httpx.Client:
        """A client who is said to be at the address ``source``."""
        headers = HEADERS | {"X-Forwarded-For": source}
        return httpx.Client(
            base_url="http://127.0.0.1", headers=headers, transport=self, timeout=40
        )
