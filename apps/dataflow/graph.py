"""The graph of a notebook: which cell depends on which, by the names they use, and in which order a clean run goes.

Pure. A graph is made anew after every change of the notebook; what the texts of cells say about names is not.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from apps.dataflow.cell import Cell, CellId
from apps.dataflow.order import PlanOrder, plan_order, source_of
from apps.dataflow.touchers import Touchers
from apps.dataflow.walk import CellEdges, Walk


@dataclass(frozen=True, slots=True)
class Cycle:
    """Cells that need each other, in document order, and the names in question, in alphabetical order."""

    cell_ids: tuple[CellId, ...]
    names: tuple[str, ...]


class ObstacleKind(StrEnum):
    DISABLED = "disabled"
    CYCLE = "cycle"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a cell never runs: the cell `cell_id`, itself or one that it depends on, is disabled or in a cycle."""

    kind: ObstacleKind
    cell_id: CellId


@dataclass(frozen=True, slots=True)
class Graph:
    cells: Mapping[CellId, Cell]
    """In document order."""
    edges: Mapping[CellId, CellEdges]
    """In plan order, in which a clean run executes the cells, without those that have an obstacle."""
    places: Mapping[CellId, int]
    """Where in the plan order each cell comes."""
    dependents: Mapping[CellId, Sequence[CellId]]
    """The cells that have a cell among their inputs, in plan order."""
    touchers: Mapping[str, Sequence[CellId]]
    """The cells that write, delete or change a name, in document order."""
    obstacles: Mapping[CellId, Obstacle]
    cycles: Sequence[Cycle]

    def binders(self, name: str) -> list[CellId]:
        """The cells that bind, delete or change a name so that it is not what it was, in plan order."""
        binders = [cell_id for cell_id in self.touchers.get(name, ()) if name in self.edges[cell_id].binds]
        return sorted(binders, key=self.places.__getitem__)

    def descendants(self, cell_ids: Iterable[CellId]) -> set[CellId]:
        """All that depend on one of these, directly or not."""
        found: set[CellId] = set()
        queue = list(cell_ids)
        for cell_id in queue:  # it grows
            new = set(self.dependents[cell_id]) - found
            found |= new
            queue.extend(new)
        return found


def build_graph(cells: Sequence[Cell]) -> Graph:
    """The graph of these cells, which come in document order.

    A cell depends on the nearest toucher above it of each name it needs or, if none is above, on the nearest below,
    unless it only keeps the name. Where no order of the cells is true to all of that, the plan order counts: a name is
    from whoever touched it last there.
    """
    touchers = Touchers(cells)
    clean_run, cycles = _clean_run(cells, touchers)
    dependents: dict[CellId, list[CellId]] = {cell.cell_id: [] for cell in cells}
    for cell_id, edges in clean_run.edges.items():
        for producer in set(edges.inputs.values()):
            dependents[producer].append(cell_id)
    by_id = {cell.cell_id: cell for cell in cells}
    return Graph(
        cells=by_id,
        edges=clean_run.edges,
        places={cell_id: place for place, cell_id in enumerate(clean_run.edges)},
        dependents=dependents,
        touchers=touchers.cell_ids,
        obstacles=_obstacles(by_id, clean_run.edges, cycles),
        cycles=cycles,
    )


def _clean_run(cells: Sequence[Cell], touchers: Touchers) -> tuple[Walk, list[Cycle]]:
    """In document order if every cell finds what it needs there, as nearly always, otherwise in plan order."""
    order = PlanOrder(range(len(cells)), ())
    needs: list[frozenset[str]] = [frozenset()] * len(cells)
    keeps: list[frozenset[str]] = []
    walk = Walk(cells, order.places, touchers)
    is_settled = walk.is_in_order
    while not is_settled:
        # What cells need because they call functions shows only on the way; the next order heeds it.
        found = [walk.edges[cell.cell_id].needs for cell in cells]
        needs = [known | new for known, new in zip(needs, found, strict=True)]
        keeps = [walk.edges[cell.cell_id].keeps for cell in cells]
        order = plan_order(needs, keeps, touchers.places)
        walk = Walk(cells, order.places, touchers)
        is_settled = all(
            walk.edges[cell.cell_id].needs <= known for cell, known in zip(cells, needs, strict=True)
        )
    return walk, [_cycle(cells, places, needs, keeps, touchers) for places in order.cycles]


def _cycle(
    cells: Sequence[Cell],
    places: Sequence[int],
    needs: Sequence[Set[str]],
    keeps: Sequence[Set[str]],
    touchers: Touchers,
) -> Cycle:
    members = set(places)
    names = {
        name
        for place in places
        for name in needs[place]
        if source_of(place, touchers.places.get(name, ()), is_kept=name in keeps[place]) in members
    }
    return Cycle(tuple(cells[place].cell_id for place in places), tuple(sorted(names)))


def _obstacles(
    cells: Mapping[CellId, Cell], edges: Mapping[CellId, CellEdges], cycles: Iterable[Cycle]
) -> dict[CellId, Obstacle]:
    in_cycle = {cell_id for cycle in cycles for cell_id in cycle.cell_ids}
    obstacles: dict[CellId, Obstacle] = {}
    for cell_id, cell_edges in edges.items():
        if cells[cell_id].is_disabled:
            obstacles[cell_id] = Obstacle(ObstacleKind.DISABLED, cell_id)
        elif cell_id in in_cycle:
            obstacles[cell_id] = Obstacle(ObstacleKind.CYCLE, cell_id)
        elif obstacles:
            behind = (obstacles[cell_id] for cell_id in cell_edges.inputs.values() if cell_id in obstacles)
            if obstacle := next(behind, None):
                obstacles[cell_id] = obstacle
    return obstacles
