"""What follows from a reply that was told to its end: tools to call, an end, another call. Pure.

Whatever a model or a server in between sends, what comes out can be stored and sent back: ids are there and unique,
inputs are objects, no block is empty or without its counterpart.
"""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from apps.assistant.reply import Block, Json, Reply
from apps.base.ids import new_id
from apps.base.text import storable

# A larger input would fill the model's context with its own words each time it is sent back.
MAX_INPUT_CHARS = 400_000

_TOOL_USE_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")

CUT_IN_INPUT = (
    "Your last reply reached the length limit while it wrote the input of a tool, so the tool was not called. "
    "Go on in smaller steps: shorter cells, or several calls."
)
GO_ON = "Go on."
CUT_IN_THOUGHT = "Your last reply reached the length limit before it said anything. Think less, and answer."


class Next(StrEnum):
    TOOLS = "tools"
    END = "end"
    AGAIN = "again"
    """Ask again, with what the reply said so far."""
    REFUSED = "refused"
    OVERFLOW = "overflow"
    """The conversation does not fit into the model's context any more."""


@dataclass(frozen=True)
class ToolUse:
    """A tool to call. `problem`: why that is not possible, for the model."""

    index: int
    id: str
    name: str
    input: Json
    problem: str = ""


@dataclass(frozen=True)
class Outcome:
    """`content` is what of the reply is sent back, `after` what is said to the model then; `note` is for people."""

    next: Next
    content: list[Json] = field(default_factory=list)
    tool_uses: list[ToolUse] = field(default_factory=list)
    after: str = ""
    note: str = ""


def outcome_of(reply: Reply, used_ids: Collection[str]) -> Outcome:
    """`used_ids`: those of the conversation's tool calls so far."""
    match reply.stop_reason:
        case "tool_use":
            tool_uses = _tool_uses(reply, used_ids)
            content = _content(reply, {each.index: each for each in tool_uses})
            if not tool_uses:
                return Outcome(Next.END, content, note="The assistant stopped to use a tool, but named none.")
            return Outcome(Next.TOOLS, content, tool_uses)
        case "end_turn" | "stop_sequence":
            content = _content(reply)
            return Outcome(Next.END, content, note="" if content else "The assistant had nothing to say.")
        case "max_tokens":
            return _cut(reply)
        case "pause_turn":
            return Outcome(Next.AGAIN, _content(reply), after=GO_ON)
        case "refusal":
            return Outcome(Next.REFUSED)
        case "model_context_window_exceeded":
            return Outcome(Next.OVERFLOW)
        case unknown:
            note = f"The assistant stopped for a reason that is not known here ({str(unknown)[:50]})."
            return Outcome(Next.END, _content(reply), note=note)


def _cut(reply: Reply) -> Outcome:
    content = _content(reply)
    if any(block.type == "tool_use" for block in reply.blocks):
        return Outcome(Next.AGAIN, content, after=CUT_IN_INPUT)
    if not content:
        return Outcome(Next.AGAIN, after=CUT_IN_THOUGHT)
    return Outcome(
        Next.END, content, note="The answer was cut off: it reached the length limit. Ask to go on."
    )


def _content(reply: Reply, tool_uses: dict[int, ToolUse] | None = None) -> list[Json]:
    """Empty if nothing is said in it: a message of thinking alone is refused."""
    content = []
    is_worth_sending = False
    for index, block in enumerate(reply.blocks):
        body = _sent_back(block, (tool_uses or {}).get(index))
        if body is not None:
            content.append(body)
            is_worth_sending |= body["type"] not in ("thinking", "redacted_thinking")
    while content and content[-1]["type"] in ("thinking", "redacted_thinking"):
        content.pop()  # nor may thinking be the last
    return content if is_worth_sending else []


def _sent_back(block: Block, tool_use: ToolUse | None) -> Json | None:
    """Tools of the server's own are not asked for, so what they did needs no counterpart and stays out."""
    if not block.is_ended or block.is_strange:
        return None
    match block.type:
        case "text":
            return {"type": "text", "text": storable(block.text)} if block.text.strip() else None
        case "thinking":
            # Unchanged, for it is signed: one that could not be stored as it is stays out.
            is_whole = bool(block.signature) and storable(block.text) == block.text
            return (
                {"type": "thinking", "thinking": block.text, "signature": block.signature}
                if is_whole
                else None
            )
        case "redacted_thinking":
            return storable(block.start)  # type: ignore[no-any-return]
        case "tool_use" if tool_use is not None:
            return {"type": "tool_use", "id": tool_use.id, "name": tool_use.name, "input": tool_use.input}
        case _:
            return None


def _tool_uses(reply: Reply, used_ids: Collection[str]) -> list[ToolUse]:
    tool_uses: list[ToolUse] = []
    taken = set(used_ids)
    for index, block in enumerate(reply.blocks):
        if block.type != "tool_use" or not block.is_ended:
            continue
        tool_input, problem = _input_of(block)
        name = str(block.start.get("name") or "")
        if not _TOOL_NAME.fullmatch(name):
            name, problem = "unnamed_tool", problem or "The call has no name of a tool."
        tool_use_id = _free_id(block.start.get("id"), taken)
        taken.add(tool_use_id)
        tool_uses.append(ToolUse(index, tool_use_id, name, tool_input, problem))
    return tool_uses


def _free_id(asked: object, taken: Collection[str]) -> str:
    """The id of the call, or one of ours where it has none that can be sent back."""
    if isinstance(asked, str) and _TOOL_USE_ID.fullmatch(asked) and asked not in taken:
        return asked
    return f"toolu_{new_id().hex}"


def _input_of(block: Block) -> tuple[Json, str]:
    """The input, and what is wrong with it; then the input is empty."""
    if not block.parts or not block.input_text.strip():
        whole = block.start.get("input")
        return (storable(whole), "") if isinstance(whole, dict) else ({}, "")
    if len(block.input_text) > MAX_INPUT_CHARS:
        limit = (
            f"The input has {len(block.input_text):,} characters, and at most {MAX_INPUT_CHARS:,} are taken."
        )
        return {}, f"{limit} Write less at once."
    return _parsed(block.input_text, json.loads)


def _parsed(text: str, loads: Callable[[str], Any]) -> tuple[Json, str]:
    try:
        value = loads(text)
        if isinstance(value, dict):
            return storable(value), ""
    except (ValueError, RecursionError) as error:
        problem = str(error)[:200] or type(error).__name__
        return {}, f"The input is not valid JSON ({problem}). Call the tool again with a JSON object."
    return {}, "The input must be a JSON object. Call the tool again with one."
