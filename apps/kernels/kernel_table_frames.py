"""Which values are tables, and each as a frame that can be asked for rows. Imported by kernel_tables.py alone; it
imports no library of dataframes: where there is a frame, there is its library.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from kernel_table_arrow import ArrowFrame
from kernel_table_cells import Cell, Column, Filter
from kernel_table_pandas import PandasFrame
from kernel_table_polars import PolarsFrame

Json = dict[str, Any]

# Of a query that has not run yet.
MAX_QUERIED_ROWS = 1_000_000
# They compute when they are asked for Arrow, or are used up by it.
_LEFT_ALONE = ("ibis", "dask", "duckdb", "_duckdb", "pyspark")


class Frame(Protocol):
    """What the grid asks of a table. Positions of rows are of the library's own kind; None: all, in order."""

    columns: Sequence[Column]
    """The first ones; there may be more (`column_count`)."""
    row_count: int
    column_count: int
    size_bytes: int
    is_live: bool

    def rows(
        self, positions: Any, start: int, stop: int, columns: range
    ) -> tuple[list[int], list[list[Cell]]]: ...
    def whole_cell(self, position: int, column: int, chars: int) -> Cell: ...
    def count(self, positions: Any) -> int: ...
    def filtered(self, positions: Any, wanted: Filter) -> Any: ...
    def searched(self, positions: Any, text: str) -> Any: ...
    def sorted(self, positions: Any, column: int, *, is_descending: bool) -> Any: ...
    def summary(self, column: int) -> Json: ...
    def write_csv(self, path: str, positions: Any) -> None: ...
    def write_parquet(self, path: str, positions: Any) -> None: ...


def frame_of(value: Any, max_columns: int) -> tuple[Frame, str] | None:
    """The value as a table, and what is to be said of it; None if it is none."""
    match _library_of(value):
        case "pandas":
            is_series = _is_a(value, "pandas", "Series")
            return PandasFrame(value.to_frame() if is_series else value, max_columns), ""
        case "polars":
            is_series = _is_a(value, "polars", "Series")
            return PolarsFrame(value.to_frame() if is_series else value, max_columns), ""
        case "pyarrow":
            return _arrow_frame(value, max_columns), ""
        case "duckdb":
            return _queried(value, max_columns)
        case "foreign":
            return _foreign(value, max_columns)
        case _:
            return None


def _library_of(value: Any) -> str:
    kinds = (
        ("pandas", "DataFrame", "Series"),
        ("polars", "DataFrame", "Series"),
        ("pyarrow", "Table", "RecordBatch"),
    )
    for library, *names in kinds:
        if any(_is_a(value, library, name) for name in names):
            return library
    if _is_a(value, "duckdb", "DuckDBPyRelation"):
        return "duckdb"
    kind = type(value)
    home = str(getattr(kind, "__module__", "")).partition(".")[0]
    has_protocol = hasattr(kind, "__arrow_c_stream__") or hasattr(kind, "__dataframe__")
    is_stream = hasattr(kind, "read_next_batch") or hasattr(kind, "__next__")
    is_other = home in (*_LEFT_ALONE, "pandas", "polars", "pyarrow") or isinstance(value, type)
    return "foreign" if has_protocol and not is_stream and not is_other else ""


def _is_a(value: Any, library: str, name: str) -> bool:
    kind = vars(sys.modules[library]).get(name) if library in sys.modules else None
    return isinstance(kind, type) and issubclass(type(value), kind)


def _arrow_frame(value: Any, max_columns: int) -> ArrowFrame:
    if _is_a(value, "pyarrow", "RecordBatch"):
        value = sys.modules["pyarrow"].Table.from_batches([value])
    return ArrowFrame(value, max_columns)


def _queried(relation: Any, max_columns: int) -> tuple[Frame, str]:
    """DuckDB's relation is a query, which may give something else later: it is run now."""
    first = relation.limit(MAX_QUERIED_ROWS)
    frame: Frame
    if _installed("pyarrow"):
        frame = ArrowFrame(first.to_arrow_table(), max_columns)
    else:
        frame = PandasFrame(first.df(), max_columns)
    is_cut = frame.row_count == MAX_QUERIED_ROWS
    return frame, f"These are the first {MAX_QUERIED_ROWS:,} rows of the query." if is_cut else ""


def _foreign(value: Any, max_columns: int) -> tuple[Frame, str] | None:
    """By the protocols that libraries of dataframes have in common."""
    try:
        if hasattr(type(value), "__arrow_c_stream__"):
            if pyarrow := _installed("pyarrow"):
                return ArrowFrame(pyarrow.table(value), max_columns), ""
            if polars := _installed("polars"):
                return PolarsFrame(polars.DataFrame(value), max_columns), ""
        if hasattr(type(value), "__dataframe__"):
            if (pyarrow := _installed("pyarrow")) is not None:
                interchange = importlib.import_module("pyarrow.interchange")
                return ArrowFrame(interchange.from_dataframe(value), max_columns), ""
            if pandas := _installed("pandas"):
                return PandasFrame(pandas.api.interchange.from_dataframe(value), max_columns), ""
    except Exception:  # of one column only, or of types that nobody else knows
        return None
    return None


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
