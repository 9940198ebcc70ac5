"""What pages and programs are told of the graph: what each cell reads and writes, what is stale and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.dataflow.cell import CellId
from apps.dataflow.graph import Graph
from apps.dataflow.kernel_state import KernelState
from apps.dataflow.names import names_of
from apps.dataflow.reasons import (
    BindingLost,
    InputChanged,
    Interrupted,
    NeverRan,
    ProducerStale,
    SourceChanged,
    StaleReason,
)
from apps.dataflow.staleness import stale_cells
from apps.execution.kernel_memory import kernel_state
from apps.execution.planning import notebook_graph

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """As in docs/protocol.md ("Dependencies"): `cells` by id, in document order."""

    graph: Graph
    state: KernelState
    cells: Mapping[CellId, Json]
    cycles: list[Json]


def dependencies(
    notebook_id: UUID, before: Dependencies | None = None, *, keep_kernel: bool = False
) -> Dependencies:
    """Those of the notebook as it is now. With those of `before` only what has changed is made anew.

    `keep_kernel`: nothing has happened in the kernel since `before`.
    """
    graph = notebook_graph(notebook_id)
    state = before.state if before and keep_kernel else kernel_state(notebook_id)
    return _dependencies(graph, state, before)


def changes(before: Dependencies | None, after: Dependencies) -> Json | None:
    """The frame that tells the difference, all of it if there was nothing before; None if there is none."""
    if before is None:
        return {"type": "dependencies", "is_whole": True, "cells": after.cells, "cycles": after.cycles}
    changed = {cell_id: cell for cell_id, cell in after.cells.items() if before.cells.get(cell_id) != cell}
    gone = {cell_id: None for cell_id in before.cells if cell_id not in after.cells}
    if not changed and not gone and before.cycles == after.cycles:
        return None
    return {"type": "dependencies", "is_whole": False, "cells": changed | gone, "cycles": after.cycles}


def _dependencies(graph: Graph, state: KernelState, before: Dependencies | None) -> Dependencies:
    stale = stale_cells(graph, state)
    cells: dict[CellId, Json] = {}
    for cell_id in graph.cells:
        known = before and before.cells.get(cell_id)
        if known and before and _is_same(graph, before.graph, cell_id):
            reason = _stale_json(stale.get(cell_id))
            cells[cell_id] = known if known["stale"] == reason else known | {"stale": reason}
        else:
            cells[cell_id] = _cell_json(graph, cell_id, stale.get(cell_id))
    cycles = [{"cell_ids": list(cycle.cell_ids), "names": list(cycle.names)} for cycle in graph.cycles]
    return Dependencies(graph, state, cells, cycles)


def _is_same(graph: Graph, before: Graph, cell_id: CellId) -> bool:
    """But for what is stale."""
    return graph.cells[cell_id] is before.cells.get(cell_id) and (
        graph.edges is before.edges
        or (
            graph.edges[cell_id] == before.edges[cell_id]
            and graph.obstacles.get(cell_id) == before.obstacles.get(cell_id)
        )
    )


def _cell_json(graph: Graph, cell_id: CellId, stale: StaleReason | None) -> Json:
    cell = graph.cells[cell_id]
    obstacle = graph.obstacles.get(cell_id)
    own = names_of(cell.source)
    return {
        "reads": dict(sorted(graph.edges[cell_id].inputs.items())),
        "writes": sorted(cell.names.writes),
        "stale": _stale_json(stale),
        "obstacle": obstacle and {"kind": obstacle.kind, "cell_id": obstacle.cell_id},
        "error": own.error,
        "warnings": list(own.warnings),
    }


def _stale_json(stale: StaleReason | None) -> Json | None:
    match stale:
        case None:
            return None
        case NeverRan():
            return {"reason": "never_ran"}
        case SourceChanged():
            return {"reason": "source_changed"}
        case Interrupted():
            return {"reason": "interrupted"}
        case InputChanged(name):
            return {"reason": "input_changed", "name": name}
        case BindingLost(name):
            return {"reason": "binding_lost", "name": name}
        case ProducerStale(name, cell_id):
            return {"reason": "producer_stale", "name": name, "cell_id": cell_id}
