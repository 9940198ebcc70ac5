"""Tables of Apache Arrow (pyarrow), which never change. Imported by kernel_table_frames.py alone."""

import datetime
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
    Span,
    bool_of,
    cell_of,
    cells_of,
    comparable_number,
    cut,
    label_of,
    order_of,
    sampled_places,
    span_of,
    text_matcher,
    unique_names,
)
from kernel_table_columns import ColumnFrame

Json = dict[str, Any]

_COMPARISONS = {
    "equals": "equal",
    "less": "less",
    "at_most": "less_equal",
    "greater": "greater",
    "at_least": "greater_equal",
}


class ArrowFrame(ColumnFrame):  # type: ignore[misc]
    """Positions of rows are an array of pyarrow, or None: all, in order."""

    is_live = False

    def __init__(self, table: Any, max_columns: int) -> None:
        import pyarrow.compute  # noqa: PLC0415  # the frame's own library; it is installed

        self._arrow: Any = sys.modules["pyarrow"]
        self._compute: Any = pyarrow.compute
        self._table = table
        self.size_bytes = int(table.nbytes)
        self.row_count, self.column_count = table.num_rows, table.num_columns
        self.columns = [
            Column(label_of(field.name), cut(str(field.type), MAX_TYPE_CHARS), self._kind(field.type))
            for field in list(table.schema)[:max_columns]
        ]

    def whole_cell(self, position: int, column: int, chars: int) -> Cell:
        return cell_of(self._table.column(column).slice(position, 1).to_pylist()[0], chars)

    def summary(self, column: int) -> Json:
        part, kind = self._table.column(column), self.columns[column].kind
        told: Json = {"nulls": part.null_count}
        if self.row_count == 0:
            return told
        told["is_sampled"] = self.row_count > SAMPLE_ROWS
        if kind == "other":
            return told
        if told["is_sampled"]:
            part = part.take(self._arrow.array(sampled_places(self.row_count), self._arrow.int64()))
        sample = _plain(part).drop_null()
        if kind in ("number", "time"):
            return told | self._distribution(self._table.column(column), sample)
        counts = sorted(
            ((each["counts"], each["values"]) for each in sample.value_counts().to_pylist()),
            key=lambda each: -each[0],
        )
        if kind == "bool":
            by_value = {value: count for count, value in counts}
            return told | {"top": [[str(value), by_value.get(value, 0)] for value in (True, False)]}
        top = [[cell_of(value, 100) or "", count] for count, value in counts[:MOST_COMMON]]
        return told | {"top": top, "distinct": len(counts)}

    def write_csv(self, path: str, positions: Any) -> None:
        import pyarrow.csv  # noqa: PLC0415

        table = self._chosen(positions)
        flat = [
            self._arrow.array(self._cells(part), self._arrow.string())
            if _is_nested(part.type)
            else _plain(part)
            for part in table.columns
        ]
        pyarrow.csv.write_csv(self._arrow.table(flat, names=table.column_names), path)

    def write_parquet(self, path: str, positions: Any) -> None:
        import pyarrow.parquet  # noqa: PLC0415

        table = self._chosen(positions)
        pyarrow.parquet.write_table(table.rename_columns(unique_names(table.column_names)), path)

    # Private

    def _part(self, place: int) -> Any:
        return self._table.column(place)

    def _slice(self, part: Any, start: int, stop: int) -> Any:
        return part.slice(start, stop - start)

    def _at(self, part: Any, positions: Any) -> Any:
        return part.take(positions)

    def _listed(self, positions: Any) -> list[int]:
        return list(positions.to_pylist())

    def _order(self, part: Any, column: int, *, is_descending: bool) -> Any:
        part = _plain(part)
        if self.columns[column].kind == "text":
            part = self._ranks(part)
        direction = "descending" if is_descending else "ascending"
        try:
            return self._compute.sort_indices(part, sort_keys=[("", direction)])
        except (NotImplementedError, self._arrow.ArrowException):
            places = order_of(self._cells(part), is_descending=is_descending)
            return self._arrow.array(places, self._arrow.uint64())

    def _missing(self, part: Any) -> Any:
        return part.is_null()

    def _none(self, count: int) -> Any:
        return self._arrow.repeat(False, count)

    def _either(self, mask: Any, other: Any) -> Any:
        return self._compute.or_(mask, other)

    def _inverted(self, mask: Any) -> Any:
        return self._compute.invert(mask)

    def _places(self, mask: Any) -> Any:
        return self._compute.indices_nonzero(mask)

    def _chosen(self, positions: Any) -> Any:
        return self._table if positions is None else self._table.take(positions)

    def _kind(self, kind: Any) -> Kind:
        types = self._arrow.types
        if types.is_dictionary(kind):
            return self._kind(kind.value_type)
        if types.is_boolean(kind):
            return "bool"
        if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
            return "number"
        if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
            return "text"
        return "time" if types.is_timestamp(kind) or types.is_date(kind) else "other"

    def _ranks(self, part: Any) -> Any:
        """Of texts, their places among the different ones: these are often few, and numbers are sorted fast."""
        values = part.unique().drop_null()
        return self._compute.index_in(part, value_set=values.take(self._compute.sort_indices(values)))

    def _cells(self, part: Any) -> list[Cell]:
        if self._arrow.types.is_float32(part.type):
            part = part.cast(self._arrow.string())  # in Python it would have more digits
        try:
            values = part.to_pylist()
        except (ValueError, OverflowError):  # a time that Python does not know
            values = part.cast(self._arrow.string()).to_pylist()
        return list(cells_of(values))

    def _matching(self, part: Any, kind: Kind, wanted: Filter) -> Any:
        if kind == "other":
            matches = text_matcher(wanted.operation, wanted.value)
            return self._arrow.array([matches(cell) for cell in self._cells(part)], self._arrow.bool_())
        part = _plain(part)
        match kind:
            case "text":
                mask = self._compared_text(part, wanted)
            case "number":
                is_decimal = self._arrow.types.is_decimal(part.type)
                number = comparable_number(wanted.value, is_decimal=is_decimal)
                mask = self._compared(part, wanted.operation, number)
            case "bool":
                mask = self._compute.equal(part, bool_of(wanted.value))
            case _:
                mask = self._compared_time(part, wanted.operation, span_of(wanted.value))
        return mask.fill_null(False)

    def _compared_text(self, part: Any, wanted: Filter) -> Any:
        match wanted.operation:
            case "contains":
                return self._compute.match_substring(part, wanted.value, ignore_case=True)
            case "starts_with":
                return self._compute.starts_with(part, wanted.value, ignore_case=True)
            case _:
                return self._compute.equal(part, wanted.value)

    def _compared(self, part: Any, operation: str, value: Any) -> Any:
        return getattr(self._compute, _COMPARISONS[operation])(part, value)

    def _compared_time(self, part: Any, operation: str, span: Span) -> Any:
        if self._arrow.types.is_date(part.type):
            part = part.cast(self._arrow.timestamp("us"))
        start, end = (self._moment(part, moment) for moment in span)
        match operation:
            case "less":
                return self._compute.less(part, start)
            case "at_most":
                return self._compute.less(part, end)
            case "greater":
                return self._compute.greater_equal(part, end)
            case "at_least":
                return self._compute.greater_equal(part, start)
            case _:
                compute = self._compute
                return compute.and_(compute.greater_equal(part, start), compute.less(part, end))

    def _moment(self, part: Any, moment: datetime.datetime) -> Any:
        """As the column has it: what is typed without a zone, is in that of the column."""
        zone = part.type.tz
        if moment.tzinfo:
            moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
            naive = self._arrow.scalar(moment, self._arrow.timestamp("us"))
            return naive if zone is None else naive.cast(self._arrow.timestamp("us", "UTC"))
        naive = self._arrow.scalar(moment, self._arrow.timestamp("us"))
        if zone is None:
            return naive
        return self._compute.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest")

    def _distribution(self, part: Any, sample: Any) -> Json:
        compute, types = self._compute, self._arrow.types
        extremes = compute.min_max(_plain(part)).as_py()
        if types.is_timestamp(sample.type) or types.is_date64(sample.type):
            sample = sample.cast(self._arrow.int64())
        elif types.is_date32(sample.type):
            sample = sample.cast(self._arrow.int32())
        numbers = sample.cast(self._arrow.float64(), safe=False)
        numbers = numbers.filter(compute.is_finite(numbers))
        if len(numbers) == 0:
            return {}
        ends = {end: cell_of(extremes[end], 100) for end in ("min", "max")}
        return ends | {"bins": self._histogram(numbers)}

    def _histogram(self, numbers: Any) -> list[int]:
        compute = self._compute
        ends = compute.min_max(numbers).as_py()
        if ends["min"] == ends["max"]:
            return [len(numbers)]
        share = compute.divide(compute.subtract(numbers, ends["min"]), ends["max"] - ends["min"])
        places = compute.floor(compute.multiply(share, BINS)).cast(self._arrow.int64())
        bins = [0] * BINS
        for each in places.value_counts().to_pylist():
            bins[min(each["values"], BINS - 1)] += each["counts"]
        return bins


def _plain(part: Any) -> Any:
    """A dictionary's values, of which the functions of Arrow know more."""
    return (
        part.cast(part.type.value_type)
        if hasattr(part.type, "value_type") and hasattr(part.type, "index_type")
        else part
    )


def _is_nested(kind: Any) -> bool:
    return kind.num_fields > 0 or "binary" in str(kind)
