"""What can go wrong between us and the model's API, in words for people, and what to do about it."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import anthropic
import httpx2
from django.utils import timezone

from apps.assistant.redaction import redacted_text
from apps.assistant.reply import BrokenReply
from apps.base.text import storable

# What an error in the middle of a stream says instead of a status.
_STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_TOO_LONG = ("prompt is too long", "context limit", "context window", "too many total text bytes")


@dataclass(eq=False)
class ModelTrouble(Exception):
    """A call of the model that came to nothing. `code` and `message` are for people, `detail` is for the record."""

    code: str
    message: str
    detail: str
    is_retryable: bool = False
    retry_after_s: float | None = None
    is_too_long: bool = False
    is_thinking_refused: bool = False


def trouble_of(error: Exception, model: str) -> ModelTrouble | None:
    """None for an error that is not the API's or the network's."""
    match error:
        case anthropic.APIStatusError():
            return _of_status(error, model)
        case anthropic.APITimeoutError() | httpx2.TimeoutException():
            return _lost("The model did not answer in time.", error)
        case anthropic.APIConnectionError() | httpx2.HTTPError() | httpx2.StreamError() | OSError():
            return _lost("The connection to the model broke off.", error)
        case BrokenReply() | UnicodeDecodeError():
            return _lost("The model's reply was damaged on the way.", error)
        case anthropic.AnthropicError() | httpx2.InvalidURL():
            message = (
                "The model cannot be asked as it is set up: check ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL."
            )
            return ModelTrouble("setup", message, _detail(error))
    return None


def torn() -> ModelTrouble:
    """The stream ended before the message did."""
    return ModelTrouble(
        "connection", "The connection to the model broke off.", "no message_stop", is_retryable=True
    )


def _lost(message: str, error: Exception) -> ModelTrouble:
    return ModelTrouble("connection", message, _detail(error), is_retryable=True)


def _of_status(error: anthropic.APIStatusError, model: str) -> ModelTrouble:
    kind, said = _said(error.body)
    status = error.status_code if error.status_code >= 400 else _STATUS_OF.get(kind, 500)
    detail = _clean(f"{status} {kind}: {said}")
    headers = error.response.headers if error.status_code >= 400 else {}
    match status:
        case 401 | 403:
            message = "The model's API refused the key. Ask your administrator to check ANTHROPIC_API_KEY."
            return ModelTrouble("key_refused", message, detail)
        case 402:
            return ModelTrouble("no_credit", _NO_CREDIT, detail)
        case 404:
            message = f"There is no model {model} for this key. Choose another model for the conversation."
            return ModelTrouble("no_such_model", message, detail)
        case 413:
            return ModelTrouble("too_long", TOO_LONG, detail, is_too_long=True)
        case 400 | 422:
            return _of_bad_request(said, detail)
    should_retry = headers.get("x-should-retry") != "false" and (status in (408, 409, 429) or status >= 500)
    if status == 429:
        code, message = "rate_limited", "Too much is asked of the model right now (its rate limit)."
    elif status == 529 or kind == "overloaded_error":
        code, message = "overloaded", "The model is overloaded right now."
    else:
        code, message = "api_failed", "The model's API failed."
    return ModelTrouble(
        code, message, detail, is_retryable=should_retry, retry_after_s=_retry_after_s(headers)
    )


TOO_LONG = "This conversation has become too long for the model. Start a new one."
_NO_CREDIT = "The account of the model's API has no credit left. Ask your administrator."


def _of_bad_request(said: str, detail: str) -> ModelTrouble:
    lowered = said.lower()
    if any(words in lowered for words in _TOO_LONG):
        return ModelTrouble("too_long", TOO_LONG, detail, is_too_long=True)
    if "thinking" in lowered:
        message = "The model does not take this conversation any more. Start a new one."
        return ModelTrouble("thinking_refused", message, detail, is_thinking_refused=True)
    if "credit balance" in lowered:
        return ModelTrouble("no_credit", _NO_CREDIT, detail)
    message = f"The model's API refused the request: {_clean(said)[:300]}"
    return ModelTrouble("request_refused", message, detail)


def _said(body: object) -> tuple[str, str]:
    """The type and the message of an error, whatever came instead of one."""
    error: Any = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", str(body or "")[:2000]
    return str(error.get("type") or ""), str(error.get("message") or "")


def _retry_after_s(headers: Any) -> float | None:
    """Seconds, or until a date; None if it does not say, or nothing that can be understood."""
    text = headers.get("retry-after") or ""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - timezone.now()).total_seconds()
        except (ValueError, TypeError):
            return None
    return seconds if 0 < seconds < float("inf") else None


def _detail(error: Exception) -> str:
    return _clean(f"{type(error).__name__}: {error}")


def _clean(text: str) -> str:
    return str(storable(redacted_text(text)))[:2000]
