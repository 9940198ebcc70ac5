"""A request to the model, but for its messages."""

import hashlib
from typing import Any

from django.conf import settings

from apps.assistant.model_setup import Features
from apps.assistant.models import ConversationMode, ModelCall, Turn
from apps.assistant.system_prompt import system_prompt
from apps.assistant.tools import tools_of
from apps.assistant.transcript import with_breakpoints

Json = dict[str, Any]


def request_for(turn: Turn, features: Features) -> Json:
    """What never changes stands first, up to the first mark for the cache: the tools, then the system prompt."""
    mode = ConversationMode(turn.mode)
    request: Json = {
        "model": turn.model,
        "max_tokens": min(settings.ASSISTANT_MAX_OUTPUT_TOKENS, features.output_tokens),
        "tools": [
            {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
            for tool in tools_of(mode)
        ],
        "system": [
            {"type": "text", "text": system_prompt(mode), "cache_control": {"type": "ephemeral"}},
        ],
        "metadata": metadata_of(turn.asked_by_id),
    }
    if features.thinks:
        request["thinking"] = {"type": "adaptive", "display": "summarized"}
    return request


def metadata_of(user_id: int | None) -> Json:
    """So that abuse can be traced to a person, without telling who that is."""
    return {"user_id": hashlib.sha256(f"{settings.SECRET_KEY}{user_id}".encode()).hexdigest()}


def sent_request(call: ModelCall) -> Json:
    """The whole request of a call, as it was sent."""
    messages: list[Json] = []
    each: ModelCall | None = call
    while each is not None:
        messages = each.messages + messages
        each = each.follows
    request: Json = call.request | {"messages": with_breakpoints(messages)}
    return request
