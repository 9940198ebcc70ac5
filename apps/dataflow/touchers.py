"""Which cells of a notebook touch a name: write, delete or change it."""

from collections.abc import Mapping, Sequence

from apps.dataflow.cell import Cell, CellId


class Touchers:
    def __init__(self, cells: Sequence[Cell]) -> None:
        self.written = {name for cell in cells for name in cell.names.writes}
        """What is only ever deleted, like `e` by `except Error as e`, is bound while a cell runs, not for others."""
        self.places: dict[str, list[int]] = {}
        """`{name: places in the document}`, ascending."""
        for place, cell in enumerate(cells):
            names = cell.names
            touches = names.writes
            if names.mutates or names.deletes:
                touches = touches | names.mutates | names.deletes
            for name in touches:
                self.places.setdefault(name, []).append(place)

    def cell_ids(self, cells: Sequence[Cell]) -> Mapping[str, Sequence[CellId]]:
        alone = [(cell.cell_id,) for cell in cells]
        return {
            name: alone[places[0]] if len(places) == 1 else tuple(cells[place].cell_id for place in places)
            for name, places in self.places.items()
        }
