"""What a tool gives back, made from text; and a failure, as the model reads it."""

from typing import Any

from apps.assistant.tools.base import ToolResult
from apps.assistant.tools.clipping import clipped
from apps.assistant.tools.data_marks import as_data
from apps.base.errors import DomainError
from apps.base.text import storable
from apps.base.wire import dumps

MAX_SOURCE_CHARS = 40_000
MAX_DETAILS_CHARS = 2_000


def text_block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": storable(text)}


def text_result(text: str, **details: Any) -> ToolResult:
    return ToolResult([text_block(text)], details=details)


def failure(error: DomainError) -> ToolResult:
    """The one place where errors become tool errors. A conflict carries the text as it is now."""
    details = dict(error.details)
    parts = [error.message]
    if isinstance(source := details.pop("source", None), str):
        parts.append(as_data(clipped(source, MAX_SOURCE_CHARS), "the cell's text as it is now"))
    if details:
        parts.append(clipped(f"({error.code}: {dumps(storable(details))})", MAX_DETAILS_CHARS))
    return ToolResult([text_block("\n".join(parts))], is_error=True, details={"error": error.as_json()})
