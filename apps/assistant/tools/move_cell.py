from typing import Any, ClassVar

from apps.assistant.changes import Change, Move
from apps.assistant.tools.base import ToolContext
from apps.assistant.tools.cell_ids import AFTER, CELL_ID, cell_id_of, position_of, short_id
from apps.assistant.tools.edits import EditTool
from apps.assistant.tools.validation import object_schema


class MoveCell(EditTool):
    """Moves a cell to another place, after a cell, to the start or to the end. Order matters: a cell that reads a name
    gets it from the nearest cell above it that binds the name.
    """

    name: ClassVar = "move_cell"
    input_schema: ClassVar = object_schema({"cell_id": CELL_ID, "after": AFTER})

    def change(self, context: ToolContext, input: dict[str, Any]) -> Change:
        cell_id = cell_id_of(context.notebook_id, input["cell_id"])
        return Move(cell_id, position_of(context.notebook_id, input["after"]))

    def told(self, done: dict[str, Any], input: dict[str, Any]) -> str:
        cell = short_id(done["cell_id"])
        if done["from_key"] == done["to_key"]:
            return f"Cell {cell} is there already: nothing was moved."
        return f"Moved cell {cell}."
