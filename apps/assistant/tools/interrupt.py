from typing import Any, ClassVar

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.results import text_result
from apps.assistant.tools.validation import object_schema
from apps.execution import commands as execution


class Interrupt(Tool):
    """Stops the cell that is running, with a KeyboardInterrupt, and takes all that is queued off the queue. Variables
    stay. It stops what people have started, too: so only if the person asks, or if a run that you started hangs.
    """

    name: ClassVar = "interrupt"
    effect: ClassVar = Effect.RUNS
    input_schema: ClassVar = object_schema({})

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        execution.interrupt(actor=context.actor, notebook_id=context.notebook_id)
        return text_result("Interrupted what ran. Call get_notebook_state to see how the cells ended.")
