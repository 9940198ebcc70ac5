"""What was said in a conversation, as the Messages API takes it: a function of the rows, which only ever grow.

Two things are left out later, because the API would refuse the request otherwise. Thinking is bound to what stood
before it, so it goes once that has changed (another model or mode, results left out): `Conversation.thinking_from`.
Results of tools go, the oldest first, when all does not fit into the model's context: `Conversation.results_from`.
"""

from collections.abc import Iterable
from typing import Any

from apps.assistant.models import CallStatus, Conversation, ModelCall, ToolCall, Turn

Json = dict[str, Any]

DROPPED = "[This result was left out to make room. Call the tool again if you need it.]"
THINKING = ("thinking", "redacted_thinking")


def transcript(conversation: Conversation, up_to: Turn) -> list[Json]:
    """The messages up to and with that turn."""
    turns = conversation.turns.filter(number__lte=up_to.number, is_left_out=False).order_by("number")
    calls = ModelCall.objects.filter(turn__in=turns, status=CallStatus.OK).prefetch_related("tool_calls")
    by_turn: dict[Any, list[ModelCall]] = {}
    for call in calls.order_by("id"):
        by_turn.setdefault(call.turn_id, []).append(call)
    messages: list[Json] = []
    for turn in turns:
        messages.append({"role": "user", "content": turn.prompt})
        for call in by_turn.get(turn.id, ()):
            messages += said_in(call, call.tool_calls.all(), conversation)
    return messages


def said_in(call: ModelCall, tool_calls: Iterable[ToolCall], conversation: Conversation) -> list[Json]:
    """The reply, and what was said to it: the results of all its tools, which must have ended."""
    content = call.content
    if call.pk <= conversation.thinking_from:
        content = [block for block in content if block["type"] not in THINKING]
    messages = [{"role": "assistant", "content": content}] if content else []
    is_dropped = call.pk <= conversation.results_from
    answers = [_result(tool_call, is_dropped) for tool_call in tool_calls]
    if answers or call.after:
        messages.append({"role": "user", "content": [*answers, *call.after]})
    return messages


def with_breakpoints(messages: list[Json]) -> list[Json]:
    """Marked for the cache of prompts: up to the end, and up to what was the end before.

    With the one in the system prompt these are three; the API takes at most four.
    """
    marked = list(messages)
    users = [index for index, message in enumerate(messages) if message["role"] == "user"]
    for index in users[-2:]:
        *rest, last = marked[index]["content"]
        last = last | {"cache_control": {"type": "ephemeral"}}
        marked[index] = marked[index] | {"content": [*rest, last]}
    return marked


def _result(tool_call: ToolCall, is_dropped: bool) -> Json:
    result: Json = {
        "type": "tool_result",
        "tool_use_id": tool_call.tool_use_id,
        "content": [{"type": "text", "text": DROPPED}] if is_dropped else tool_call.result,
    }
    return result | {"is_error": True} if tool_call.is_error else result
