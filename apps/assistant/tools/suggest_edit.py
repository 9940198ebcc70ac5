from typing import Any, ClassVar

from apps.assistant.changes import Replacement
from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.cell_ids import CELL_ID, cell_id_of
from apps.assistant.tools.edits import SOURCE, VERSION
from apps.assistant.tools.proposing import proposed
from apps.assistant.tools.validation import object_schema


class SuggestEdit(Tool):
    """Suggests a new text for a cell without changing it: people see what would change, side by side, in the cell, and
    accept or reject it when they like. For changes that the person did not ask for but may want, or that are a matter
    of taste, and whenever they ask for suggestions. If somebody has edited the cell since you read it, nothing is
    suggested and you get its text as it is now. Do not wait for their answer, and do not count on it.
    """

    name: ClassVar = "suggest_edit"
    effect: ClassVar = Effect.PROPOSES
    input_schema: ClassVar = object_schema(
        {
            "cell_id": CELL_ID,
            "version": VERSION,
            "source": SOURCE,
            "note": {
                "type": "string",
                "description": "Why, in one sentence that the person reads beside it.",
            },
        }
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        cell_id = cell_id_of(context.notebook_id, input["cell_id"])
        change = Replacement(cell_id, int(input["version"]), input["source"])
        return proposed(context, change, input["note"])
