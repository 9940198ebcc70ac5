from typing import Any, ClassVar

from apps.assistant.tools.base import Started, ToolContext
from apps.assistant.tools.cell_ids import CELL_ID, cell_id_of
from apps.assistant.tools.runs import RunTool
from apps.assistant.tools.validation import object_schema
from apps.execution.models import Scope


class RunCell(RunTool):
    """Runs a Python cell and what belongs to it: first the stale cells that it depends on and, in a notebook that runs
    automatically, then all that depend on it. It waits until all have ended and gives back how each ended, with
    previews of the outputs; after 30 s it says what still runs, which then goes on: look again later with
    get_notebook_state, and do not start it anew. When a cell fails, look at the error, mend the cell and run it again;
    if you need more of the error or want to see a plot, call read_cell.
    """

    name: ClassVar = "run_cell"
    input_schema: ClassVar = object_schema({"cell_id": CELL_ID})

    def run(self, context: ToolContext, input: dict[str, Any]) -> Started:
        return self.start(context, Scope.CELL, cell_id_of(context.notebook_id, input["cell_id"]))

    def preview(self, context: ToolContext, input: dict[str, Any]) -> dict[str, Any]:
        return self.shown(context, Scope.CELL, cell_id_of(context.notebook_id, input["cell_id"]))
