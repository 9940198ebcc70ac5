"""daphne, with bounds on what it keeps in memory and on disk for a request. `python -m notebook_project.web_server …`

daphne takes a whole body, of any size, from anybody, before the application hears of the request, and then puts all of
it into memory; and it takes a whole answer into memory if the client reads slowly. Here

- a body that is too large is refused as soon as that is known: by its Content-Length, or when it has become so;
- a body that is *streamed* (an upload, `apps/api/streaming.py`) is handed on as it arrives, and the client waits
  while the application does not take it, so who may not upload is told before anything is stored;
- an application waits while the client does not read;
- a message that many sockets get is framed once, and nothing is worded for a log that nobody keeps: with twenty people
  in a notebook that was half of what it costs to tell them of a keystroke.
"""

import asyncio
import sys
from collections import deque
from functools import lru_cache
from io import BytesIO
from typing import Any

from autobahn.websocket.protocol import PreparedMessage
from daphne.cli import CommandLineInterface
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from twisted.internet import reactor

from apps.api.streamed_paths import is_streamed
from apps.base.errors import TooLarge
from apps.base.wire import dumps

# Around a file in a form.
FORM_OVERHEAD_BYTES = 2**17
# Of a streamed body that was not taken yet: from here on the client waits.
HIGH_WATER_BYTES = 2**20
# A client that is refused still writes, and looks at the answer only then: the rest is read for so long,
# and dropped.
LINGER_S = 2

BODY = "tandem.body"


class StreamedBody:
    """What has come of a body and was not taken yet. `receive` is that of ASGI."""

    def __init__(self, request: "Request") -> None:
        self._request = request
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._has_news = asyncio.Event()
        self._is_told = False  # that the body has ended
        self.has_ended = False
        self.is_gone = False

    async def receive(self) -> dict[str, Any]:
        while True:
            if self.is_gone:
                return {"type": "http.disconnect"}
            if self._chunks or (self.has_ended and not self._is_told):
                break
            self._has_news.clear()
            await self._has_news.wait()
        content = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        self._is_told = self.has_ended
        self._request.go_on()
        return {"type": "http.request", "body": content, "more_body": not self.has_ended}

    def take(self, data: bytes) -> bool:
        """Whether there is room for more."""
        self._chunks.append(data)
        self._size += len(data)
        self._has_news.set()
        return self._size < HIGH_WATER_BYTES

    def end(self) -> None:
        self.has_ended = True
        self._has_news.set()

    def put_nowait(self, message: dict[str, Any]) -> None:
        """From daphne, which takes this for its queue: it does not know that there is a body."""
        if message["type"] == "http.disconnect":
            self.is_gone = True
            self._chunks.clear()
            self._has_news.set()


class Pressure:
    """Twisted's push producer: says when the client has not yet read what it was sent."""

    def __init__(self) -> None:
        self.is_writable = asyncio.Event()
        self.is_writable.set()

    def pauseProducing(self) -> None:  # noqa: N802
        self.is_writable.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self.is_writable.set()

    stopProducing = resumeProducing  # noqa: N815


