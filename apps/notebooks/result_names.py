"""The names that the results of SQL cells are bound to. Called by commands that hold the notebook's lock."""

from itertools import count

from apps.notebooks.models import Cell, CellKind, Notebook


def name_result(notebook: Notebook, cell: Cell) -> None:
    """An SQL cell without one gets the first of df_1, df_2, … that no other has. It is not saved here."""
    if cell.kind != CellKind.SQL or cell.result_name:
        return
    others = Cell.objects.filter(notebook=notebook, kind=CellKind.SQL, deleted_at=None).exclude(id=cell.id)
    taken = set(others.values_list("result_name", flat=True))
    cell.result_name = next(name for number in count(1) if (name := f"df_{number}") not in taken)
