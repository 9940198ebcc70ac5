"""What a call of the model came to, in its row."""

import time
from typing import Any

from apps.assistant.model_errors import ModelTrouble
from apps.assistant.models import CallStatus, ModelCall
from apps.assistant.pricing import cost_usd
from apps.assistant.redaction import redacted, redacted_keys
from apps.assistant.reply import BrokenReply, Delta, Reply
from apps.base.text import storable

# What is known of a call once it has ended, and what is too long to be read without need.
RESULT_FIELDS = (
    *("status", "reply", "content", "after", "shown", "error", "stop_reason", "cost_usd"),
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("first_event_ms", "elapsed_ms"),
)
LONG_FIELDS = ("request", "messages", "reply", "content", "after", "shown")


def take_event(reply: Reply, event: dict[str, Any]) -> Delta | None:
    """Into the reply. ModelTrouble if it does not fit."""
    try:
        return reply.take(event)
    except BrokenReply as error:
        message = "The model's reply was damaged on the way."
        raise ModelTrouble("connection", message, f"BrokenReply: {error}", is_retryable=True) from error


def count_usage(call: ModelCall, reply: Reply) -> None:
    usage = reply.usage
    call.input_tokens, call.output_tokens = usage.input, usage.output
    call.cache_read_tokens, call.cache_write_tokens = usage.cache_read, usage.cache_write
    call.cost_usd = cost_usd(call.model, usage)


def store_reply(call: ModelCall, reply: Reply, status: CallStatus) -> None:
    call.status = status
    call.reply = redacted(reply.as_json(), redacted_keys)
    call.stop_reason = storable(reply.stop_reason or "")[:50]
    call.save(update_fields=RESULT_FIELDS)


def store_torn(call: ModelCall, trouble: ModelTrouble) -> None:
    call.status = CallStatus.TORN
    call.error = {"code": trouble.code, "message": trouble.message, "detail": trouble.detail}
    call.save(update_fields=RESULT_FIELDS)


def ms_since(began_at: float) -> int:
    """`began_at`: on the monotonic clock."""
    return round((time.monotonic() - began_at) * 1000)
