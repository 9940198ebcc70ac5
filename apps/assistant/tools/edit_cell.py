from typing import Any, ClassVar

from apps.assistant.changes import Change, Replacement
from apps.assistant.tools.base import ToolContext
from apps.assistant.tools.cell_ids import CELL_ID, cell_id_of
from apps.assistant.tools.edits import VERSION, EditTool, edited_text
from apps.assistant.tools.validation import object_schema
from apps.base.errors import Invalid
from apps.notebooks.queries import get_cell_for
from apps.notebooks.texts import require_version

MAX_LINES_LISTED = 10


class EditCell(EditTool):
    """Replaces one passage in a cell's text. Give `find` exactly as it stands in the cell, with its spaces and line
    breaks, and so much of it that it is there only once. If somebody has edited the cell since you read it, nothing
    is replaced and you get its text as it is now: look whether your change is still right, and call again with the
    version it names. The cell is not run.
    """

    name: ClassVar = "edit_cell"
    input_schema: ClassVar = object_schema(
        {
            "cell_id": CELL_ID,
            "version": VERSION,
            "find": {
                "type": "string",
                "description": "The passage to replace, exactly as it stands in the cell, once.",
            },
            "replace": {"type": "string", "description": "What takes its place; empty to take it out."},
        }
    )

    def change(self, context: ToolContext, input: dict[str, Any]) -> Change:
        cell_id, version = cell_id_of(context.notebook_id, input["cell_id"]), int(input["version"])
        cell = get_cell_for(actor=context.actor, notebook_id=context.notebook_id, cell_id=cell_id)
        require_version(cell, version, "Nothing was replaced")
        return Replacement(cell_id, version, _replaced(cell.source, input["find"], input["replace"]))

    def told(self, done: dict[str, Any], input: dict[str, Any]) -> str:
        return edited_text(done)


def _replaced(source: str, find: str, replace: str) -> str:
    """Invalid unless the passage is there exactly once."""
    if not find:
        raise Invalid("find must not be empty. To write a whole new text, call update_cell.")
    first = source.find(find)
    if first < 0:
        raise Invalid(
            "find is not in the cell. It has to be copied exactly, with spaces and line breaks"
            + _whitespace_hint(source, find)
            + ". Call read_cell to see the text."
        )
    if source.find(find, first + 1) >= 0:
        lines = _lines_of(source, find)
        raise Invalid(
            f"find is in the cell more than once, in the lines {lines}. Give more of the text around the one that "
            "you mean."
        )
    return source[:first] + replace + source[first + len(find) :]


def _whitespace_hint(source: str, find: str) -> str:
    squeezed = "".join(find.split())
    return ": it is there with other ones" if squeezed and squeezed in "".join(source.split()) else ""


def _lines_of(source: str, find: str) -> str:
    lines: list[str] = []
    at = source.find(find)
    while at >= 0 and len(lines) < MAX_LINES_LISTED:
        lines.append(str(source.count("\n", 0, at) + 1))
        at = source.find(find, at + 1)
    return ", ".join(lines) + (" and more" if at >= 0 else "")
