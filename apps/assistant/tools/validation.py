"""Is the input what the tool's schema says? What is wrong is told so that a model can mend it."""

from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from apps.assistant.tools.base import Tool
from apps.assistant.tools.clipping import beginning
from apps.base.errors import Invalid

MAX_PROBLEMS = 5
MAX_PROBLEM_CHARS = 300


def checked_input(tool: Tool, value: object) -> dict[str, Any]:
    """The input as it is. Invalid, with each problem, if the schema refuses it."""
    problems = [_told(error) for error in _validator(tool).iter_errors(value)]
    if problems:
        shown = "; ".join(problems[:MAX_PROBLEMS])
        fields = ", ".join(
            f"{name}{'' if name in tool.input_schema['required'] else ' (may be left out)'}"
            for name in tool.input_schema["properties"]
        )
        raise Invalid(
            f"The input of {tool.name} is not right: {shown}. "
            + (f"It takes {fields}." if fields else "It takes nothing.")
        )
    assert isinstance(value, dict)  # every schema says so
    return value


def object_schema(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """A strict schema of an object: nothing but these properties."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


@lru_cache
def _validator(tool: Tool) -> Draft202012Validator:
    return Draft202012Validator(tool.input_schema)


def _told(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    told = beginning(error.message[: 2 * MAX_PROBLEM_CHARS], MAX_PROBLEM_CHARS)
    return f"{where}: {told}" if where else told
