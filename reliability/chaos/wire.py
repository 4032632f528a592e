"""The wire between nginx and a node. It can lose answers: the node did it, and nobody heard."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from random import Random
from threading import Thread
from typing import Any, Self

from tests.support.servers import free_port

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_LOOK_AGAIN = 0.05
_PIECE = 65_536


class Wire:
    """Use it as a context manager: what connects to ``port`` talks to the server at ``to``.

    It listens only while that server does, so that nginx finds a node that is gone as it would
    without a wire: its connection is refused, and nothing was sent.
    """

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = free_port()
        self.dropped = 0
        self._share = 0.0
        self._luck = Random()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def drop_answers(self, share: float, seed: int) -> Iterator[None]:
        """Meanwhile a ``share`` of all answers, from 0 to 1, is lost: each is waited for until it
        is whole, and then the connection is closed. ``dropped`` counts them."""
        self._luck, self._share = Random(seed), share
        try:
            yield
        finally:
            self._share = 0.0

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def _end(self) -> None:
        self._server.close()
        ending = asyncio.all_tasks() - {asyncio.current_task()}
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _accept(self, requests: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        # Only the end of the wire cancels; asyncio would report that as an error of this task.
        with suppress(asyncio.CancelledError):
            await self._carry(requests, back)

    async def _carry(self, requests: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """One connection of nginx's, with one of ours behind it."""
        try:
            answers, there = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            back.transport.abort()
            await self._wait_for_node()
            return
        asked = _Asked()
        ways = [
            asyncio.ensure_future(_ask(requests, there, asked)),
            asyncio.ensure_future(self._answer(answers, back, asked)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            there.close()
            back.close()

    async def _answer(
        self, answers: asyncio.StreamReader, back: asyncio.StreamWriter, asked: _Asked
    ) -> None:
        while piece := await answers.read(_PIECE):
            if asked.begins() and self._luck.random() < self._share:
                while not asked.is_whole(piece) and (more := await answers.read(_PIECE)):
                    piece += more
                self.dropped += 1
                return
            back.write(piece)
            await back.drain()

    async def _wait_for_node(self) -> None:
        """Refuse connections for as long as the node does."""
        if not self._server.is_serving():
            return
        self._server.close()
        while not _listens(self.to):
            await asyncio.sleep(_LOOK_AGAIN)
        await self._listen()


class _Asked:
    """What is under way on a connection: one request at a time, as nginx does not pipeline."""

    def __init__(self) -> None:
        self._open = self._without_body = False

    def sent(self, piece: bytes) -> None:
        if not self._open:
            self._open, self._without_body = True, piece.startswith(b"HEAD ")

    def begins(self) -> bool:
        """Whether what came from the node is the first of an answer."""
        begins, self._open = self._open, False
        return begins

    def is_whole(self, answer: bytes) -> bool:
        """Whether nothing of the answer is still to come (RFC 9112, 6.3)."""
        head, end, content = answer.partition(b"\r\n\r\n")
        if not end:
            return False
        if self._without_body or head[9:12] in (b"204", b"304"):
            return True
        if _CHUNKED.search(head):
            return content.endswith(b"0\r\n\r\n")
        length = _LENGTH.search(head)
        return length is not None and len(content) >= int(length[1])


async def _ask(requests: asyncio.StreamReader, there: asyncio.StreamWriter, asked: _Asked) -> None:
    while piece := await requests.read(_PIECE):
        asked.sent(piece)
        there.write(piece)
        await there.drain()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
