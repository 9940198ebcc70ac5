"""Which cells cannot run because one that they depend on failed. All others can."""

from collections.abc import Iterable

from apps.dataflow.cell import CellId
from apps.dataflow.graph import Graph
from apps.dataflow.kernel_state import KernelState, Outcome


def blocked_by(graph: Graph, failed: CellId, cell_ids: Iterable[CellId]) -> list[CellId]:
    """Those of these cells, which come in plan order, that are blocked when this one fails."""
    stopped = {failed}
    blocked = []
    for cell_id in cell_ids:
        if not stopped.isdisjoint(graph.edges[cell_id].inputs.values()):
            stopped.add(cell_id)
            blocked.append(cell_id)
    return blocked


def failure_behind(graph: Graph, state: KernelState, cell_id: CellId) -> CellId | None:
    """The failed cell because of which this one ended badly: itself, or the one that blocks it. None if it did not."""
    while _outcome(state, cell_id) is Outcome.BLOCKED:
        producers = graph.edges[cell_id].inputs.values()
        bad = next((producer for producer in producers if _ended_badly(state, producer)), None)
        if bad is None:  # not any more
            return None
        cell_id = bad
    return cell_id if _ended_badly(state, cell_id) else None


def blocked_beforehand(graph: Graph, state: KernelState, cell_ids: Iterable[CellId]) -> dict[CellId, CellId]:
    """`{cell: the failed cell}` for those of these cells, which come in plan order, that others than these block."""
    failures: dict[CellId, CellId | None] = {}
    for cell_id in cell_ids:
        producers = graph.edges[cell_id].inputs.values()
        behind = (
            failures[producer] if producer in failures else failure_behind(graph, state, producer)
            for producer in producers
        )
        failures[cell_id] = next(filter(None, behind), None)
    return {cell_id: failure for cell_id, failure in failures.items() if failure}


def _outcome(state: KernelState, cell_id: CellId) -> Outcome | None:
    last = state.last_runs.get(cell_id)
    return last.outcome if last else None


def _ended_badly(state: KernelState, cell_id: CellId) -> bool:
    return _outcome(state, cell_id) not in (None, Outcome.OK)
