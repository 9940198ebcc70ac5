"""Reads the events of one streamed reply of the Messages API. Pure.

It takes nothing on trust: a reply counts only if it was told to its end, and what it does not know it leaves aside.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.assistant.pricing import Usage
from apps.base.text import storable

# A reply has at most some 128,000 tokens; this is more than any of them takes.
MAX_REPLY_CHARS = 8 * 2**20

Json = dict[str, Any]


class BrokenReply(Exception):
    """The stream is not what the Messages API sends; the message says how."""


@dataclass(frozen=True)
class Delta:
    """What a person sees of an event: text, thinking, or that the model begins to call a tool."""

    kind: Literal["text", "thinking", "tool"]
    text: str


@dataclass
class Block:
    """One block of a reply. `parts` are what its deltas added: to its text, thinking, or the JSON of its input."""

    start: Json
    parts: list[str] = field(default_factory=list)
    signature: str = ""
    is_ended: bool = False
    is_strange: bool = False

    @property
    def type(self) -> str:
        return str(self.start.get("type"))

    @property
    def text(self) -> str:
        return str(self.start.get(self.type) or "") + "".join(self.parts)

    @property
    def input_text(self) -> str:
        return "".join(self.parts)

    @property
    def body(self) -> Json:
        """As it would have come without a stream, but for a tool's input, which stays the text that it was."""
        match self.type:
            case "text":
                return self.start | {"text": self.text}
            case "thinking":
                return self.start | {"thinking": self.text, "signature": self.signature}
            case _:
                return self.start | ({"partial_json": self.input_text} if self.parts else {})


@dataclass
class Reply:
    """`blocks` by their index, complete or not. `is_complete`: the stream was told to its end."""

    message: Json = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    stop_reason: str | None = None
    stop_details: Json | None = None
    is_complete: bool = False
    _chars: int = 0
    _usage: Json = field(default_factory=dict)

    def take(self, event: Json) -> Delta | None:
        """One event, in order. BrokenReply if it cannot be."""
        match event.get("type"):
            case "message_start":
                self._start(event)
            case "content_block_start":
                return self._start_block(event)
            case "content_block_delta":
                return self._add(event)
            case "content_block_stop":
                self._block_of(event).is_ended = True
            case "message_delta":
                self._take_end(event)
            case "message_stop":
                self.is_complete = True
        return None  # pings, and whatever else there may be one day

    @property
    def usage(self) -> Usage:
        def count(name: str) -> int:
            value = self._usage.get(name)
            return value if isinstance(value, int) and 0 <= value < 2**31 else 0

        return Usage(
            input=count("input_tokens"),
            output=count("output_tokens"),
            cache_read=count("cache_read_input_tokens"),
            cache_write=count("cache_creation_input_tokens"),
        )

    def as_json(self) -> Json:
        """The message as the API would have given it without a stream, fit to be stored."""
        ends = {"stop_reason": self.stop_reason, "stop_details": self.stop_details, "usage": self._usage}
        message: Json = storable(self.message | ends | {"content": [block.body for block in self.blocks]})
        return message

    def _start(self, event: Json) -> None:
        if self.message:
            raise BrokenReply("a second message began")
        self.message = dict(_object(event, "message"))
        self._merge_usage(self.message.get("usage"))

    def _start_block(self, event: Json) -> Delta | None:
        if not self.message:
            raise BrokenReply("a block came before its message")
        if event.get("index") != len(self.blocks):
            raise BrokenReply("blocks came out of order")
        block = Block(dict(_object(event, "content_block")))
        self.blocks.append(block)
        block.signature = str(block.start.get("signature") or "")
        self._count(json.dumps(block.start))
        match block.type:
            case "text" | "thinking" as kind:
                return _delta(kind, block.start.get(kind))
            case "tool_use":
                return Delta("tool", storable(str(block.start.get("name", ""))))
        return None

    def _add(self, event: Json) -> Delta | None:
        block, delta = self._block_of(event), _object(event, "delta")
        match block.type, delta.get("type"):
            case ("text", "text_delta") | ("thinking", "thinking_delta"):
                text = self._text(delta, block.type)
                block.parts.append(text)
                return _delta(block.type, text)
            case "thinking", "signature_delta":
                block.signature += self._text(delta, "signature")
            case "tool_use" | "server_tool_use", "input_json_delta":
                block.parts.append(self._text(delta, "partial_json"))
            case "text", "citations_delta":
                pass  # where a text is from is not shown, and need not be sent back
            case _:
                block.is_strange = True
        return None

    def _take_end(self, event: Json) -> None:
        delta = _object(event, "delta")
        stop_reason = delta.get("stop_reason")
        self.stop_reason = stop_reason if isinstance(stop_reason, str) else None
        details = delta.get("stop_details")
        self.stop_details = details if isinstance(details, dict) else None
        self._merge_usage(event.get("usage"))

    def _merge_usage(self, usage: object) -> None:
        """Later counts are totals; what they do not say stays."""
        if isinstance(usage, dict):
            self._usage |= {name: value for name, value in usage.items() if value is not None}

    def _block_of(self, event: Json) -> Block:
        index = event.get("index")
        if not isinstance(index, int) or not 0 <= index < len(self.blocks):
            raise BrokenReply("a part came without its block")
        if self.blocks[index].is_ended:
            raise BrokenReply("a part came after the end of its block")
        return self.blocks[index]

    def _text(self, delta: Json, name: str) -> str:
        text = delta.get(name)
        if not isinstance(text, str):
            raise BrokenReply(f"a part has no {name}")
        self._count(text)
        return text

    def _count(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > MAX_REPLY_CHARS:
            raise BrokenReply("it is longer than any reply can be")


def _object(event: Json, name: str) -> Json:
    value = event.get(name)
    if not isinstance(value, dict):
        raise BrokenReply(f"an event has no {name}")
    return value


def _delta(kind: Any, text: object) -> Delta | None:
    return Delta(kind, storable(text)) if isinstance(text, str) and text else None
