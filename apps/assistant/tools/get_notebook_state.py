from typing import Any, ClassVar
from uuid import UUID

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.cell_ids import CELL_ID, cell_id_of
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.results import text_result
from apps.assistant.tools.state import notebook_state, written
from apps.assistant.tools.validation import object_schema

MAX_CELLS = 200


class GetNotebookState(Tool):
    """Shows the notebook as it is now: every cell in document order with its id, version, kind, status, what it reads
    from which cell and what it writes, whether it is stale and why, the beginning of its source and a short preview
    of its outputs. Call it first, and again when people may have changed something. In a long notebook sources and
    previews are cut short: give cell_ids to see more of some cells, or call read_cell for all of one.

    A stale cell shows what an older text or older inputs made; run it before you rely on its outputs. The number
    behind `v` is the version that editing tools ask for. Ids are shortened; use them as they are shown.
    """

    name: ClassVar = "get_notebook_state"
    effect: ClassVar = Effect.READS
    input_schema: ClassVar = object_schema(
        {},
        {
            "cell_ids": {
                "type": "array",
                "items": CELL_ID,
                "description": f"Only these cells, at most {MAX_CELLS}. Left out: all.",
            }
        },
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        only: list[UUID] | None = None
        if (given := input.get("cell_ids")) is not None:
            only = [cell_id_of(context.notebook_id, each, "cell_ids") for each in given[:MAX_CELLS]]
        state = notebook_state(actor=context.actor, notebook_id=context.notebook_id, only=only)
        return text_result(as_data(written(state), "the notebook"), cells=len(state.cells))
