from typing import Any, ClassVar

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.cell_ids import short_id
from apps.assistant.tools.clipping import beginning
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.images import told_size
from apps.assistant.tools.results import text_result
from apps.assistant.tools.validation import object_schema
from apps.execution.variables import variable, variables

MAX_VARIABLES = 200
MAX_ROWS = 10
MAX_TEXT_CHARS = 1_500
MAX_VALUE_CHARS = 80


class GetVariables(Tool):
    """Shows what is in the kernel: each variable with its type, shape, size, the cell that bound it last and a short
    preview. With `name` it shows one of them in more detail: the first rows of a dataframe, the items of a list or a
    dict, the attributes of an object. Nothing is run for it. While a cell runs, the kernel cannot answer.
    """

    name: ClassVar = "get_variables"
    effect: ClassVar = Effect.READS
    input_schema: ClassVar = object_schema(
        {}, {"name": {"type": "string", "description": "Of one variable, to see more of it. Left out: all."}}
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        place: dict[str, Any] = {"actor": context.actor, "notebook_id": context.notebook_id}
        if name := input.get("name"):
            return text_result(as_data(_details(name, variable(**place, name=name)), "a variable"))
        found = variables(**place)
        lines = [_line(each) for each in found["variables"][:MAX_VARIABLES]]
        if len(found["variables"]) > MAX_VARIABLES or not found["is_complete"]:
            lines.append("… and more. Ask for one by its name.")
        return text_result(
            as_data("\n".join(lines), "the variables") if lines else "There are no variables yet."
        )


def _line(variable: dict[str, Any]) -> str:
    words = [f"{variable['name']}: {variable['type']}"]
    if variable["shape"]:
        words.append(variable["shape"])
    if variable["size_bytes"] is not None:
        words.append(told_size(variable["size_bytes"]))
    if variable["cell_id"]:
        words.append(f"of cell {short_id(variable['cell_id'])}")
    preview = beginning(variable["preview"], MAX_VALUE_CHARS)
    return ", ".join(words) + (f" = {preview}" if preview else "")


def _details(name: str, found: dict[str, Any]) -> str:
    lines = [f"{name}: {found['type']}"]
    if found["columns"]:
        lines.append(" | ".join(found["columns"]))
    lines += [
        " | ".join(beginning(each, MAX_VALUE_CHARS) for each in row) for row in found["rows"][:MAX_ROWS]
    ]
    more = found["more"] + max(0, len(found["rows"]) - MAX_ROWS)
    if found["text"]:
        lines.append(found["text"][:MAX_TEXT_CHARS])
        more = max(0, len(found["text"]) - MAX_TEXT_CHARS) + found["more"]
    return "\n".join([*lines, f"… {more:,} more"] if more else lines)
