"""Where the output of a running cell goes: at once to the browsers, a little later into rows.

A sink counts the operations of one cell run (`offset` in docs/protocol.md). It belongs to a lane and is not
thread-safe; its rows are written in the lane's fenced transactions.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Concat

from apps.execution.output_limits import OutputLimits
from apps.execution.pending_rows import PendingRows
from apps.kernels.messages import Operation
from apps.notebooks.models import Cell, Output
from apps.notebooks.output_files import files_of

# More than a lane can have shown and not stored: it takes in so many messages at a time (kernels/connection.py).
MAX_UNSTORED = 100_000

Frame = dict[str, Any]
Keep = Callable[[Operation], Operation]
"""Keeps the large files of an operation elsewhere: what it gives refers to them."""

CLEAR: Operation = {"output_type": "clear_output"}

# Appending to a stream's last row rewrites it; beyond this size a new row is cheaper.
MAX_APPENDED_ROW_CHARS = 64 * 1024


@dataclass(frozen=True)
class Tail:
    """The last stored row."""

    id: int
    position: int
    body: dict[str, Any]
    chars: int

    @classmethod
    def of(cls, row: Output) -> "Tail":
        return cls(row.pk, row.position, row.body, len(row.text))


class OutputSink:
    """The outputs of one run of one cell. `begun` and `resumed` make one."""

    keep: Keep | None = None

    def __init__(
        self,
        cell_id: UUID,
        cell_run_id: str | None,
        offset: int = 0,
        tail: Tail | None = None,
        state: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.cell_id = cell_id
        self.cell_run_id = cell_run_id
        self.offset = offset
        self.is_announced = True
        """Whether people know that the cell runs; until then its frames are held back."""
        self._tail = tail
        self._held: list[Frame] = []
        self._pending = PendingRows()
        self._clear_is_due = self._clear_was_due = state.get("clear_is_due", False)
        self._limits = OutputLimits.of(state)

    @classmethod
    def begun(cls, cell_id: UUID, cell_run_id: str) -> "OutputSink":
        """Of a cell that has just begun to run."""
        return cls(cell_id, cell_run_id)

    @classmethod
    def resumed(cls, cell: Cell) -> "OutputSink":
        """Goes on after what is stored."""
        last = Output.objects.filter(cell=cell).order_by("-position").first() if cell.output_offset else None
        cell_run_id = str(cell.cell_run_id) if cell.cell_run_id else None
        tail = Tail.of(last) if last else None
        return cls(cell.id, cell_run_id, cell.output_offset, tail, cell.output_state)

    @property
    def is_dirty(self) -> bool:
        return bool(self._pending) or self._clear_is_due != self._clear_was_due

    @property
    def state(self) -> dict[str, Any]:
        """What a later lane has to know besides the rows, to go on in the same way."""
        return {"clear_is_due": self._clear_is_due, **self._limits.state}

    def skip_unstored(self) -> None:
        """A lane before this one may have shown more than it stored. After a jump of the offset every page that is
        open misses something, and asks for what is stored."""
        self.offset += MAX_UNSTORED

    def take(self, operations: Iterable[Operation]) -> list[Frame]:
        """Keep the operations for the next `rows_to_store`. The frames to publish; none past the cell's limits."""
        taken = list(self._limits.within(self._with_clears_when_due(operations)))
        if self.keep:
            taken = [self.keep(operation) for operation in taken]
        if not taken:
            return []
        frame = {
            "type": "output",
            "cell_id": str(self.cell_id),
            "cell_run_id": self.cell_run_id,
            "offset": self.offset,
            "outputs": taken,
        }
        self.offset += len(taken)
        self._pending.extend(taken)
        if self.is_announced:
            return [frame]
        self._held.append(frame)
        return []

    def announced(self) -> list[Frame]:
        """People know now that the cell runs: the frames that were held back."""
        self.is_announced = True
        held, self._held = self._held, []
        return held

    def rows_to_store(self) -> list[Output]:
        """The new rows, for `output_rows.insert`. Stored ones are changed here, in the caller's transaction."""
        pending, self._pending = self._pending, PendingRows()
        self._clear_was_due = self._clear_is_due
        if pending.cleared:
            Output.objects.filter(cell_id=self.cell_id).delete()
            self._tail = None
        for display_id, bundle in pending.display_updates.items():
            self._update_displays(display_id, bundle)
        rows = self._appended_to_tail(pending.rows)
        position = self._tail.position + 1 if self._tail else 0
        for index, row in enumerate(rows):
            row.cell_id, row.position = self.cell_id, position + index
        return rows

    def stored(self, last: Output) -> None:
        """The last of its rows was inserted."""
        self._tail = Tail.of(last)

    def _with_clears_when_due(self, operations: Iterable[Operation]) -> Iterable[Operation]:
        """`clear_output(wait=True)` becomes a plain one right before the next output.

        So nobody but the sink has to remember that a clear is due, least of all a page that was loaded meanwhile.
        """
        for operation in operations:
            kind = operation["output_type"]
            if kind == "clear_output":
                self._clear_is_due = operation["wait"]
            if kind == "clear_output" and operation["wait"]:
                continue
            if self._clear_is_due and kind != "update_display_data":
                self._clear_is_due = False
                yield CLEAR
            yield CLEAR if kind == "clear_output" else operation

    def _appended_to_tail(self, rows: list[Output]) -> list[Output]:
        """The rows that are left after the first has gone into the stored stream before it, where it fits."""
        tail = self._tail
        if not (rows and tail and tail.body == rows[0].body and tail.body["output_type"] == "stream"):
            return rows
        chars = tail.chars + len(rows[0].text)
        if chars > MAX_APPENDED_ROW_CHARS:
            return rows
        Output.objects.filter(id=tail.id).update(text=Concat(F("text"), Value(rows[0].text)))
        self._tail = replace(tail, chars=chars)
        return rows[1:]

    def _update_displays(self, display_id: str, bundle: Operation) -> None:
        for row in Output.objects.filter(cell_id=self.cell_id, display_id=display_id):
            row.body |= bundle
            row.files = files_of(row.body)
            row.save(update_fields=["body", "files"])
