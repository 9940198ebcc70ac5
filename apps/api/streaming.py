"""Bodies that are read while they arrive, and answers that are made while they are sent. Nothing of them is kept.

Django's handler stores a whole body before a view runs. That of `StreamingHandler` gives the view, which runs in a
thread of its own, a file that waits for what comes; all else (middleware, authentication, errors) is as ever.
"""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler

from apps.api.streamed_paths import is_streamed

# A client that says nothing for so long is given up.
SILENCE_S = 60
LINE_BYTES = 2**16

Scope = dict[str, Any]


class ArrivingBody:
    """A file to read from in a thread. Called, it is ASGI's `receive` for the handler, which only waits for the end."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._gone = asyncio.Event()
        self._rest = b""
        self._has_ended = False

    async def __call__(self) -> dict[str, str]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    def read(self, size: int = -1) -> bytes:
        """OSError if the client is gone or silent."""
        wanted = 2**63 if size is None or size < 0 else size
        pieces: list[bytes] = []
        # A piece is better than waiting for all of it, but only the end is empty.
        while not self._rest and not self._has_ended and wanted:
            self._rest = self._next()
        pieces.append(self._rest[:wanted])
        self._rest = self._rest[wanted:]
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        """A line, or a piece of a long one: Django reads what is left of a body so, and drops it."""
        piece = self.read(size if 0 <= size < LINE_BYTES else LINE_BYTES)
        end = piece.find(b"\n") + 1
        if end:
            piece, self._rest = piece[:end], piece[end:] + self._rest
        return piece

    def close(self) -> None:
        self._rest, self._has_ended = b"", True

    def _next(self) -> bytes:
        waiting = asyncio.run_coroutine_threadsafe(self._receive(), self._loop)
        try:
            message = waiting.result(SILENCE_S)
        except concurrent.futures.TimeoutError:
            waiting.cancel()
            raise TimeoutError("The client sent nothing for a long time.") from None
        if message["type"] == "http.disconnect":
            self._loop.call_soon_threadsafe(self._gone.set)
            raise ConnectionError("The client is gone.")
        self._has_ended = not message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body


class StreamingHandler(ASGIHandler):
    async def handle(self, scope: Scope, receive: Any, send: Any) -> None:
        await super().handle(scope, ArrivingBody(receive), send)

    async def read_body(self, receive: Any) -> Any:
        return receive


class Application:
    """Django, where a body that is streamed is given to its view as it arrives."""

    def __init__(self, django: Any) -> None:
        self._django = django
        self._streaming = StreamingHandler()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        handler = (
            self._streaming if is_streamed(scope["method"].encode(), scope["path"].encode()) else self._django
        )
        await handler(scope, receive, send)


class Pieces:
    """The content of a streamed answer: each piece is made in a thread when the one before is sent.

    Of an iterator alone Django would make a list first. Django calls `close` when the answer has ended, also in the
    middle; what the pieces are made from is closed only after the piece that is being made.
    """

    def __init__(self, pieces: Iterator[bytes], closing: ExitStack) -> None:
        self._pieces = pieces
        self._closing = closing
        self._lock = threading.Lock()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        step = sync_to_async(self._next, thread_sensitive=False)
        while (piece := await step()) is not None:
            yield piece

    def close(self) -> None:
        with self._lock:
            self._pieces = iter(())
            self._closing.close()

    def _next(self) -> bytes | None:
        with self._lock:
            return next(self._pieces, None)
