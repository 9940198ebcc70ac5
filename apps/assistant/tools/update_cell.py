from typing import Any, ClassVar

from apps.assistant.changes import Change, Replacement
from apps.assistant.tools.base import ToolContext
from apps.assistant.tools.cell_ids import CELL_ID, cell_id_of
from apps.assistant.tools.edits import SOURCE, VERSION, EditTool, edited_text
from apps.assistant.tools.validation import object_schema


class UpdateCell(EditTool):
    """Replaces the whole text of a cell, for when most of it changes; for a small change call edit_cell. People may be
    typing in the same cell: what you do not change, leave exactly as it is. If somebody has edited the cell since you
    read it, nothing is replaced and you get its text as it is now: put your change into that text, and call again
    with the version it names. Do not undo what the person did. The cell is not run.
    """

    name: ClassVar = "update_cell"
    input_schema: ClassVar = object_schema({"cell_id": CELL_ID, "version": VERSION, "source": SOURCE})

    def change(self, context: ToolContext, input: dict[str, Any]) -> Change:
        cell_id = cell_id_of(context.notebook_id, input["cell_id"])
        return Replacement(cell_id, int(input["version"]), input["source"])

    def told(self, done: dict[str, Any], input: dict[str, Any]) -> str:
        return edited_text(done)
