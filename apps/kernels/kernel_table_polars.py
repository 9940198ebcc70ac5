"""Tables of polars. Imported by kernel_table_frames.py alone; polars itself is there when a frame is.

A clone shares all memory, and whatever changes a frame leaves its clones as they are.
"""

import datetime
import sys
from typing import Any

from kernel_table_cells import (
    BINS,
    MAX_ITEMS,
    MAX_TYPE_CHARS,
    MOST_COMMON,
    SAMPLE_ROWS,
    Cell,
    Column,
    Filter,
    Kind,
    bool_of,
    cell_of,
    cells_of,
    comparable_number,
    compared,
    compared_time,
    cut,
    label_of,
    order_of,
    sampled_places,
    span_of,
    text_matcher,
)
from kernel_table_columns import ColumnFrame

Json = dict[str, Any]

# Of so many values a column's text is one of few.
FEW = 4


class PolarsFrame(ColumnFrame):  # type: ignore[misc]
    """Positions of rows are a Series, or None: all, in order."""

    is_live = False

    def __init__(self, frame: Any, max_columns: int) -> None:
        self._polars: Any = sys.modules["polars"]
        self._frame: Any = frame.clone()
        self.size_bytes = int(frame.estimated_size())
        self.row_count, self.column_count = frame.height, frame.width
        self.columns = [
            Column(label_of(name), cut(str(dtype), MAX_TYPE_CHARS), self._kind(dtype))
            for name, dtype in list(zip(frame.columns, frame.dtypes, strict=True))[:max_columns]
        ]

    def whole_cell(self, position: int, column: int, chars: int) -> Cell:
        return cell_of(self._frame.to_series(column).slice(position, 1).to_list()[0], chars)

    def summary(self, column: int) -> Json:
        part, kind = self._frame.to_series(column), self.columns[column].kind
        told: Json = {"nulls": part.null_count()}
        if self.row_count == 0:
            return told
        told["is_sampled"] = self.row_count > SAMPLE_ROWS
        sample = (part.gather(sampled_places(self.row_count)) if told["is_sampled"] else part).drop_nulls()
        if kind in ("number", "time"):
            return told | self._distribution(part, sample)
        if kind == "bool":
            count = int(sample.sum())
            return told | {"top": [["True", count], ["False", len(sample) - count]]}
        if kind == "text":
            counts = sample.cast(self._polars.String).rename("value").value_counts(sort=True)
            top = [[cell_of(value, 100) or "", number] for value, number in counts.head(MOST_COMMON).rows()]
            return told | {"top": top, "distinct": counts.height}
        return told

    def write_csv(self, path: str, positions: Any) -> None:
        frame = self._chosen(positions)
        flat = [
            self._polars.Series(part.name, self._cells(part), dtype=self._polars.String)
            if _is_nested(part.dtype)
            else part
            for part in frame.get_columns()
        ]
        self._polars.DataFrame(flat).write_csv(path)

    def write_parquet(self, path: str, positions: Any) -> None:
        self._chosen(positions).write_parquet(path)

    # Private

    def _part(self, place: int) -> Any:
        return self._frame.to_series(place)

    def _slice(self, part: Any, start: int, stop: int) -> Any:
        return part.slice(start, stop - start)

    def _at(self, part: Any, positions: Any) -> Any:
        return part.gather(positions)

    def _listed(self, positions: Any) -> list[int]:
        return list(positions.to_list())

    def _order(self, part: Any, column: int, *, is_descending: bool) -> Any:
        part = self._ranked(part)
        try:
            numbered = self._polars.DataFrame({"key": part}).with_row_index("place")
            ordered = numbered.sort("key", descending=is_descending, nulls_last=True, maintain_order=True)
            return ordered["place"]
        except self._polars.exceptions.PolarsError:
            places = order_of(self._cells(part), is_descending=is_descending)
            return self._polars.Series(places, dtype=self._polars.UInt32)

    def _missing(self, part: Any) -> Any:
        return part.is_null()

    def _none(self, count: int) -> Any:
        return self._polars.repeat(False, count, eager=True)

    def _either(self, mask: Any, other: Any) -> Any:
        return mask | other

    def _inverted(self, mask: Any) -> Any:
        return ~mask

    def _places(self, mask: Any) -> Any:
        return mask.arg_true()

    def _ranked(self, part: Any) -> Any:
        """Texts of which there are few different ones are sorted by their places among these, which is faster."""
        if part.dtype != self._polars.String:
            return part
        values = part.unique().drop_nulls()
        return part.cast(self._polars.Enum(values.sort())) if len(values) * FEW < len(part) else part

    def _chosen(self, positions: Any) -> Any:
        return self._frame if positions is None else self._frame[positions]

    def _kind(self, dtype: Any) -> Kind:
        polars = self._polars
        if dtype == polars.Boolean:
            return "bool"
        if dtype.is_numeric():
            return "number"
        if dtype in (polars.String, polars.Categorical, polars.Enum):
            return "text"
        return "time" if dtype in (polars.Date, polars.Datetime) else "other"

    def _cells(self, part: Any) -> list[Cell]:
        polars = self._polars
        if part.dtype == polars.Float32:
            part = part.cast(polars.String)  # in Python it would have more digits
        elif part.dtype == polars.List:
            part = part.list.head(MAX_ITEMS)
        try:
            values = part.to_list()
        except (ValueError, OverflowError):  # a time that Python does not know
            values = part.cast(polars.String).to_list()
        return list(cells_of(values))

    def _matching(self, part: Any, kind: Kind, wanted: Filter) -> Any:
        match kind:
            case "text":
                mask = self._compared_text(part.cast(self._polars.String), wanted)
            case "number":
                is_decimal = part.dtype == self._polars.Decimal
                number = comparable_number(wanted.value, is_decimal=is_decimal)
                mask = compared(part, wanted.operation, number)
            case "bool":
                mask = part == bool_of(wanted.value)
            case "time":
                span = span_of(wanted.value)
                moments = self._moment(part, span.start), self._moment(part, span.end)
                times = part.cast(self._polars.Datetime("us")) if part.dtype == self._polars.Date else part
                mask = compared_time(times, wanted.operation, moments)
            case _:
                matches = text_matcher(wanted.operation, wanted.value)
                found = [matches(cell) for cell in self._cells(part)]
                return self._polars.Series(found, dtype=self._polars.Boolean)
        return mask.fill_null(False)

    def _compared_text(self, part: Any, wanted: Filter) -> Any:
        match wanted.operation:
            case "contains":
                return part.str.to_lowercase().str.contains(wanted.value.lower(), literal=True)
            case "starts_with":
                return part.str.to_lowercase().str.starts_with(wanted.value.lower())
            case _:
                return part == wanted.value

    def _moment(self, part: Any, moment: datetime.datetime) -> Any:
        """As the column has it: what is typed without a zone, is in that of the column."""
        zone = getattr(part.dtype, "time_zone", None)
        if zone is None:
            naive = moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment.tzinfo else moment
            return naive
        series = self._polars.Series([moment.replace(tzinfo=None)])
        if moment.tzinfo:
            utc = moment.astimezone(datetime.UTC).replace(tzinfo=None)
            return self._polars.Series([utc]).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)[0]
        return series.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")[0]

    def _distribution(self, part: Any, sample: Any) -> Json:
        polars = self._polars
        if part.dtype.is_float():
            sample = sample.filter(sample.is_finite())
        if len(sample) == 0:
            return {}
        low, high = part.min(), part.max()
        numbers = sample.to_physical() if part.dtype.is_temporal() else sample
        numbers = numbers.cast(polars.Float64)
        return {"min": cell_of(low, 100), "max": cell_of(high, 100), "bins": _histogram(numbers)}


def _histogram(numbers: Any) -> list[int]:
    least, most = numbers.min(), numbers.max()
    if least == most:
        return [len(numbers)]
    places = ((numbers - least) / (most - least) * BINS).floor().clip(0, BINS - 1).cast(int)
    bins = [0] * BINS
    for place, count in places.rename("place").value_counts().rows():
        bins[place] = count
    return bins


def _is_nested(dtype: Any) -> bool:
    return bool(dtype.is_nested()) or str(dtype) in ("Object", "Binary")
