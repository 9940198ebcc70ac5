from typing import Any, ClassVar

from apps.assistant.tools.base import Started, ToolContext
from apps.assistant.tools.runs import RunTool
from apps.assistant.tools.validation import object_schema
from apps.execution.models import Scope


class RunStale(RunTool):
    """Runs every stale cell and what depends on them, in the right order, so that all outputs in the notebook are those
    of a clean run. It waits and gives back the same as run_cell. Call it after several edits, and at the end.
    """

    name: ClassVar = "run_stale"
    input_schema: ClassVar = object_schema({})

    def run(self, context: ToolContext, input: dict[str, Any]) -> Started:
        return self.start(context, Scope.STALE, None)

    def preview(self, context: ToolContext, input: dict[str, Any]) -> dict[str, Any]:
        return self.shown(context, Scope.STALE, None)
