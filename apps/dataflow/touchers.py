"""Which cells of a notebook touch a name: write, delete or change it."""

from collections.abc import Sequence

from apps.dataflow.cell import Cell, CellId


class Touchers:
    def __init__(self, cells: Sequence[Cell]) -> None:
        self.written: set[str] = set().union(*(cell.names.writes for cell in cells))
        """What is only ever deleted, like `e` by `except Error as e`, is bound while a cell runs, not for others."""
        self.places: dict[str, tuple[int, ...]] = {}
        """`{name: places in the document}`, ascending."""
        self.cell_ids: dict[str, tuple[CellId, ...]] = {}
        """The same, by the cells' ids."""
        for place, cell in enumerate(cells):
            names = cell.names
            touches = names.writes
            if names.mutates or names.deletes:
                touches = touches | names.mutates | names.deletes
            here, this = (place,), (cell.cell_id,)
            # Most names are touched by one cell: those of a cell share what says so.
            shared = self.places.keys() & touches
            self.places |= dict.fromkeys(touches - shared, here)
            self.cell_ids |= dict.fromkeys(touches - shared, this)
            for name in shared:
                self.places[name] += here
                self.cell_ids[name] += this
