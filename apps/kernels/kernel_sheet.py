"""What a sheet cell is in the kernel: a dataframe. Imported by kernel_main.py, and imports nothing of the server."""

from typing import Any

from kernel_errors import CellError
from kernel_sheet_text import SheetColumn, read_sheet

MAX_TOLD_PROBLEMS = 5


class SheetError(CellError):  # type: ignore[misc]
    """What is wrong with the sheet, by row and column."""


def dataframe(source: str) -> Any:
    """A pandas dataframe of the sheet's text. SheetError if a value is not of its column's type, and the like.

    Texts are `str`, dates `datetime64[us]`, booleans `boolean`; numbers are `float64` or, if all are whole, `int64`
    (`Int64` if some are missing).
    """
    import pandas as pd  # noqa: PLC0415  (it takes 0.3 s, and most notebooks have no sheet)

    sheet = read_sheet(source)
    if sheet.problems:
        raise SheetError(_told(sheet.problems))
    return pd.DataFrame(
        {column.name: pd.Series(column.values, dtype=_dtype(column)) for column in sheet.columns}
    )


def _told(problems: list[str]) -> str:
    more = len(problems) - MAX_TOLD_PROBLEMS
    return "\n".join(problems[:MAX_TOLD_PROBLEMS] + ([f"And {more:,} more."] if more > 0 else []))


def _dtype(column: SheetColumn) -> str:
    if column.type == "number":
        if any(isinstance(value, float) for value in column.values):
            return "float64"
        return "Int64" if None in column.values or not column.values else "int64"
    return {"text": "str", "date": "datetime64[us]", "boolean": "boolean"}[column.type]
