"""Tables of pandas. Imported by kernel_table_frames.py alone; pandas itself is there when a frame is.

Since pandas 3, a shallow copy stays as it is: whoever changes the frame in place writes to memory of its own.
"""

import decimal
import sys
from typing import Any

from kernel_table_cells import (
    BINS,
    MAX_TYPE_CHARS,
    MOST_COMMON,
    SAMPLE_ROWS,
    Cell,
    Column,
    Filter,
    Kind,
    bool_of,
    cell_of,
    compared,
    compared_time,
    cut,
    label_of,
    number_of,
    order_of,
    sampled_places,
    span_of,
    text_matcher,
    unique_names,
)
from kernel_table_columns import ColumnFrame

Json = dict[str, Any]

COPY_ON_WRITE_SINCE = 3
# What an older pandas copies so that the table stays as it is.
MAX_COPIED_BYTES = 64 * 2**20
# To learn what is in a column of objects.
LOOKED_AT = 1000
CSV_ROWS_AT_ONCE = 50_000

_DECIMALS = ("decimal", "integer", "floating", "mixed-integer-float")


class PandasFrame(ColumnFrame):  # type: ignore[misc]
    """Positions of rows are an array of numpy, or None: all, in order."""

    def __init__(self, frame: Any, max_columns: int) -> None:
        self._pandas: Any = sys.modules["pandas"]
        self._numpy: Any = sys.modules["numpy"]
        is_safe = int(self._pandas.__version__.partition(".")[0]) >= COPY_ON_WRITE_SINCE
        self.size_bytes = int(frame.memory_usage().sum())
        self.is_live = not is_safe and self.size_bytes > MAX_COPIED_BYTES
        """Whether it may change when the frame is changed in place."""
        self._frame: Any = frame.copy(deep=not is_safe and not self.is_live)
        self._levels = 0 if self._is_plain(frame.index) else frame.index.nlevels
        self.row_count = len(frame)
        self.column_count = self._levels + frame.shape[1]
        self._parts: dict[int, Any] = {}
        self.columns = [self._column(place) for place in range(min(self.column_count, max_columns))]

    def whole_cell(self, position: int, column: int, chars: int) -> Cell:
        part = self._part(column).iloc[position : position + 1]
        return cell_of(part.tolist()[0], chars) if not part.isna().any() else None

    def summary(self, column: int) -> Json:
        part, kind = self._part(column), self.columns[column].kind
        told: Json = {"nulls": int(part.isna().sum())}
        if self.row_count == 0:
            return told
        told["is_sampled"] = self.row_count > SAMPLE_ROWS
        sample = (part.take(sampled_places(self.row_count)) if told["is_sampled"] else part).dropna()
        if kind in ("number", "time") and part.dtype != object:
            return told | self._distribution(part, sample)
        if kind == "bool":
            counts = sample.astype(bool).value_counts()
            return told | {"top": [[name, int(counts.get(name == "True", 0))] for name in ("True", "False")]}
        if kind == "text":
            counts = sample.value_counts()
            top = [
                [cell_of(value, 100) or "", int(number)] for value, number in counts.head(MOST_COMMON).items()
            ]
            return told | {"top": top, "distinct": int((counts > 0).sum())}
        return told

    def write_csv(self, path: str, positions: Any) -> None:
        has_index = self._levels > 0
        for start in range(0, max(1, self.count(positions)), CSV_ROWS_AT_ONCE):
            piece = self._piece(positions, start, start + CSV_ROWS_AT_ONCE)
            piece.to_csv(path, mode="a", header=start == 0, index=has_index)

    def write_parquet(self, path: str, positions: Any) -> None:
        piece = self._piece(positions, 0, self.row_count)
        if self._levels:
            piece = piece.reset_index()
        piece.columns = unique_names(piece.columns)
        try:
            import pyarrow  # noqa: F401, PLC0415
        except ImportError:
            import duckdb  # noqa: PLC0415

            duckdb.connect().from_df(piece).write_parquet(path)
        else:
            piece.to_parquet(path, index=False)

    # Private

    def _slice(self, part: Any, start: int, stop: int) -> Any:
        return part.iloc[start:stop] if isinstance(part, self._pandas.Series) else part[start:stop]

    def _at(self, part: Any, positions: Any) -> Any:
        return part.take(positions)

    def _listed(self, positions: Any) -> list[int]:
        return list(positions.tolist())

    def _missing(self, part: Any) -> Any:
        return part.isna().to_numpy()

    def _none(self, count: int) -> Any:
        return self._numpy.zeros(count, dtype=bool)

    def _either(self, mask: Any, other: Any) -> Any:
        return mask | other

    def _inverted(self, mask: Any) -> Any:
        return ~mask

    def _places(self, mask: Any) -> Any:
        return self._numpy.flatnonzero(mask)

    def _is_plain(self, index: Any) -> bool:
        """Whether its labels are only the numbers of the rows."""
        is_range = type(index) is self._pandas.RangeIndex
        return is_range and (index.start, index.step, index.name) == (0, 1, None)

    def _part(self, place: int) -> Any:
        """A column, or a level of the index, with plain labels."""
        if place not in self._parts:
            is_level = place < self._levels
            whole = (
                self._frame.index.get_level_values(place)
                if is_level
                else self._frame.iloc[:, place - self._levels]
            )
            self._parts[place] = self._pandas.Series(whole.array, copy=False)
        return self._parts[place]

    def _piece(self, positions: Any, start: int, stop: int) -> Any:
        return self._frame.iloc[start:stop] if positions is None else self._frame.take(positions[start:stop])

    def _column(self, place: int) -> Column:
        is_level = place < self._levels
        name = self._frame.index.names[place] if is_level else self._frame.columns[place - self._levels]
        part = self._part(place)
        text = "" if is_level and name is None else label_of(name)
        return Column(text, cut(str(part.dtype), MAX_TYPE_CHARS), self._kind(part), is_level)

    def _kind(self, part: Any) -> Kind:
        types, dtype = self._pandas.api.types, part.dtype
        if isinstance(dtype, self._pandas.CategoricalDtype):
            return self._kind(dtype.categories.to_series()) if len(dtype.categories) else "text"
        if types.is_bool_dtype(dtype):
            return "bool"
        if types.is_complex_dtype(dtype) or isinstance(dtype, self._pandas.SparseDtype):
            return "other"
        if types.is_numeric_dtype(dtype):
            return "number"
        if types.is_datetime64_any_dtype(dtype):
            return "time"
        if dtype == self._numpy.dtype(object):
            return self._kind_of_objects(part)
        is_text = isinstance(dtype, self._pandas.StringDtype) or str(dtype) in ("string", "string[pyarrow]")
        return "text" if is_text or str(dtype).startswith("large_string") else "other"

    def _kind_of_objects(self, part: Any) -> Kind:
        inferred = self._pandas.api.types.infer_dtype(part.iloc[:LOOKED_AT], skipna=True)
        if inferred in ("string", "boolean"):
            return "text" if inferred == "string" else "bool"
        return "number" if inferred in _DECIMALS else "other"

    def _cells(self, part: Any) -> list[Cell]:
        # Of a small float, Python's is longer: it has more digits.
        is_small = str(part.dtype) in ("float32", "float16")
        values = map(str, part.to_numpy()) if is_small else part.tolist()
        missing = part.isna().tolist()
        return [None if gone else cell_of(value) for value, gone in zip(values, missing, strict=True)]

    # Filters

    def _matching(self, part: Any, kind: Kind, wanted: Filter) -> Any:
        if isinstance(part.dtype, self._pandas.CategoricalDtype):
            return self._mask_of_categories(part, kind, wanted)
        if kind == "text":
            return self._booleans(self._compared_text(part, wanted))
        if kind == "number" and part.dtype == object:
            return self._mask_of_numbers(part, wanted)
        if kind == "number":
            return self._booleans(compared(part, wanted.operation, number_of(wanted.value)))
        if kind == "bool":
            return self._booleans(part == bool_of(wanted.value))
        if kind == "time":
            times, zone = self._times(part)
            span = span_of(wanted.value)
            moments = self._moment(span.start, zone), self._moment(span.end, zone)
            return self._booleans(compared_time(times, wanted.operation, moments))
        matches = text_matcher(wanted.operation, wanted.value)
        return self._numpy.fromiter((matches(cell) for cell in self._cells(part)), bool, len(part))

    def _mask_of_categories(self, part: Any, kind: Kind, wanted: Filter) -> Any:
        categories = part.dtype.categories.to_series()
        known = self._mask(categories, kind, wanted) if len(categories) else []
        # The code of what is missing, -1, is the place of the last.
        return self._numpy.append(known, False).astype(bool)[part.cat.codes.to_numpy()]

    def _mask_of_numbers(self, part: Any, wanted: Filter) -> Any:
        value = decimal.Decimal(str(number_of(wanted.value)))
        found = self._numpy.zeros(len(part), dtype=bool)
        known = self._numpy.flatnonzero(part.notna().to_numpy())
        values = part.to_numpy()
        found[known] = [bool(compared(values[place], wanted.operation, value)) for place in known]
        return found

    def _compared_text(self, part: Any, wanted: Filter) -> Any:
        match wanted.operation:
            case "contains":
                return part.str.contains(wanted.value, case=False, regex=False, na=False)
            case "starts_with":
                return part.str.lower().str.startswith(wanted.value.lower(), na=False)
            case _:
                return part == wanted.value

    def _booleans(self, mask: Any) -> Any:
        return mask.fillna(False).to_numpy(dtype=bool) if mask.isna().any() else mask.to_numpy(dtype=bool)

    def _times(self, part: Any) -> tuple[Any, Any]:
        """The column as times, and its zone."""
        if str(part.dtype).startswith(("date32", "date64")):  # of Arrow
            part = part.astype("timestamp[us][pyarrow]")
        return part, part.dt.tz

    def _moment(self, moment: Any, zone: Any) -> Any:
        """As the column has it: what is typed without a zone, is in that of the column."""
        stamp = self._pandas.Timestamp(moment)
        if zone is None:
            return stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp
        return (
            stamp.tz_convert(zone)
            if stamp.tzinfo
            else stamp.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
        )

    # Order and distribution

    def _order(self, part: Any, column: int, *, is_descending: bool) -> Any:
        numpy = self._numpy
        if isinstance(part.dtype, numpy.dtype) and part.dtype.kind in "iufb":
            # What is missing is sorted to the end; `~` turns the order of whole numbers, and cannot overflow.
            values = part.to_numpy()
            keys = values if not is_descending else -values if part.dtype.kind == "f" else ~values
            return numpy.argsort(keys, kind="stable")
        try:
            if part.dtype != object:
                return self._order_by_values(part, is_descending=is_descending)
            missing = part.isna().tolist()
            keys = [None if gone else value for value, gone in zip(part.tolist(), missing, strict=True)]
            return numpy.array(order_of(keys, is_descending=is_descending), dtype="int64")
        except Exception:  # nested, of different types, or of a class with ideas of its own
            return numpy.array(order_of(self._cells(part), is_descending=is_descending), dtype="int64")

    def _order_by_values(self, part: Any, *, is_descending: bool) -> Any:
        """By the ranks of its different values, which are often few: then the rest is sorting small numbers."""
        numpy = self._numpy
        codes, values = self._pandas.factorize(part)
        if getattr(part.dtype, "storage", "") == "python":
            order = numpy.array(order_of(values.tolist(), is_descending=is_descending), dtype="int64")
        else:
            plain = self._pandas.Series(values).reset_index(drop=True)
            order = plain.sort_values(ascending=not is_descending, kind="stable").index.to_numpy()
        # The code of what is missing, -1, is the place of the last.
        ranks = numpy.full(len(values) + 1, len(values), dtype=numpy.min_scalar_type(-len(values) - 1))
        ranks[order] = numpy.arange(len(values))
        return numpy.argsort(ranks[codes], kind="stable")

    def _distribution(self, part: Any, sample: Any) -> Json:
        numpy = self._numpy
        if len(sample) == 0:
            return {}
        is_time = self._pandas.api.types.is_datetime64_any_dtype(part.dtype)
        low, high = part.min(), part.max()
        # Times as numbers: from the first of them, because their own beginning is far away.
        values = (sample - low).dt.total_seconds() if is_time else sample
        numbers = values.to_numpy(dtype="float64", na_value=numpy.nan)
        numbers = numbers[numpy.isfinite(numbers)]
        bins = numpy.histogram(numbers, BINS)[0].tolist() if len(numbers) else []
        return {"min": cell_of(low, 100), "max": cell_of(high, 100), "bins": bins}
