"""What of a cell's output is kept and shown: how much, how many outputs, and how large each. Pure.

The kernel itself cuts long text to head and tail (kernels/kernel_text_limit.py). Here is what holds whatever a kernel
sends. Each limit says so once, in a line on stderr; an error is always shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from django.conf import settings

from apps.kernels.messages import Operation, error_output, size_of

# Errors beyond the outputs a cell may have: code can publish any number.
MORE_ERRORS = 20

# Of four characters in base64, three bytes.
BASE64 = 3 / 4


class OutputLimits:
    """Of one run of one cell; `state` is what a later one has to know to go on in the same way."""

    def __init__(self, *, room: int, outputs: int, stream: str, errors: int) -> None:
        self._room = room
        self._outputs = outputs
        self._stream = stream  # what text of this name goes on with
        self._errors = errors

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Self:
        return cls(
            room=state.get("room", settings.MAX_CELL_OUTPUT_BYTES),
            outputs=state.get("outputs", settings.MAX_CELL_OUTPUTS),
            stream=state.get("stream", ""),
            errors=state.get("errors", MORE_ERRORS),
        )

    @property
    def state(self) -> dict[str, Any]:
        return {
            "room": self._room,
            "outputs": self._outputs,
            "stream": self._stream,
            "errors": self._errors,
        }

    def within(self, operations: Iterable[Operation]) -> Iterator[Operation]:
        for operation in operations:
            match operation["output_type"]:
                case "clear_output":
                    self._room, self._outputs = settings.MAX_CELL_OUTPUT_BYTES, settings.MAX_CELL_OUTPUTS
                    self._stream = ""
                    yield operation
                case "update_display_data":
                    # It takes the room of what it replaces.
                    yield _without_excess(operation)
                case "error":
                    yield from self._error(operation)
                case _:
                    yield from self._output(_without_excess(operation))

    def _error(self, operation: Operation) -> Iterator[Operation]:
        self._stream = ""
        if size_of(operation) > settings.MAX_OUTPUT_BYTES:
            operation = error_output(operation["ename"][:200], "It is too large to be shown.")
        if self._outputs > 0:
            self._outputs -= 1
            yield operation
        elif self._errors > 0:
            self._errors -= 1
            yield operation

    def _output(self, operation: Operation) -> Iterator[Operation]:
        if self._room <= 0 or self._outputs < 0:
            return
        name = operation["name"] if operation["output_type"] == "stream" else ""
        if not name or name != self._stream:
            self._outputs -= 1
        self._stream = name
        self._room -= size_of(operation)
        if self._outputs < 0:
            yield _note(f"a cell shows at most {settings.MAX_CELL_OUTPUTS:,} outputs")
        elif self._room <= 0:
            yield _note(f"of a cell at most {settings.MAX_CELL_OUTPUT_BYTES / 2**20:,.0f} MiB are kept")
        else:
            yield operation


def _without_excess(operation: Operation) -> Operation:
    """The output, with a note in place of what is too large in it."""
    data = operation.get("data")
    if data is None:
        return operation
    excess = {kind: size for kind in data if (size := _bytes_of(data, kind)) > settings.MAX_OUTPUT_BYTES}
    if not excess:
        return operation
    left = {kind: value for kind, value in data.items() if kind not in excess}
    limit = settings.MAX_OUTPUT_BYTES / 2**20
    notes = [
        f"[{kind} of {size / 2**20:,.1f} MiB is left out: an output may have at most {limit:,.0f} MiB.]"
        for kind, size in excess.items()
    ]
    # Where there is nothing else to show, there may be the name of the object, which then comes first.
    text = left.get("text/plain")
    lines = [text, *notes] if isinstance(text, str) else notes
    metadata = {kind: value for kind, value in operation["metadata"].items() if kind not in excess}
    return operation | {"data": left | {"text/plain": "\n".join(lines)}, "metadata": metadata}


def _bytes_of(data: Mapping[str, Any], kind: str) -> float:
    size = size_of({kind: data[kind]})
    is_base64 = kind.startswith(("image/", "audio/", "video/", "application/pdf")) and "svg" not in kind
    return size * BASE64 if is_base64 else size


def _note(limit: str) -> Operation:
    text = f"\n[Output stops here: {limit}. The cell itself runs on.]\n"
    return {"output_type": "stream", "name": "stderr", "text": text}
