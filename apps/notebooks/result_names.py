"""The names that SQL and sheet cells bind their dataframes to. Called by commands that hold the notebook's lock."""

from itertools import count

from apps.notebooks.models import NAMED_KINDS, Cell, CellKind, Notebook


def name_result(notebook: Notebook, cell: Cell) -> None:
    """A cell without one gets the first of df_1, df_2, … that no other has; a sheet, of sheet_1, ….

    It is not saved here.
    """
    if cell.kind not in NAMED_KINDS or cell.result_name:
        return
    others = Cell.objects.filter(notebook=notebook, kind__in=NAMED_KINDS, deleted_at=None).exclude(id=cell.id)
    taken = set(others.values_list("result_name", flat=True))
    stem = "sheet" if cell.kind == CellKind.SHEET else "df"
    cell.result_name = next(name for number in count(1) if (name := f"{stem}_{number}") not in taken)
