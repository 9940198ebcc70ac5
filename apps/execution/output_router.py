"""Which cell an output message belongs to. A lane has one router; it is not thread-safe.

A message belongs to the cell whose request is its parent, also after the cell has ended: threads print late. An
update of a display goes to every cell of the notebook that shows it.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from apps.execution.sinks import OutputSink
from apps.kernels.messages import Message, Operation, is_idle, operation_of, request_id_of
from apps.notebooks.models import Cell, Output

# Requests whose late output still finds its cell.
MAX_REMEMBERED_REQUESTS = 1000


class OutputRouter:
    def __init__(self, notebook_id: UUID) -> None:
        self._notebook_id = notebook_id
        self._sinks: dict[UUID, OutputSink] = {}
        self._requests: dict[str, OutputSink] = {}
        self._displays: dict[str, set[UUID]] = self._stored_displays()

    @property
    def is_dirty(self) -> bool:
        return any(sink.is_dirty for sink in self._sinks.values())

    def sink_of(self, cell: Cell) -> OutputSink:
        """The sink of the cell's newest run; what an earlier run of it still puts out is not shown."""
        sink = self._sinks.get(cell.id)
        if sink is None or sink.cell_run_id != cell.cell_run_id:
            sink = self._sinks[cell.id] = OutputSink(cell)
        return sink

    def expect(self, request_id: str, sink: OutputSink) -> None:
        self._requests[request_id] = sink
        if len(self._requests) > MAX_REMEMBERED_REQUESTS:
            del self._requests[next(iter(self._requests))]

    def route(self, messages: Iterable[Message]) -> set[str]:
        """Show the messages' output. Returns the requests that have published everything."""
        finished: set[str] = set()
        taken: dict[OutputSink, list[Operation]] = defaultdict(list)
        for message in messages:
            request_id = request_id_of(message)
            operation = operation_of(message)
            if operation is None:
                if is_idle(message):
                    finished.add(request_id)
                continue
            for sink in self._receivers(request_id, operation):
                taken[sink].append(operation)
        for sink, operations in taken.items():
            sink.take(operations)
        return finished

    def store(self) -> None:
        """Write what is pending, in the caller's transaction."""
        for sink in self._sinks.values():
            if sink.is_dirty:
                sink.store()

    def _receivers(self, request_id: str, operation: Operation) -> Iterable[OutputSink]:
        sink = self._requests.get(request_id)
        current = sink is not None and self._sinks.get(sink.cell_id) is sink
        display_id = operation.get("transient", {}).get("display_id")
        if display_id and operation["output_type"] == "update_display_data":
            return self._showing(display_id)
        if sink is None or not current:
            return ()
        if display_id:
            self._displays.setdefault(display_id, set()).add(sink.cell_id)
        return (sink,)

    def _showing(self, display_id: str) -> list[OutputSink]:
        holders = self._displays.get(display_id, set())
        known = [self._sinks[cell_id] for cell_id in holders if cell_id in self._sinks]
        others = holders - self._sinks.keys()
        if not others:
            return known
        return known + [self.sink_of(cell) for cell in Cell.objects.filter(id__in=others, deleted_at=None)]

    def _stored_displays(self) -> dict[str, set[UUID]]:
        displays: dict[str, set[UUID]] = defaultdict(set)
        rows = Output.objects.filter(cell__notebook_id=self._notebook_id).exclude(display_id="")
        for display_id, cell_id in rows.values_list("display_id", "cell_id"):
            displays[display_id].add(cell_id)
        return displays
