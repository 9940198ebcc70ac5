"""Which cell an output message belongs to. A lane has one router; it is not thread-safe.

A message belongs to the cell whose run is its parent, also after the cell has ended: threads print late. An update of a
display goes to every cell of the notebook that shows it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from uuid import UUID

from apps.execution.models import CodeSession
from apps.execution.output_rows import store_outputs
from apps.execution.sinks import Frame, Keep, OutputSink
from apps.journal.publish import publish
from apps.kernels.messages import Message, Operation, operation_of, request_id_of
from apps.notebooks.file_store import kept_outside
from apps.notebooks.models import Cell, Output

# Cell runs whose late output still finds its cell.
MAX_REMEMBERED_RUNS = 1000
# Likewise of those who used a widget.
MAX_REMEMBERED_CALLS = 1000


class OutputRouter:
    def __init__(self, notebook_id: UUID) -> None:
        self.is_behind = False
        """Whether a lane before this one may have shown output that it did not store."""
        self._notebook_id = notebook_id
        self._sinks: dict[UUID, OutputSink] = {}
        self._runs: dict[str, OutputSink] = {}
        self._runs_before: dict[str, UUID] = self._stored_runs()  # of lanes before this one
        self._callers: dict[str, UUID] = {}  # cells whose widgets somebody used, by the message
        self._taken: dict[OutputSink, list[Operation]] = defaultdict(list)
        self._displays: dict[str, set[UUID]] = self._stored_displays()
        self._keep = self._keep_of_files()

    @property
    def is_dirty(self) -> bool:
        return any(sink.is_dirty for sink in self._sinks.values())

    @property
    def offsets(self) -> Mapping[UUID, int]:
        """`{cell_id: output operations}` of the newest runs."""
        return {cell_id: sink.offset for cell_id, sink in self._sinks.items()}

    def sink_of(self, cell: Cell) -> OutputSink:
        """The sink of the cell's newest run; what an earlier run of it still puts out is not shown."""
        sink = self._sinks.get(cell.id)
        if sink is None or sink.cell_run_id != (str(cell.cell_run_id) if cell.cell_run_id else None):
            sink = self._sinks[cell.id] = OutputSink.resumed(cell)
            sink.keep = self._keep
            if self.is_behind:
                sink.skip_unstored()
            if sink.cell_run_id:
                self._runs[sink.cell_run_id] = sink
        return sink

    def begin(self, cell_id: UUID, cell_run_id: str, *, is_announced: bool) -> None:
        """From here on the output of this run goes to the cell; nothing is published before that is announced."""
        sink = self._sinks[cell_id] = self._runs[cell_run_id] = OutputSink.begun(cell_id, cell_run_id)
        sink.is_announced, sink.keep = is_announced, self._keep
        if len(self._runs) > MAX_REMEMBERED_RUNS:
            del self._runs[next(iter(self._runs))]

    def add_caller(self, message_id: str, cell_id: UUID) -> None:
        """Somebody used a widget of the cell: what the code prints that this calls goes under it."""
        self._callers[message_id] = cell_id
        if len(self._callers) > MAX_REMEMBERED_CALLS:
            del self._callers[next(iter(self._callers))]

    def announced(self, cell_ids: Iterable[UUID]) -> list[Frame]:
        """People know now that these cells run: what they have put out already, as frames to publish."""
        return [frame for cell_id in cell_ids for frame in self._sinks[cell_id].announced()]

    def unannounced(self, cell_ids: Iterable[UUID]) -> set[UUID]:
        """Those of the cells of whose newest run nobody knows yet."""
        return {
            cell_id
            for cell_id in cell_ids
            if cell_id in self._sinks and not self._sinks[cell_id].is_announced
        }

    def take(self, message: Message) -> None:
        """Show the output of a message at the next `show`."""
        operation = operation_of(message)
        if operation is not None:
            for sink in self._receivers(request_id_of(message), operation):
                self._taken[sink].append(operation)

    def add(self, cell_id: UUID, operation: Operation) -> None:
        """Output of ours under a cell that runs."""
        self._taken[self._sinks[cell_id]].append(operation)
        self.show()

    def show(self) -> None:
        """Publish what was taken, in one go."""
        taken, self._taken = self._taken, defaultdict(list)
        frames = [frame for sink, operations in taken.items() for frame in sink.take(operations)]
        if frames:
            publish(self._notebook_id, *frames)

    def store(self) -> None:
        """Write what is pending, in the caller's transaction."""
        if dirty := [sink for sink in self._sinks.values() if sink.is_dirty]:
            store_outputs(dirty)

    def _receivers(self, request_id: str, operation: Operation) -> Iterable[OutputSink]:
        sink = self._runs.get(request_id) or self._resumed(request_id) or self._caller(request_id)
        current = sink is not None and self._sinks.get(sink.cell_id) is sink
        display_id = operation.get("transient", {}).get("display_id")
        if display_id and operation["output_type"] == "update_display_data":
            return self._showing(display_id)
        if sink is None or not current:
            return ()
        if display_id:
            self._displays.setdefault(display_id, set()).add(sink.cell_id)
        return (sink,)

    def _resumed(self, request_id: str) -> OutputSink | None:
        """Of the newest run of a cell, if it began before this lane did."""
        cell_id = self._runs_before.pop(request_id, None)
        if cell_id is None or cell_id in self._sinks:
            return None
        return self.sink_of(Cell.objects.get(id=cell_id))

    def _caller(self, request_id: str) -> OutputSink | None:
        cell_id = self._callers.get(request_id)
        if cell_id is None or cell_id in self._sinks:
            return self._sinks.get(cell_id) if cell_id else None
        cell = Cell.objects.filter(id=cell_id, notebook_id=self._notebook_id, deleted_at=None).first()
        return self.sink_of(cell) if cell else None

    def _showing(self, display_id: str) -> list[OutputSink]:
        holders = self._displays.get(display_id, set())
        known = [self._sinks[cell_id] for cell_id in holders if cell_id in self._sinks]
        others = holders - self._sinks.keys()
        if not others:
            return known
        return known + [self.sink_of(cell) for cell in Cell.objects.filter(id__in=others, deleted_at=None)]

    def _keep_of_files(self) -> Keep | None:
        """None of a session of execute/: its caller gets the outputs whole, and once."""
        if CodeSession.objects.filter(notebook_id=self._notebook_id).exists():
            return None
        return partial(kept_outside, self._notebook_id)

    def _stored_runs(self) -> dict[str, UUID]:
        cells = Cell.objects.filter(notebook_id=self._notebook_id, cell_run_id__isnull=False)
        return {str(key): cell_id for key, cell_id in cells.values_list("cell_run_id", "id")}

    def _stored_displays(self) -> dict[str, set[UUID]]:
        displays: dict[str, set[UUID]] = defaultdict(set)
        rows = Output.objects.filter(cell__notebook_id=self._notebook_id).exclude(display_id="")
        for display_id, cell_id in rows.values_list("display_id", "cell_id"):
            displays[display_id].add(cell_id)
        return displays