class Request(WebRequest):  # type: ignore[misc]
    """Twisted calls `gotLength`, `handleContentChunk` (often) and `requestReceived`, in this order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body: StreamedBody | None = None
        self._pressure = Pressure()
        self._received = 0
        self._is_refused = False
        self._is_answered = False  # though the body has not ended

    # The body

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        method, path = self.channel._command, self.channel._path
        if length != 0 and is_streamed(method, path):
            self.content = BytesIO()
            self.body = StreamedBody(self)
            super().requestReceived(method, path, self.channel._version)
            return
        if (length or 0) > _body_limit():
            self._refuse()
        super().gotLength(0 if self._is_refused else length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._received += len(data)
        if self._is_refused or self._is_answered:
            return
        if self.body is not None:
            if not self.body.take(data):
                self.channel.transport.pauseProducing()
        elif self._received > _body_limit():
            self._refuse()
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        if self._is_refused:
            self.channel.loseConnection()
        elif self.body is None:
            super().requestReceived(command, path, version)
        else:
            self.body.end()
            if self._is_answered:
                super().finish()

    def go_on(self) -> None:
        """The client may write again."""
        channel = getattr(self, "channel", None)
        if channel is not None and self.body is not None and not self.body.has_ended:
            channel.transport.resumeProducing()

    def _refuse(self) -> None:
        self._is_refused = True
        self.requestHeaders.removeHeader(b"expect")  # "go on" would be the answer to that
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
        error = dumps(TooLarge(f"A request may have at most {limit} MiB.").as_json()).encode()
        head = (
            "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(error)}\r\n\r\n"
        )
        self.channel.transport.write(head.encode() + error)
        self._linger()

    def _linger(self) -> None:
        """Read the rest of the body for a while, and close."""
        self.channel.persistent = False
        self.channel.transport.resumeProducing()
        _clock.callLater(LINGER_S, self._abort)

    def _abort(self) -> None:
        channel = getattr(self, "channel", None)  # Twisted deletes it when the request is done
        if channel is not None and channel.transport is not None:
            channel.transport.abortConnection()

    # The answer

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and not (self.finished or self.channel is None):
            if self.body is not None and not self.body.has_ended:
                self.channel.persistent = False
                self.responseHeaders.setRawHeaders(b"connection", [b"close"])
            if self.producer is None:
                self.registerProducer(self._pressure, True)
        super().handle_reply(message)

    async def until_writable(self) -> None:
        await self._pressure.is_writable.wait()

    def finish(self) -> None:
        if self.producer is not None:
            self.unregisterProducer()
        self._pressure.resumeProducing()
        if self.body is None or self.body.has_ended:
            super().finish()
        elif not self._is_answered:
            self._is_answered = True
            self._linger()

    def handle_exception(self, exception: Exception) -> None:
        """An answer that has begun cannot become an error: it breaks off, so that nobody takes it for whole."""
        if self._response_started:
            self._abort()
        else:
            super().handle_exception(exception)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._pressure.resumeProducing()
        super().connectionLost(reason)


class WebServer(Server):  # type: ignore[misc]
    def __init__(self, application: Any, **options: Any) -> None:
        super().__init__(_taking_streams(application), **options)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if not isinstance(protocol, Request) or protocol.body is None:
            return super().create_application(protocol, scope)
        queue = super().create_application(protocol, scope | {BODY: protocol.body})
        return None if queue is None else protocol.body

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if isinstance(protocol, Request):
            await protocol.until_writable()


class CommandLine(CommandLineInterface):  # type: ignore[misc]
    server_class = WebServer


def _taking_streams(application: Any) -> Any:
    async def run(scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = scope.pop(BODY, None)
        await application(scope, receive if body is None else body.receive, send)

    return run


def _send(protocol: Any, content: str | bytes, binary: bool = False) -> None:
    """daphne's `serverSend`: a message to a socket, accepted now if it was not yet; dropped if it closes."""
    if protocol.state == protocol.STATE_CONNECTING:
        protocol.serverAccept()
    if protocol.state == protocol.STATE_OPEN:
        protocol.transport.write(_framed(content, binary))


# The sockets of a room come one after the other.
@lru_cache(maxsize=2)
def _framed(content: str | bytes, binary: bool) -> bytes:
    payload = content.encode() if isinstance(content, str) else content
    framed: bytes = PreparedMessage(payload, binary, applyMask=False, doNotCompress=True).payloadHybi
    return framed


def _build_request(factory: Any, address: Any) -> Any:
    channel = _build_protocol(factory, address)
    channel.requestFactory = Request
    return channel


def _body_limit() -> int:
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return limit + FORM_OVERHEAD_BYTES


_clock: Any = reactor
_build_protocol = HTTPFactory.buildProtocol
# daphne's server makes the factory by itself, and names its request there.
HTTPFactory.buildProtocol = _build_request
WebSocketProtocol.serverSend = _send

if __name__ == "__main__":
    CommandLine().run(sys.argv[1:])
