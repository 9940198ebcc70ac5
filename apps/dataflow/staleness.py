"""Which cells are stale: what they showed and bound last may not be what a clean run would show and bind."""

from collections.abc import Container

from apps.dataflow.cell import CellId
from apps.dataflow.graph import Graph
from apps.dataflow.kernel_state import KernelState, LastRun, Outcome
from apps.dataflow.reasons import (
    BindingLost,
    InputChanged,
    Interrupted,
    NeverRan,
    ProducerStale,
    SourceChanged,
    StaleReason,
)


def stale_cells(graph: Graph, state: KernelState) -> dict[CellId, StaleReason]:
    """Why cells are stale, in plan order. Cells with an obstacle are not among them: they never run.

    A cell that failed is not stale as long as nothing changed, and neither is one that was blocked by it.
    """
    stale: dict[CellId, StaleReason] = {}
    for cell_id in graph.edges:
        if cell_id not in graph.obstacles:
            reason = _own_reason(graph, state, cell_id) or _reason_of_producer(graph, stale, cell_id)
            if reason:
                stale[cell_id] = reason
    return stale


def holder(graph: Graph, state: KernelState, name: str, planned: Container[CellId] = ()) -> CellId | None:
    """Which cell has the last word on a name if just those cells run that have run already or are planned."""
    for cell_id in reversed(graph.binders(name)):
        if cell_id in graph.obstacles:
            continue
        last = state.last_runs.get(cell_id)
        if cell_id in planned or (last and name in last.binds(graph.edges[cell_id])):
            return cell_id
    return None


def _own_reason(graph: Graph, state: KernelState, cell_id: CellId) -> StaleReason | None:
    last = state.last_runs.get(cell_id)
    if not last:
        return NeverRan()
    if last.source != graph.cells[cell_id].source:
        return SourceChanged()
    if last.outcome is Outcome.INTERRUPTED:
        return Interrupted()
    return _changed_input(graph, state, cell_id, last) or _lost_binding(graph, state, cell_id, last)


def _changed_input(graph: Graph, state: KernelState, cell_id: CellId, last: LastRun) -> InputChanged | None:
    inputs = graph.edges[cell_id].inputs
    for name, producer in inputs.items():
        producer_run = state.last_runs.get(producer)
        if not producer_run or producer_run.run_id != last.inputs.get(name):
            return InputChanged(name)
    return next((InputChanged(name) for name in last.inputs if name not in inputs), None)


def _lost_binding(graph: Graph, state: KernelState, cell_id: CellId, last: LastRun) -> BindingLost | None:
    edges = graph.edges[cell_id]
    unbound = last.unbinds(edges)
    for name in edges.binds:
        binding = None if name in unbound else last.run_id
        if state.bindings.get(name) != binding and holder(graph, state, name) == cell_id:
            return BindingLost(name)
    return None


def _reason_of_producer(graph: Graph, stale: Container[CellId], cell_id: CellId) -> ProducerStale | None:
    inputs = graph.edges[cell_id].inputs.items()
    return next((ProducerStale(name, producer) for name, producer in inputs if producer in stale), None)
