"""A walk through a notebook in plan order: what each cell finds bound at its turn, and by which cell.

This is a clean run with names in the place of values. graph.py says in which order the cells are visited.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from apps.dataflow.carried import Carried
from apps.dataflow.cell import Cell, CellId
from apps.dataflow.names import Names
from apps.dataflow.touchers import Touchers

_NOTHING: frozenset[str] = frozenset()


class CellEdges(NamedTuple):
    """What ties a cell to the others."""

    needs: frozenset[str]
    """All names that it may use, also those that no cell touches."""
    keeps: frozenset[str]
    """Those of them that it may leave as they were, and does not use otherwise."""
    inputs: Mapping[str, CellId]
    """`{name: the cell that touched it last}` of the names it needs: what it depends on."""
    bases: Mapping[str, CellId]
    """`{name: the cell that bound it last}`: whose binding has to be in the kernel when it begins."""
    through: Mapping[str, str]
    """`{name: the name whose value reads it}` of the inputs that it only has because it may call a function."""
    binds: frozenset[str]
    """What it binds, deletes or changes in place."""
    fresh: frozenset[str]
    """Those of them that it does not get from another cell: in a clean run nothing is bound to them when it begins."""
    unbinds: frozenset[str]
    """Those of them that nothing is bound to when it has run, if it did not fail."""


class Walk:
    """A walk through `cells`, which are in document order, in the order of `places`."""

    def __init__(self, cells: Sequence[Cell], places: Iterable[int], touchers: Touchers) -> None:
        self.edges: dict[CellId, CellEdges] = {}
        """In the order of the walk."""
        self.is_in_order = True
        """Whether every cell found a toucher of each name it needs before it, if any other cell is one."""
        self._touchers = touchers
        self._visited: set[int] = set()
        self._touched_by: dict[str, CellId] = {}  # the last to touch each name
        self._bound_by: dict[str, CellId | None] = {}  # the last to bind it, where that is not the same
        self._imported: set[str] = set()
        self._carried = Carried()
        for place in places:
            edges = self._enter(place, cells[place].names)
            self.edges[cells[place].cell_id] = edges
            self._leave(place, cells[place], edges)

    # The conditions here that are not needed save half of the time: most sets are empty in most cells.

    def _enter(self, place: int, names: Names) -> CellEdges:
        needs, keeps = names.reads, _NOTHING
        if names.conditional:
            keeps = (names.conditional & self._touchers.written) - needs
            needs |= keeps
        called = self._carried.read_by(needs)
        if called:
            needs |= called.keys()
            keeps -= called.keys()
        shared = needs & self._touchers.places.keys()
        inputs = {name: self._touched_by[name] for name in shared if name in self._touched_by}
        bases = inputs if self._bound_by.keys().isdisjoint(inputs) else self._bases(inputs)
        through = {name: carrier for name, carrier in called.items() if name in inputs} if called else called
        binds = names.writes
        if names.deletes or names.mutates:
            changed = filter(self._is_bound_by_change, names.mutates)
            binds = binds.union(names.deletes, changed)
        if len(inputs) < len(shared):
            self._check_order(place, shared - inputs.keys() - keeps)
        unbinds = (
            names.deletes - names.writes - (names.conditional & bases.keys()) if names.deletes else _NOTHING
        )
        return CellEdges(needs, keeps, inputs, bases, through, binds, binds - bases.keys(), unbinds)

    def _bases(self, inputs: Mapping[str, CellId]) -> dict[str, CellId]:
        bases = ((name, self._bound_by.get(name, toucher)) for name, toucher in inputs.items())
        return {name: binder for name, binder in bases if binder}

    def _is_bound_by_change(self, name: str) -> bool:
        """A change in place counts as another binding: the value of before can only be had from a new object.

        Not so if it was imported, because the next import brings the same object. Nor if no cell bound it.
        """
        return bool(self._bound_by.get(name, self._touched_by.get(name))) and name not in self._imported

    def _check_order(self, place: int, missing: Iterable[str]) -> None:
        """Nobody misses what only the cell itself touches."""
        if any(self._touchers.places[name] != (place,) for name in missing):
            self.is_in_order = False

    def _leave(self, place: int, cell: Cell, edges: CellEdges) -> None:
        names, touched = cell.names, edges.binds
        if self._bound_by:
            for name in edges.binds:
                self._bound_by.pop(name, None)
        if names.mutates:
            touched |= names.mutates
            for name in names.mutates - edges.binds:
                self._bound_by.setdefault(name, self._touched_by.get(name))
        self._touched_by.update(dict.fromkeys(touched, cell.cell_id))
        self._imported -= edges.binds
        self._imported |= names.imports
        self._visited.add(place)
        self._carried.pass_on(names, edges.needs, touched, self._is_touched_later)

    def _is_touched_later(self, name: str) -> bool:
        return not self._visited.issuperset(self._touchers.places.get(name, ()))
