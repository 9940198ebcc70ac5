"""What to run in a kernel, and in which order, so that all that is not stale then is as a clean run makes it.

A *clean run* runs all cells in plan order in a new kernel. A plan runs some of them in a kernel that is in use, where
each has to find what it would find in a clean run:

- What it depends on runs before it, if that is stale.
- If a name that it needs was overwritten since, the cell that bound it runs again: the value is nowhere else.
- If the plan itself overwrites a name whose value is from a cell further down, the name gets that value back where
  the cell would run, or at the end. The kernel keeps it for so long; no cell has to run for it.
- Names that no cell binds any more are removed.

A cell is blocked if one that it depends on failed. It does not run, but its fresh names are removed, as if it had
failed with its first line. A clean run does the same.
"""

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from apps.dataflow.blocking import blocked_beforehand
from apps.dataflow.cell import CellId
from apps.dataflow.graph import Graph, Obstacle
from apps.dataflow.kernel_state import KernelState, Restore
from apps.dataflow.reasons import ReadsFrom, RunReason
from apps.dataflow.selection import Mode, Selection
from apps.dataflow.staleness import holder, stale_cells


@dataclass(frozen=True, slots=True)
class Step:
    """The turn of a cell: names are restored, then names are removed, then it runs, if nothing blocks it."""

    cell_id: CellId
    reasons: Sequence[RunReason]
    restores: Sequence[Restore]
    clears: frozenset[str]
    """Names that it would not find in a clean run, and binds itself: gone, should it fail before it comes to that."""
    blocked_by: CellId | None
    """The cell whose failure before this plan blocks it. What the failure of a step blocks, see `blocked_by`."""


@dataclass(frozen=True, slots=True)
class Plan:
    forget: Sequence[str]
    """Names to remove before the first step."""
    steps: Sequence[Step]
    """In plan order."""
    restores: Sequence[Restore]
    """After the last step. If the plan is cut short, what was to be restored later is, too."""
    skipped: Mapping[CellId, Obstacle]
    """Cells that were asked for or depend on a step, but never run."""

    @property
    def keeps(self) -> set[str]:
        """The names of which the kernel keeps the values, from the beginning until they are restored."""
        steps = (restore.name for step in self.steps for restore in step.restores)
        return {*steps, *(restore.name for restore in self.restores)}


def plan(graph: Graph, state: KernelState, roots: Iterable[CellId], mode: Mode) -> Plan:
    """The plan that runs these cells. Without any it only removes what deleted cells left."""
    selection = Selection(graph, state, roots, mode)
    order = sorted(selection.reasons, key=graph.places.__getitem__)
    *restores, restores_at_end = _restores(graph, state, order, selection.outdated)
    blocked = blocked_beforehand(graph, state, order)
    steps = []
    bound = set(state.bindings)
    for cell_id, due in zip(order, restores, strict=True):
        edges = graph.edges[cell_id]
        reasons = _reasons(graph, selection.reasons, cell_id)
        steps.append(Step(cell_id, reasons, due, edges.fresh & bound, blocked.get(cell_id)))
        bound |= edges.binds
    return Plan(_forgotten(graph, state, selection), steps, restores_at_end, selection.skipped)


def plan_stale(graph: Graph, state: KernelState) -> Plan:
    """The plan after which nothing is stale. So what depends on its steps runs, whatever the mode of the notebook."""
    return plan(graph, state, stale_cells(graph, state), Mode.AUTO)


def _reasons(graph: Graph, planned: Mapping[CellId, RunReason], cell_id: CellId) -> Sequence[RunReason]:
    if not isinstance(planned[cell_id], ReadsFrom):
        return [planned[cell_id]]
    inputs = graph.edges[cell_id].inputs.items()
    return [ReadsFrom(name, producer) for name, producer in inputs if producer in planned]


def _restores(
    graph: Graph, state: KernelState, order: Sequence[CellId], outdated: Set[CellId]
) -> list[list[Restore]]:
    """What to restore before each step, and after the last: at the first turn behind a cell whose value it is.

    Not the values of outdated cells, which are to run on what the plan gives them.
    """
    lost = outdated | set(order)
    turns = [graph.places[cell_id] for cell_id in order]
    restores: list[list[Restore]] = [[] for _ in (*order, "the end")]
    for name, turn in _first_overwritten(graph, order).items():
        for owner in _owners(graph, state, name) - lost:
            if turn < graph.places[owner]:
                restores[bisect(turns, graph.places[owner])].append(Restore(name, state.bindings.get(name)))
    return restores


def _owners(graph: Graph, state: KernelState, name: str) -> set[CellId]:
    """The cells that left the name as it is: one, or several that bound it to nothing."""
    owners = set()
    for cell_id in graph.binders(name):
        edges, last = graph.edges[cell_id], state.last_runs.get(cell_id)
        has_bound = last and cell_id not in graph.obstacles and name in last.binds(edges)
        if last and has_bound and last.binding(edges, name) == state.bindings.get(name):
            owners.add(cell_id)
    return owners


def _first_overwritten(graph: Graph, order: Iterable[CellId]) -> dict[str, int]:
    """`{name: the turn that is the first to overwrite it}`, of names that are not one cell's alone."""
    first: dict[str, int] = {}
    for cell_id in order:
        for name in graph.edges[cell_id].binds:
            if len(graph.touchers[name]) > 1:
                first.setdefault(name, graph.places[cell_id])
    return first


def _forgotten(graph: Graph, state: KernelState, selection: Selection) -> list[str]:
    """The names that no cell binds any more.

    While a cell that bound one is being edited, others may run, and its variables should not go for that: they stay
    until it runs, too, or nothing is stale. Unless a step needs the name, which it would not find in a clean run.
    """
    planned = selection.reasons
    owners = state.owners()
    unheld = [
        name
        for name, run_id in state.bindings.items()
        # First the answer for nearly all names, of which there can be thousands.
        if not _binds(graph, owners.get(run_id), name) and holder(graph, state, name, planned) is None
    ]
    if not unheld or selection.leaves_nothing_stale:
        return unheld
    needed = {name for cell_id in planned for name in graph.edges[cell_id].needs}
    spared = {
        run_id for run_id, cell_id in owners.items() if cell_id in graph.cells and cell_id not in planned
    }
    return [name for name in unheld if name in needed or state.bindings[name] not in spared]


def _binds(graph: Graph, cell_id: CellId | None, name: str) -> bool:
    """Whether it is a cell of the notebook that can run, and then binds the name."""
    if cell_id is None or cell_id not in graph.edges or cell_id in graph.obstacles:
        return False
    return name in graph.edges[cell_id].binds
