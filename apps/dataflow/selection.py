"""Which cells a plan runs, and why."""

from collections.abc import Iterable
from enum import StrEnum

from apps.dataflow.cell import CellId
from apps.dataflow.graph import Graph, Obstacle
from apps.dataflow.kernel_state import KernelState
from apps.dataflow.reasons import Asked, InputOverwritten, ReadsFrom, RunReason, StaleAncestor
from apps.dataflow.staleness import stale_cells


class Mode(StrEnum):
    AUTO = "auto"
    """What depends on a cell that runs, runs too."""
    LAZY = "lazy"
    """What depends on a cell that runs is stale then."""


class Selection:
    """The cells asked for, and all that have to run because these do."""

    def __init__(self, graph: Graph, state: KernelState, roots: Iterable[CellId], mode: Mode) -> None:
        self.reasons: dict[CellId, RunReason] = {}
        """Why each joined first."""
        self.skipped: dict[CellId, Obstacle] = {}
        self.outdated: set[CellId] = set()
        """Cells that depend on these, and do not run."""
        self._graph = graph
        self._state = state
        self._mode = mode
        self._stale = stale_cells(graph, state)
        self._owners = state.owners()
        self._queue: list[CellId] = []
        for root in roots:
            self._add(root, Asked())
        self._close()

    @property
    def leaves_nothing_stale(self) -> bool:
        rest = (self._stale.keys() - self.reasons.keys()) | self.outdated
        return rest <= self._graph.obstacles.keys()

    def _add(self, cell_id: CellId, reason: RunReason) -> None:
        if cell_id in self._graph.obstacles:
            self.skipped[cell_id] = self._graph.obstacles[cell_id]
        elif cell_id not in self.reasons:
            self.reasons[cell_id] = reason
            self._queue.append(cell_id)

    def _close(self) -> None:
        while self._queue:
            while self._queue:
                cell_id = self._queue.pop()
                self._add_stale_producers(cell_id)
                self._add_overwritten_producers(cell_id)
                if self._mode is Mode.AUTO:
                    self._add_dependents(cell_id)
            self._add_cells_between()

    def _add_stale_producers(self, cell_id: CellId) -> None:
        for producer in self._graph.edges[cell_id].inputs.values():
            if producer in self._stale:
                self._add(producer, StaleAncestor(of=cell_id))

    def _add_overwritten_producers(self, cell_id: CellId) -> None:
        for name in self._graph.edges[cell_id].bases:
            base = self._base(cell_id, name)
            overwriter = self._state.bindings.get(name)
            if base is None or base in self.reasons:
                continue
            if overwriter != self._state.last_runs[base].binding(self._graph.edges[base], name):
                by = self._owners.get(overwriter) if overwriter else None
                self._add(base, InputOverwritten(name, by, reader=cell_id))

    def _base(self, cell_id: CellId, name: str) -> CellId | None:
        """The cell whose value of the name it has to find, if that has run. Blocked cells left what was there."""
        base = self._graph.edges[cell_id].bases.get(name)
        while base and base in self._state.last_runs:
            edges = self._graph.edges[base]
            if name in self._state.last_runs[base].binds(edges):
                return base
            base = edges.bases.get(name)
        return None

    def _add_dependents(self, cell_id: CellId) -> None:
        for dependent in self._graph.dependents[cell_id]:
            if dependent not in self.reasons:
                inputs = self._graph.edges[dependent].inputs.items()
                name = next(name for name, producer in inputs if producer == cell_id)
                self._add(dependent, ReadsFrom(name, cell_id))

    def _add_cells_between(self) -> None:
        """Those that come after one cell of the plan and before another: the latter would get what is stale by then."""
        self.outdated = self._graph.descendants(self.reasons) - self.reasons.keys()
        before = list(self.reasons) if self.outdated else []
        for cell_id in before:  # it grows
            for producer in self._graph.edges[cell_id].inputs.values():
                if producer in self.outdated:
                    self.outdated.remove(producer)
                    before.append(producer)
                    self._add(producer, StaleAncestor(of=cell_id))
