"""What an Output widget captures, as nbformat outputs in its state. Pure.

In Jupyter the page does this. Here it is done once, by the lane: pages may be many, or none.
"""

from typing import Any

from apps.kernels.messages import Operation, size_of

Outputs = list[dict[str, Any]]

MAX_OUTPUTS = 1000
MAX_BYTES = 2 * 2**20

LEFT_OUT = "[What follows is left out: there is too much of it for an Output widget.]\n"


class CapturedOutputs:
    """Of one widget, on from what it has."""

    def __init__(self, outputs: Any) -> None:
        kept = outputs if isinstance(outputs, list | tuple) else []
        self.outputs: Outputs = [output for output in kept if isinstance(output, dict)]
        self._clear_is_due = False

    def take(self, operation: Operation) -> bool:
        """Whether that changed anything."""
        if operation["output_type"] == "clear_output":
            self._clear_is_due = operation["wait"]
            was_empty = not self.outputs
            if not operation["wait"]:
                self.outputs = []
            return not operation["wait"] and not was_empty
        if operation["output_type"] == "update_display_data":
            return self.update_display(operation)
        if self._clear_is_due:
            self._clear_is_due = False
            self.outputs = []
        return self._append(operation)

    def update_display(self, operation: Operation) -> bool:
        display = {"data": operation["data"], "metadata": operation["metadata"]}
        shown = [output for output in self.outputs if output.get("transient") == operation.get("transient")]
        if not shown:
            return False
        self.outputs = [output | display if output in shown else output for output in self.outputs]
        return True

    def _append(self, operation: Operation) -> bool:
        size = sum(map(size_of, self.outputs)) + size_of(operation)
        if size > MAX_BYTES or len(self.outputs) >= MAX_OUTPUTS:
            operation = {"output_type": "stream", "name": "stderr", "text": LEFT_OUT}
            if self.outputs and str(self.outputs[-1].get("text", "")).endswith(LEFT_OUT):
                return False
        last = self.outputs[-1] if self.outputs else {}
        if operation["output_type"] == "stream" and _stream(last) == _stream(operation):
            joined = last | {"text": last["text"] + operation["text"]}
            self.outputs = [*self.outputs[:-1], joined]
        else:
            self.outputs = [*self.outputs, operation]
        return True


def _stream(output: dict[str, Any]) -> tuple[Any, Any]:
    """Equal for those that are one text."""
    return output.get("output_type"), output.get("name")
