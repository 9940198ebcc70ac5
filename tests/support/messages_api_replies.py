"""What the Messages API of the tests can do in reply to a request: acts, played one after the other.

`says`, `calls` and `recorded` make whole replies of them.
"""

import json
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

Json = dict[str, Any]

SHARED_STREAMS = Path(__file__).resolve().parents[3] / "shared" / "sse"

_numbers = count(1)


class Act(Protocol):
    def play(self, handler: Any, request: Json, usage: Json) -> None: ...


@dataclass
class Status:
    """An answer that is no stream."""

    status: int
    kind: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)

    def play(self, handler: Any, request: Json, usage: Json) -> None:
        error = {"type": "error", "error": {"type": self.kind, "message": self.message}}
        body = json.dumps(error).encode()
        handler.send_response(self.status)
        for name, value in {"Content-Type": "application/json", **self.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@dataclass
class Raw:
    """Bytes of the stream, as they are."""

    data: bytes

    def play(self, handler: Any, request: Json, usage: Json) -> None:
        _begin(handler)
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(self.data), self.data))
        handler.wfile.flush()


@dataclass
class Event:
    """One event of the stream. A `message_start` gets the id, the model and the usage of the request."""

    event: Json

    def play(self, handler: Any, request: Json, usage: Json) -> None:
        event = self.event
        if event["type"] == "message_start" and "message" not in event:
            message = {
                "id": f"msg_{uuid4().hex}",
                "type": "message",
                "role": "assistant",
                "model": request["model"],
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": usage | {"output_tokens": 1},
            }
            event = event | {"message": message}
        Raw(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()).play(handler, request, usage)


@dataclass
class Gate:
    """Goes on when it is opened, or the other side is gone."""

    opened: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        self.opened.set()

    def wait_until_reached(self, deadline_s: float = 30) -> None:
        assert self.reached.wait(deadline_s), "nobody came to the gate"

    def play(self, handler: Any, request: Json, usage: Json) -> None:
        self.reached.set()
        handler.wfile.flush()
        while not self.opened.wait(0.02):
            if _is_gone(handler.connection):
                raise ConnectionResetError


@dataclass
class Pause:
    """For as long as a model takes."""

    seconds: float

    def play(self, handler: Any, request: Json, usage: Json) -> None:
        time.sleep(self.seconds)


@dataclass
class Tear:
    """The connection is gone, in the middle of whatever it was."""

    def play(self, handler: Any, request: Json, usage: Json) -> None:
        handler.wfile.flush()
        with suppress(OSError):
            handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True


def says(*texts: str, stop_reason: str | None = "end_turn") -> list[Act]:
    """A reply of text, in these pieces."""
    return message([text_block(*texts)], stop_reason)


def calls(*tools: tuple[str, Json], text: str = "", stop_reason: str = "tool_use") -> list[Act]:
    """A reply that calls tools."""
    blocks = [text_block(text)] if text else []
    return message([*blocks, *(tool_block(name, value) for name, value in tools)], stop_reason)


def message(blocks: Iterable[Sequence[Json]], stop_reason: str | None, **end: Any) -> list[Act]:
    """A whole reply; a block is its start, its deltas and its stop, without the index."""
    return [START, *body(blocks), *ends(stop_reason, **end)]


def body(blocks: Iterable[Sequence[Json]]) -> list[Act]:
    return [Event(event | {"index": index}) for index, block in enumerate(blocks) for event in block]


def ends(stop_reason: str | None, output_tokens: int = 20, **delta: Any) -> list[Act]:
    end = {
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason, "stop_sequence": None, **delta},
        "usage": {"output_tokens": output_tokens},
    }
    return [Event(end), Event({"type": "message_stop"})]


def text_block(*texts: str) -> list[Json]:
    return [
        {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}} for text in texts),
        STOP,
    ]


def tool_block(name: str, value: Json | str, id: str | None = None) -> list[Json]:
    """`value`: the input, or the text that comes in its place. The text comes in pieces."""
    text = value if isinstance(value, str) else json.dumps(value)
    size = max(1, len(text) // 3)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    start = {"type": "tool_use", "id": id or f"toolu_{next(_numbers):06}", "name": name, "input": {}}
    return [
        {"type": "content_block_start", "content_block": start},
        *(
            {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": piece}}
            for piece in pieces
        ),
        STOP,
    ]


def thinking_block(text: str) -> list[Json]:
    return [
        {
            "type": "content_block_start",
            "content_block": {"type": "thinking", "thinking": "", "signature": ""},
        },
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": text}},
        {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": f"signed:{text}"}},
        STOP,
    ]


def recorded(name: str) -> list[Act]:
    """A stream that was recorded, as it is."""
    return [Raw((SHARED_STREAMS / name).read_bytes() + b"\n\n")]


START = Event({"type": "message_start"})
STOP: Json = {"type": "content_block_stop"}


def _begin(handler: Any) -> None:
    """The head of a stream, once a request."""
    if getattr(handler, "streams_request", None) is handler.headers:
        return
    handler.streams_request = handler.headers
    handler.is_streaming = True
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()


def _is_gone(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
