from typing import Any, ClassVar

from apps.assistant.changes import Change, Deletion
from apps.assistant.tools.base import ToolContext
from apps.assistant.tools.cell_ids import CELL_ID, cell_id_of, short_id
from apps.assistant.tools.edits import VERSION, EditTool
from apps.assistant.tools.validation import object_schema


class DeleteCell(EditTool):
    """Takes a cell out of the notebook. Only if the person wants it gone, or if you made it yourself and it is of no
    use. People can bring it back. If somebody has edited the cell since you read it, it stays, and you get its text
    as it is now: they may want to keep it.
    """

    name: ClassVar = "delete_cell"
    input_schema: ClassVar = object_schema({"cell_id": CELL_ID, "version": VERSION})

    def change(self, context: ToolContext, input: dict[str, Any]) -> Change:
        return Deletion(cell_id_of(context.notebook_id, input["cell_id"]), int(input["version"]))

    def told(self, done: dict[str, Any], input: dict[str, Any]) -> str:
        return f"Deleted cell {short_id(done['cell_id'])}."
