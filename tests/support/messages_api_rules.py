"""What the Messages API refuses, what it would rather not have, and what its cache of prompts saves."""

import hashlib
import json
import re
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

Json = dict[str, Any]

KNOWN = {
    "model",
    "max_tokens",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "metadata",
    "stream",
    "stop_sequences",
    "service_tier",
}
BLOCKS_OF = {
    "user": {"text", "image", "tool_result", "document"},
    "assistant": {
        "text",
        "tool_use",
        "thinking",
        "redacted_thinking",
        "server_tool_use",
        "web_search_tool_result",
    },
}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
MAX_BREAKPOINTS = 4
LOOKBACK_BLOCKS = 20


class Refused(Exception):
    pass


class Rules:
    """Remembers what was sent, by conversation: the first message tells which one."""

    def __init__(self) -> None:
        self.allows_changed_prefix = False
        self._sent: dict[str, list[Json]] = {}
        self._cached: set[str] = set()

    def fault_of(self, request: Json, headers: Any) -> str:
        """Empty if there is none."""
        try:
            _check_head(request, headers)
            _check_tools(request.get("tools", []))
            _check_breakpoints(request)
            messages = _combined(request["messages"])
            _check_messages(messages)
            self._check_prefix(messages)
        except Refused as refused:
            return str(refused)
        return ""

    def usage_of(self, request: Json) -> Json:
        """A token is four characters of JSON. Written is what stands before the last mark, and not read."""
        pieces = _pieces(request)
        sizes, hashes, marks = [], [], []
        digest = hashlib.sha256()
        for index, (text, is_marked) in enumerate(pieces):
            digest.update(text.encode())
            sizes.append(max(1, len(text) // 4))
            hashes.append(digest.hexdigest())
            if is_marked:
                marks.append(index)
        read = max(
            (
                index
                for mark in marks
                for index in range(max(0, mark - LOOKBACK_BLOCKS), mark + 1)
                if hashes[index] in self._cached
            ),
            default=-1,
        )
        self._cached |= {hashes[mark] for mark in marks}
        last = max(marks, default=-1)
        return {
            "input_tokens": sum(sizes[last + 1 :]),
            "cache_read_input_tokens": sum(sizes[: read + 1]),
            "cache_creation_input_tokens": sum(sizes[read + 1 : last + 1]),
        }

    def _check_prefix(self, messages: list[Json]) -> None:
        """What was sent is sent again, unchanged, and more. Thinking is refused where that is not so."""
        key = json.dumps(messages[0]["content"][:1], sort_keys=True)
        sent, now = self._sent.get(key, []), _flat(messages)
        self._sent[key] = now
        if now[: len(sent)] == sent:
            return
        if not self.allows_changed_prefix:
            raise Refused("the transcript does not go on from what was sent before")
        if any(block.get("type") == "thinking" for block in now):
            raise Refused("messages: `thinking` blocks are bound to a different conversation")


def _check_head(request: Json, headers: Any) -> None:
    if not (headers.get("authorization") or headers.get("x-api-key")) or not headers.get("anthropic-version"):
        raise Refused("a key and anthropic-version are required")
    if unknown := set(request) - KNOWN:
        raise Refused(f"{', '.join(sorted(unknown))}: Extra inputs are not permitted")
    if request.get("stream") is not True:
        raise Refused("tests expect streams")
    if not isinstance(request.get("max_tokens"), int) or request["max_tokens"] < 1:
        raise Refused("max_tokens: Input should be a positive integer")
    if (request.get("tool_choice") or {}).get("type") in ("any", "tool"):
        raise Refused("tool_choice: forcing a tool is not supported with this model")
    if request.get("thinking", {"type": "adaptive"})["type"] != "adaptive":
        raise Refused("thinking: only adaptive thinking is supported with this model")


def _check_tools(tools: list[Json]) -> None:
    names = [tool["name"] for tool in tools]
    if len(set(names)) < len(names):
        raise Refused("tools: Tool names must be unique.")
    for tool in tools:
        if not NAME.fullmatch(tool["name"]) or not tool.get("description"):
            raise Refused(f"tools: {tool['name']!r} needs a proper name and a description")
        schema = tool["input_schema"]
        if schema.get("type") != "object":
            raise Refused("tools: input_schema.type must be object")
        if problem := _problem_of_schema(json.dumps(schema)):
            raise Refused(f"tools: input_schema is not valid ({problem})")


@lru_cache
def _problem_of_schema(schema: str) -> str:
    """Empty if there is none. Remembered, as all requests have the same few schemas."""
    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as error:
        return str(error.message)
    return ""


def _check_breakpoints(request: Json) -> None:
    marked = [
        block
        for block in [
            *request.get("tools", []),
            *_system(request),
            *_flat(request["messages"], keep_marks=True),
        ]
        if "cache_control" in block
    ]
    if len(marked) > MAX_BREAKPOINTS:
        raise Refused(f"A maximum of 4 blocks with cache_control may be provided. Found {len(marked)}.")
    if any(block.get("type") in ("thinking", "redacted_thinking") for block in marked):
        raise Refused("cache_control cannot be set for thinking blocks")


def _check_messages(messages: list[Json]) -> None:
    if not messages or messages[0]["role"] != "user":
        raise Refused("messages: first message must use the user role")
    if messages[-1]["role"] != "user":
        raise Refused("This model does not support assistant message prefill.")
    used: set[str] = set()
    asked: list[str] = []
    for message in messages:
        if not message["content"]:
            raise Refused("messages: content must not be empty")
        for block in message["content"]:
            _check_block(message["role"], block)
        _check_results(message, asked)
        asked = [block["id"] for block in message["content"] if block["type"] == "tool_use"]
        if used & set(asked) or len(set(asked)) < len(asked):
            raise Refused("messages: `tool_use` ids must be unique")
        used |= set(asked)
        if message["role"] == "assistant" and message["content"][-1]["type"] == "thinking":
            raise Refused("messages: The final block in an assistant message cannot be `thinking`.")


def _check_block(role: str, block: Json) -> None:
    kind = block.get("type")
    if kind not in BLOCKS_OF[role]:
        raise Refused(f"messages: a {role} cannot send {kind}")
    if kind == "text" and not block["text"].strip():
        raise Refused("messages: text content blocks must be non-empty")
    if kind == "thinking" and block["signature"] != f"signed:{block['thinking']}":
        raise Refused("messages: Invalid `signature` in `thinking` block")
    if kind == "tool_use" and not (
        NAME.fullmatch(block["id"]) and NAME.fullmatch(block["name"]) and isinstance(block["input"], dict)
    ):
        raise Refused("messages: tool_use needs an id, a name and an input that is an object")
    if kind == "tool_result":
        for part in block["content"]:
            if part["type"] not in ("text", "image") or (part["type"] == "text" and not part["text"].strip()):
                raise Refused("messages: content of a tool_result must be text that is not empty, or images")


def _check_results(message: Json, asked: list[str]) -> None:
    results = [block["tool_use_id"] for block in message["content"] if block["type"] == "tool_result"]
    if message["role"] == "user" and sorted(results) != sorted(asked):
        raise Refused(f"messages: `tool_use` ids {asked} need `tool_result` blocks, and there are {results}")
    kinds = [block["type"] == "tool_result" for block in message["content"]]
    if kinds != sorted(kinds, reverse=True):
        raise Refused("messages: tool_result blocks come first")


def _combined(messages: list[Json]) -> list[Json]:
    """Messages of one role that follow each other are one."""
    combined: list[Json] = []
    for message in messages:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if combined and combined[-1]["role"] == message["role"]:
            combined[-1]["content"] = combined[-1]["content"] + blocks
        else:
            combined.append({"role": message["role"], "content": blocks})
    return combined


def _flat(messages: list[Json], *, keep_marks: bool = False) -> list[Json]:
    return [
        {name: value for name, value in block.items() if keep_marks or name != "cache_control"}
        | {"of": message["role"]}
        for message in messages
        for block in message["content"]
    ]


def _system(request: Json) -> list[Json]:
    system = request.get("system", [])
    return [{"type": "text", "text": system}] if isinstance(system, str) else system


def _pieces(request: Json) -> list[tuple[str, bool]]:
    """What the model reads, in its order, and which pieces are marked for the cache."""
    pieces = [*request.get("tools", []), *_system(request), *_flat(request["messages"], keep_marks=True)]
    return [(_unmarked(piece), "cache_control" in piece) for piece in pieces]


def _unmarked(piece: Json) -> str:
    return json.dumps({name: value for name, value in piece.items() if name != "cache_control"})
