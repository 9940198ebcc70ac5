"""Cells of tables as text, and what people type into a filter as values. Imported by the kernel's other modules of
tables alone; it imports nothing of the server, and no library of dataframes by itself.

A cell is a text, or null where there is no value. The text of a number is exact; a page may show it shorter.
"""

import datetime
import decimal
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from random import Random
from typing import Any, Literal, NamedTuple

from kernel_variables import shown_text

Cell = str | None
Kind = Literal["number", "text", "bool", "time", "other"]

MAX_CELL_CHARS = 500
# Of a cell that somebody wants to see whole.
MAX_WHOLE_CHARS = 100_000
# Of a list or the like in a cell.
MAX_ITEMS = 200
MAX_TYPE_CHARS = 100
SORTED_AT_ONCE = 50_000

# Distributions of longer columns are those of so many rows.
SAMPLE_ROWS = 100_000
BINS = 20
MOST_COMMON = 3

TEXT_OPERATIONS = ("contains", "not_contains", "starts_with", "equals", "not_equals")
ORDER_OPERATIONS = ("equals", "not_equals", "less", "at_most", "greater", "at_least")
NULL_OPERATIONS = ("is_null", "not_null")
OPERATIONS: dict[Kind, tuple[str, ...]] = {
    "number": ORDER_OPERATIONS,
    "time": ORDER_OPERATIONS,
    "bool": ("equals", "not_equals"),
    "text": TEXT_OPERATIONS,
    "other": TEXT_OPERATIONS,
}

_NUMBER = re.compile(r"[+-]?(\d[\d_ ,]*\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BOOLS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# Of a day, hour, minute or second that is typed, how long it is.
_PRECISIONS = (
    (re.compile(r"\d{4}-\d\d-\d\d"), datetime.timedelta(days=1)),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d"), datetime.timedelta(hours=1)),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"), datetime.timedelta(minutes=1)),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"), datetime.timedelta(seconds=1)),
)


class Refused(Exception):
    """What was asked cannot be done; the text says why."""


class Filter(NamedTuple):
    column: int
    operation: str
    value: str


class Column(NamedTuple):
    name: str
    type: str
    kind: Kind
    is_index: bool = False


class Span(NamedTuple):
    """What somebody typed for a time: from its beginning to before its end. Of `2020-05`, the month."""

    start: datetime.datetime
    end: datetime.datetime


# Text


def cells_of(values: Iterable[Any], chars: int = MAX_CELL_CHARS) -> list[Cell]:
    """Of Python's values."""
    return [cell_of(value, chars) for value in values]


def cell_of(value: Any, chars: int = MAX_CELL_CHARS) -> Cell:
    kind = type(value)
    if kind is str:
        return cut(value, chars)
    if value is None or is_missing(value):
        return None
    if kind is float:
        return repr(value) if value == value else "NaN"
    if kind is bool:
        return repr(value)
    if kind is int:
        return str(shown_text(value, chars))
    return cut(_text(value, chars), chars)


