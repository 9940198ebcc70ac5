"""What a JavaScript cell is in the kernel: its code, handed to the page with the values that it names. Imported by
kernel_main.py, and imports nothing of the server.

The output, of JAVASCRIPT_TYPE, is {source, inputs, cut, left_out, execution_count}: see docs/protocol.md.
"""

import datetime
import decimal
import math
import types
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from IPython import get_ipython
from IPython.display import publish_display_data
from kernel_errors import CellError
from kernel_sql import Class, classes_of
from kernel_table_cells import is_missing, unique_names

Json = dict[str, Any]

JAVASCRIPT_TYPE = "application/vnd.tandem.javascript+json"

# Of a dataframe.
MAX_ROWS = 10_000
# Of all values together, as JSON. It goes to every page, with each load.
MAX_BYTES = 4 * 2**20
MAX_DEPTH = 100
# Whole numbers beyond are others as numbers of JavaScript.
MAX_SAFE_INTEGER = 2**53 - 1
# Python does not write out much longer numbers.
MAX_DECIMAL_BITS = 10_000

_DATAFRAMES = {("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table")}
_PANDAS_TEXTS = {("pandas", "Period"), ("pandas", "Interval")}
_ARRAYS = {
    *(("numpy", "ndarray"), ("numpy", "generic"), ("pandas", "Series"), ("pandas", "Index")),
    *(("polars", "Series"), ("pyarrow", "Array"), ("pyarrow", "ChunkedArray")),
}


class InputError(CellError):  # type: ignore[misc]
    """What of the notebook cannot be handed to JavaScript."""


def show_javascript(names: Mapping[str, Any], source: str, reads: Sequence[str]) -> None:
    """Display the code with the values of `reads`. InputError if there is no such name, or no JSON of its value."""
    inputs = Inputs()
    for name in reads:
        if name not in names:
            raise InputError(f"There is nothing called {name}. Run the cell that makes it.")
        inputs.add(name, names[name])
    content = {
        "source": source,
        "inputs": inputs.values,
        "cut": inputs.cut,
        "left_out": inputs.left_out,
        # So that pages know a run from the last, even of the same code with the same values.
        "execution_count": get_ipython().execution_count,
    }
    told = f"JavaScript with {', '.join(reads)}" if reads else "JavaScript"
    publish_display_data({JAVASCRIPT_TYPE: content, "text/plain": f"<{told}, which runs in Tandem's pages>"})


