"""Conversations and turns as docs/protocol.md shows them ("Assistant"). A few queries, however many turns."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from apps.assistant.models import CallStatus, Conversation, ModelCall, ToolCall, Turn, TurnUndo

Json = dict[str, Any]

MAX_RESULT_CHARS = 4_000


def conversation_json(conversation: Conversation) -> Json:
    newest = conversation.turns.order_by("-number").values_list("status", flat=True).first()
    return {
        "id": str(conversation.id),
        "title": conversation.title,
        "mode": conversation.mode,
        "model": conversation.model,
        "created_by": conversation.created_by.get_username() if conversation.created_by else "",
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
        "turn_count": conversation.turns.count(),
        "status": newest,
    }


def turn_json(turn: Turn) -> Json:
    return turns_json([turn])[0]


def turns_json(turns: Sequence[Turn]) -> list[Json]:
    calls: dict[UUID | None, list[ModelCall]] = defaultdict(list)
    rows = ModelCall.objects.filter(turn__in=turns).defer("request", "messages", "reply", "content", "after")
    for call in rows.order_by("id"):
        calls[call.turn_id].append(call)
    tools = {str(each.id): each for each in ToolCall.objects.filter(turn__in=turns)}
    undone_by = dict(TurnUndo.objects.filter(turn__in=turns).values_list("turn_id", "undone_by"))
    return [_turn_json(turn, calls[turn.id], tools, undone_by.get(turn.id)) for turn in turns]


def turn_state(turn: Turn) -> Json:
    """What changes of a turn: for the event `turn_updated`."""
    return {
        "id": str(turn.id),
        "conversation_id": str(turn.conversation_id),
        "number": turn.number,
        "status": turn.status,
        "error": turn.error,
        "offset": turn.offset,
        "is_left_out": turn.is_left_out,
    }


def tool_json(call: ToolCall) -> Json:
    ended = call.finished_at and call.started_at
    return {
        "type": "tool",
        "id": str(call.id),
        "name": call.name,
        "input": call.input,
        "status": call.status,
        "is_error": call.is_error,
        "preview": call.preview,
        "reason": call.reason,
        "details": call.details,
        "result": _text_of(call.result),
        "decision": call.decision,
        "answer": call.answer,
        "decided_by": call.decided_by_label,
        "elapsed_ms": round((call.finished_at - call.started_at).total_seconds() * 1000)
        if ended and call.finished_at and call.started_at
        else None,
    }


def writing_tool_json(tool_call_id: UUID, name: str) -> Json:
    """Of a call whose input the model still writes."""
    return tool_json(ToolCall(id=tool_call_id, name=name, input=None)) | {"status": "writing"}


def usage_json(calls: Sequence[ModelCall]) -> Json:
    costs = [call.cost_usd for call in calls]
    return {
        "steps": sum(1 for call in calls if call.status == CallStatus.OK),
        "input_tokens": sum(call.input_tokens for call in calls),
        "output_tokens": sum(call.output_tokens for call in calls),
        "cache_read_tokens": sum(call.cache_read_tokens for call in calls),
        "cache_write_tokens": sum(call.cache_write_tokens for call in calls),
        "cost_usd": None if None in costs else float(sum(cost for cost in costs if cost is not None)),
    }


def _turn_json(turn: Turn, calls: list[ModelCall], tools: dict[str, ToolCall], undone_by: str | None) -> Json:
    told = [block for call in calls if call.status == CallStatus.OK for block in call.shown]
    blocks = [tool_json(tools[block["id"]]) if block["type"] == "tool" else block for block in told]
    return turn_state(turn) | {
        "asked_by": turn.asked_by_label,
        "message": turn.message,
        "mentions": turn.mentions,
        "attachments": turn.attachments,
        "mode": turn.mode,
        "model": turn.model,
        "notice": turn.notice,
        "undone_by": undone_by,
        "created_at": turn.created_at.isoformat(),
        "started_at": turn.started_at.isoformat() if turn.started_at else None,
        "finished_at": turn.finished_at.isoformat() if turn.finished_at else None,
        "blocks": blocks + turn.blocks,
        "usage": usage_json(calls),
    }


def _text_of(blocks: list[Json]) -> str:
    texts = [block["text"] if block.get("type") == "text" else f"[{block.get('type')}]" for block in blocks]
    text = "\n".join(texts)
    return text if len(text) <= MAX_RESULT_CHARS else f"{text[:MAX_RESULT_CHARS]}…"