def cut(text: str, chars: int = MAX_CELL_CHARS) -> str:
    """Also without what JSON cannot carry."""
    if len(text) > chars:
        text = text[: chars - 1] + "…"
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def is_missing(value: Any) -> bool:
    """What pandas calls a value that is not there."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and (value is pandas.NA or value is pandas.NaT)


def label_of(label: Any) -> str:
    """Of a column: any object can be its name."""
    if type(label) is tuple:
        return cut(", ".join(label_of(part) for part in label), MAX_CELL_CHARS)
    return cell_of(label) or ""


def _text(value: Any, chars: int) -> str:
    if type(value) in (list, tuple, set, frozenset, dict, bytes, bytearray):
        return str(shown_text(value, chars))
    if hasattr(type(value), "tolist") and hasattr(type(value), "__array__") and hasattr(value, "shape"):
        # An array in a cell; a scalar of numpy has no dimension.
        return str(shown_text(value[:MAX_ITEMS].tolist(), chars)) if value.shape else str(value)
    try:
        # Of its own class: it may run any code, which is why this is never on the thread that runs cells.
        text = str(value)
    except Exception as error:
        return f"<{type(value).__name__}: {type(error).__name__} when it was to be shown>"
    return text if type(text) is str else f"<{type(value).__name__}>"


# What is sorted where no library can


def order_of(keys: Sequence[Any], *, is_descending: bool) -> list[int]:
    """Places of the keys in order, those that are None last. In pieces: one `sorted` would hold Python's lock, and
    thereby the thread that runs cells, for all the time that it takes. TypeError if they cannot be compared.
    """
    present = [place for place, key in enumerate(keys) if key is not None]
    missing = [place for place, key in enumerate(keys) if key is None]

    def in_order(places: list[int]) -> list[int]:
        return sorted(places, key=keys.__getitem__, reverse=is_descending)

    runs = [
        in_order(present[start : start + SORTED_AT_ONCE]) for start in range(0, len(present), SORTED_AT_ONCE)
    ]
    while len(runs) > 1:
        # What is sorted in two halves, Python's `sorted` only merges.
        halves = [
            [*runs[start], *(runs[start + 1] if start + 1 < len(runs) else [])]
            for start in range(0, len(runs), 2)
        ]
        runs = [in_order(each) for each in halves]
    return (runs[0] if runs else []) + missing


# What is typed


def number_of(text: str) -> float | int | decimal.Decimal:
    """Exact. Refused if it is no number."""
    plain = text.strip()
    if plain.lower() in ("inf", "-inf", "nan"):
        return float(plain)
    if not _NUMBER.fullmatch(plain):
        raise Refused(f"“{cut(plain, 40)}” is no number.")
    plain = re.sub(r"[_ ,]", "", plain)
    return int(plain) if plain.lstrip("+-").isdigit() else float(plain)


def comparable_number(text: str, *, is_decimal: bool) -> float | int | decimal.Decimal:
    """As columns of Arrow and polars compare it, whose whole numbers have 64 bits. Refused if it is no number."""
    number = number_of(text)
    if is_decimal:
        return decimal.Decimal(str(number))
    return float(number) if isinstance(number, int) and abs(number) >= 2**63 else number


def bool_of(text: str) -> bool:
    try:
        return _BOOLS[text.strip().lower()]
    except KeyError:
        raise Refused("Type true or false.") from None


def span_of(text: str) -> Span:
    """Refused if it is no date or time."""
    plain = text.strip()
    try:
        if re.fullmatch(r"\d{4}", plain):
            return Span(datetime.datetime(int(plain), 1, 1), datetime.datetime(int(plain) + 1, 1, 1))
        if re.fullmatch(r"\d{4}-\d\d", plain):
            year, month = map(int, plain.split("-"))
            end = datetime.datetime(year + month // 12, month % 12 + 1, 1)
            return Span(datetime.datetime(year, month, 1), end)
        start = datetime.datetime.fromisoformat(plain)
        length = next((each for form, each in _PRECISIONS if form.fullmatch(plain)), None)
        return Span(start, start + (length or datetime.timedelta(microseconds=1)))
    except (ValueError, OverflowError):
        raise Refused("Type a date or time like 2026-11-22 or 2026-11-22 08:30.") from None


def text_matcher(operation: str, value: str) -> Callable[[Cell], bool]:
    """For the texts of cells that are of no type with operations of its own."""
    folded = value.casefold()
    match operation:
        case "contains":
            return lambda cell: cell is not None and folded in cell.casefold()
        case "not_contains":
            return lambda cell: cell is None or folded not in cell.casefold()
        case "starts_with":
            return lambda cell: cell is not None and cell.casefold().startswith(folded)
        case "equals":
            return lambda cell: cell == value
        case "not_equals":
            return lambda cell: cell != value
        case _:
            raise Refused(f"This column cannot be filtered by “{cut(operation, 40)}”.")


def search_value(kind: Kind, text: str) -> Any:
    """What a search looks for in a column of the kind; None if it cannot be there."""
    try:
        match kind:
            case "number":
                return number_of(text)
            case "time":
                return span_of(text)
            case "bool":
                return {"true": True, "false": False}.get(text.strip().lower())
            case _:
                return text
    except Refused:
        return None


def check_operation(kind: Kind, operation: str) -> None:
    if operation not in (*OPERATIONS[kind], *NULL_OPERATIONS):
        raise Refused(f"A column of this type cannot be filtered by “{cut(operation, 40)}”.")


# What libraries have in common


@lru_cache(maxsize=4)
def sampled_places(row_count: int) -> list[int]:
    """Of the rows of a long table, in order. By chance, because every tenth row is often of one kind; but each time the
    same rows."""
    return sorted(Random(0).sample(range(row_count), SAMPLE_ROWS))  # noqa: S311


def compared(part: Any, operation: str, value: Any) -> Any:
    match operation:
        case "less":
            return part < value
        case "at_most":
            return part <= value
        case "greater":
            return part > value
        case "at_least":
            return part >= value
        case _:
            return part == value


def compared_time(part: Any, operation: str, moments: tuple[Any, Any]) -> Any:
    start, end = moments
    match operation:
        case "less":
            return part < start
        case "at_most":
            return part < end
        case "greater":
            return part >= end
        case "at_least":
            return part >= start
        case _:
            return (part >= start) & (part < end)


def unique_names(labels: Any) -> list[str]:
    """Parquet wants a name for each column, and each once."""
    names: list[str] = []
    taken: set[str] = set()
    for place, label in enumerate(labels):
        name = label_of(label) or f"column_{place}"
        while name in taken:
            name = f"{name}_{place}"
        taken.add(name)
        names.append(name)
    return names