class Inputs:
    """Values of the notebook as JSON.

    `cut`: by the path of a dataframe of which not all rows are here, how many are and how many it has.
    `left_out`: functions, classes and modules, `{name: type}`. JavaScript may have something of that name, such as
    `Image`, which then is meant.
    """

    def __init__(self) -> None:
        self.values: Json = {}
        self.cut: dict[str, tuple[int, int]] = {}
        self.left_out: dict[str, str] = {}
        self._room = MAX_BYTES
        self._name = ""

    def add(self, name: str, value: Any) -> None:
        self._name = name
        if isinstance(value, types.ModuleType) or callable(value):
            self.left_out[name] = type(value).__name__
        else:
            self.values[name] = self._json(value, name, 0)

    def _json(self, value: Any, path: str, depth: int) -> Any:
        self._take(2)  # a digit and a comma at least, as wherever room is checked
        if depth > MAX_DEPTH:
            raise InputError(f"{self._name} has lists or dicts in each other, more than {MAX_DEPTH} deep.")
        match value:
            case None | bool():
                return value
            case int() if abs(value) <= MAX_SAFE_INTEGER:
                return int(value)
            case float() | decimal.Decimal():
                return _finite(value)
            case datetime.timedelta():
                return value.total_seconds()
            case Mapping():
                return self._dict(value, path, depth)
            case list() | tuple() | set() | frozenset():
                self._check_room(2 * len(value))
                return [self._json(each, f"{path}[{place}]", depth + 1) for place, each in enumerate(value)]
        if is_missing(value):
            return None
        text = _text_of(value)
        return self._of_library(value, path, depth) if text is None else self._text(text)

    def _dict(self, value: Mapping[Any, Any], path: str, depth: int) -> Json:
        items = {}
        for key, each in value.items():
            name = str(key) if key is None or isinstance(key, (float, decimal.Decimal)) else _text_of(key)
            if name is None:
                raise InputError(f"{path} has a {type(key).__name__} as a key. Make it a text.")
            name = self._text(name)
            items[name] = self._json(each, f"{path}[{name[:50]!r}]", depth + 1)
        return items

    def _of_library(self, value: Any, path: str, depth: int) -> Any:
        classes = classes_of(value)
        if classes & _DATAFRAMES:
            if len(value) > MAX_ROWS:
                self.cut[path] = (MAX_ROWS, len(value))
            return self._records(_columns(value, classes), path, depth)
        if not classes & _ARRAYS:
            raise InputError(
                f"{path} is a {type(value).__name__}. Numbers, texts, dates, lists, dicts, arrays and "
                "dataframes can be used in JavaScript: make one of these of it in a Python cell."
            )
        size = getattr(value, "size", None)
        self._check_room(2 * (len(value) if size is None else size))  # before it is copied
        return self._json(_listed(value), path, depth + 1)

    def _records(self, columns: Mapping[str, Sequence[Any]], path: str, depth: int) -> list[Json]:
        width = sum(len(name) + 4 for name in columns)
        paths = [(name, f"{path}.{name}") for name in columns]
        records = []
        for row in zip(*columns.values(), strict=True):
            self._take(width)
            cells = zip(paths, row, strict=True)
            records.append({name: self._json(each, place, depth + 1) for (name, place), each in cells})
        return records

    def _text(self, text: str) -> str:
        """Also without what JSON cannot carry."""
        encoded = text.encode("utf-8", "replace")
        self._take(len(encoded))
        return encoded.decode()

    def _take(self, size_bytes: int) -> None:
        self._check_room(size_bytes)
        self._room -= size_bytes

    def _check_room(self, size_bytes: int) -> None:
        if size_bytes > self._room:
            raise InputError(
                f"{self._name} is too large for JavaScript: all that a cell names may have {MAX_BYTES // 2**20} MiB as "
                "JSON. Filter or aggregate it in another cell first."
            )


def _finite(value: float | decimal.Decimal) -> float | None:
    number = math.nan if isinstance(value, decimal.Decimal) and value.is_nan() else float(value)
    return number if math.isfinite(number) else None


def _text_of(value: Any) -> str | None:
    """Of what is one in JSON; None if it is none."""
    match value:
        case str():
            return str.__str__(value)
        case int():
            return str(int(value)) if value.bit_length() <= MAX_DECIMAL_BITS else hex(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case _:
            return str(value) if classes_of(value) & _PANDAS_TEXTS else None


def _columns(frame: Any, classes: set[Class]) -> dict[str, list[Any]]:
    """Of its first rows, by unique names. Of pandas with the index, unless that only numbers the rows."""
    if ("pyarrow", "Table") in classes:
        first = frame.slice(0, MAX_ROWS)
        return dict(zip(unique_names(first.column_names), map(_listed, first.columns), strict=True))
    frame = frame.head(MAX_ROWS)
    if ("polars", "DataFrame") in classes:
        listed: dict[str, list[Any]] = frame.to_dict(as_series=False)
        return listed
    if frame.index.name is not None or frame.index.dtype.kind not in "iu":
        frame = frame.reset_index(allow_duplicates=True)
    parts = (frame.iloc[:, place].tolist() for place in range(frame.shape[1]))
    return dict(zip(unique_names(frame.columns), parts, strict=True))


def _listed(value: Any) -> Any:
    """What is in an array, as Python has it."""
    if classes_of(value) & {("numpy", "ndarray"), ("numpy", "generic")} and value.dtype.kind in "mM":
        # What is finer than microseconds, Python has no type for.
        value = value.astype(f"{value.dtype.kind}8[us]")
    for name in ("tolist", "to_list", "to_pylist"):
        if hasattr(value, name):
            return getattr(value, name)()
    return value
