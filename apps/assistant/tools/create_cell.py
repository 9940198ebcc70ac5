from typing import Any, ClassVar

from apps.assistant.changes import Change, Creation
from apps.assistant.tools.base import ToolContext
from apps.assistant.tools.cell_ids import AFTER, position_of, short_id
from apps.assistant.tools.edits import KIND, SOURCE, EditTool, problems_of
from apps.assistant.tools.validation import object_schema


class CreateCell(EditTool):
    """Adds a new cell and gives back its id. It is not run: call run_cell for that. One step of thought per cell reads
    best: load, clean, plot, each in its own. Cells share their global variables, and a cell that reads a name runs
    after the one above it that binds the name; so do not bind a name again in a second cell without need.
    """

    name: ClassVar = "create_cell"
    input_schema: ClassVar = object_schema({"kind": KIND, "source": SOURCE, "after": AFTER})

    def change(self, context: ToolContext, input: dict[str, Any]) -> Change:
        after = position_of(context.notebook_id, input["after"])
        return Creation(input["kind"], input["source"], after)

    def told(self, done: dict[str, Any], input: dict[str, Any]) -> str:
        told = f"Created cell {short_id(done['cell_id'])} at version 0."
        return told + (problems_of(input["source"]) if input["kind"] == "python" else "")
