"""The variables of a kernel as people see them in a panel. Imported by kernel_main.py alone, and imports nothing of the
server.

Looking must change nothing: no code of a class that is not known here runs, so no `repr`, no `len`, no `isinstance`
(which asks `__class__`) and no attribute of such a value. Known are the exact types of Python, and of numpy, pandas and
polars if they are loaded.

`variables_request` (shell) is {after: name}; the reply is {status: ok, variables: [variable], next: name or null}: in
order of names those after `after`, as many as fit into a few milliseconds, because a run has to wait meanwhile. A
variable is {name, type, shape, size_bytes, preview}; null, or empty text, is what is not known.

`variable_request` (shell) is {name}; the reply is {status: ok, found, type, columns: [text], rows: [[text]], text,
more}: a table with the first rows, items or attributes, or a long text; `more` is how many there are besides.
"""

import datetime
import decimal
import fractions
import pathlib
import sys
import time
import types
import uuid
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

Json = dict[str, Any]

# A run that somebody asks for waits so long at most, and for the one value that is looked at then.
SLICE_S = 0.003
MAX_NAME_CHARS = 200
MAX_PREVIEW_CHARS = 120
MAX_CELL_CHARS = 200
MAX_TEXT_CHARS = 5000
MAX_ITEMS = 50
MAX_COLUMNS = 20
MAX_DEPTH = 3
# Beyond them, adding up the memory of columns takes milliseconds.
MAX_SIZED_COLUMNS = 200
# Python writes longer numbers slowly, or not at all.
MAX_INT_BITS = 2000

_PLAIN = (bool, float, complex, type(None), type(Ellipsis), type(NotImplemented), range, slice)
_SEQUENCES: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("{", "}"),
    deque: ("[", "]"),
}
_MAPPINGS = (dict, Counter, OrderedDict, defaultdict)
_SIZED = (str, bytes, bytearray, range, *_MAPPINGS, *_SEQUENCES)
_WRITTEN = (
    decimal.Decimal,
    fractions.Fraction,
    uuid.UUID,
    datetime.date,
    datetime.timedelta,
    type(pathlib.Path()),
)
_TIMES = (datetime.datetime, datetime.time)
_ZONES = (type(None), datetime.timezone, zoneinfo.ZoneInfo)
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)

# A metaclass may have its own idea of these.
_name_of: Callable[[type], str] = type.__dict__["__name__"].__get__
_module_of: Callable[[type], Any] = type.__dict__["__module__"].__get__
_mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__


def variables(names: Json, hidden: Iterable[str], after: str) -> Json:
    """The content of `variables_reply`."""
    left_out = set(hidden)
    wanted = sorted(name for name in list(names) if _is_shown(name, left_out) and name > after)
    until = time.perf_counter() + SLICE_S
    told: list[Json] = []
    for name in wanted:
        if told and time.perf_counter() > until:
            return {"status": "ok", "variables": told, "next": told[-1]["name"]}
        value = names.get(name)
        if type(value) is not types.ModuleType:
            told.append({"name": name, **_description(value)})
    return {"status": "ok", "variables": told, "next": None}


def variable(names: Json, name: str) -> Json:
    """The content of `variable_reply`."""
    if name not in names:
        return {"status": "ok", "found": False}
    value = names[name]
    found: Json = {"columns": [], "rows": [], "text": "", "more": 0}
    try:
        found |= _details(value)
    except Exception as error:
        found["text"] = f"This cannot be shown: {_name_of(type(error))}."
    return {"status": "ok", "found": True, "type": _name_of(type(value)), **found}


def shown_text(value: Any, chars: int) -> str:
    """The value in at most so many characters, for other modules; of what is not known the name of its class."""
    return _preview(value, chars)


def _is_shown(name: object, hidden: set[str]) -> bool:
    if type(name) is not str or name in hidden or name.startswith("_"):
        return False
    return name.isidentifier() and len(name) <= MAX_NAME_CHARS


def _description(value: Any) -> Json:
    kind = type(value)
    known: Json = {"type": _name_of(kind), "shape": "", "size_bytes": None, "preview": ""}
    try:
        known |= {"shape": _shape(value), "size_bytes": _size(value), "preview": _preview(value)}
    except Exception as error:  # another thread changes it, or it is broken
        known["preview"] = f"({_name_of(type(error))})"
    return known


# What is known of types


def _library_type(value: Any) -> str:
    """Like `pandas.DataFrame`, if the value is of a known type of a known library that is loaded; else empty."""
    kind = type(value)
    library = str(_module_of(kind)).partition(".")[0]
    name = f"{library}.{_name_of(kind)}"
    module = sys.modules.get(library)
    # A class may say that it is from there.
    if name in _LIBRARY_TYPES and module is not None and vars(module).get(_name_of(kind)) is kind:
        return name
    return ""


_INDEXES = ("Index", "RangeIndex", "DatetimeIndex", "MultiIndex", "CategoricalIndex")
_LIBRARY_TYPES = frozenset(
    (
        "numpy.ndarray",
        "pandas.DataFrame",
        "pandas.Series",
        "pandas.Timestamp",
        "pandas.Timedelta",
        *(f"pandas.{name}" for name in _INDEXES),
        "polars.DataFrame",
        "polars.Series",
    )
)


def _is_numpy_scalar(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    kinds = (numpy.bool_, numpy.number, numpy.datetime64, numpy.timedelta64) if numpy else ()
    mro = _mro_of(type(value))
    return any(kind in mro for kind in kinds) and _module_of(type(value)) == "numpy"


def _shape(value: Any) -> str:
    match _library_type(value):
        case "numpy.ndarray" | "pandas.DataFrame" | "polars.DataFrame":
            return " × ".join(str(length) for length in value.shape) or "scalar"
        case "" | "pandas.Timestamp" | "pandas.Timedelta":
            return str(len(value)) if type(value) in _SIZED else ""
        case _:
            return str(len(value))


def _size(value: Any) -> int | None:
    """In bytes, without what it refers to."""
    match _library_type(value):
        case "numpy.ndarray":
            return int(value.nbytes)
        case "pandas.DataFrame":
            return int(value.memory_usage().sum()) if value.shape[1] <= MAX_SIZED_COLUMNS else None
        case "polars.DataFrame" | "polars.Series":
            return int(value.estimated_size())
        case "" | "pandas.Timestamp" | "pandas.Timedelta":
            is_known = type(value) in (*_SIZED, *_PLAIN, int)
            return sys.getsizeof(value) if is_known else None
        case _:
            return int(value.memory_usage(deep=False))


# Previews


def _preview(value: Any, chars: int = MAX_PREVIEW_CHARS) -> str:
    return _cut(_text(value, MAX_DEPTH, chars), chars)


def _text(value: Any, depth: int, chars: int) -> str:
    kind = type(value)
    if kind in (str, bytes, bytearray):
        return repr(value[:chars])
    if kind is int:
        return repr(value) if value.bit_length() <= MAX_INT_BITS else f"about 2**{value.bit_length() - 1}"
    if kind is slice or kind is range:
        return _name_of(kind) if depth < MAX_DEPTH else _parts_of(value)
    if kind in _PLAIN:
        return repr(value)
    if kind in _MAPPINGS:
        pairs = ((_text(key, depth - 1, chars), item) for key, item in value.items())
        return (
            "{"
            + _joined((f"{key}: {_text(item, depth - 1, chars)}" for key, item in pairs), depth, chars)
            + "}"
        )
    if kind in _SEQUENCES:
        start, end = _SEQUENCES[kind]
        return start + _joined((_text(item, depth - 1, chars) for item in value), depth, chars) + end
    if kind in _FUNCTIONS:
        return f"{value.__name__}()"
    if type in _mro_of(kind):
        return f"class {_name_of(value)}"
    if missing := _missing(value):
        return missing
    if kind in _WRITTEN or _is_numpy_scalar(value) or _is_time(value):
        return str(value)
    return _library_text(value, depth, chars) or f"<{_name_of(kind)}>"


def _missing(value: Any) -> str:
    """What pandas calls a value that is not there; empty for one that is."""
    pandas = sys.modules.get("pandas")
    names = ("NaT", "NA") if pandas else ()
    return next((name for name in names if vars(pandas).get(name) is value), "")


def _is_time(value: Any) -> bool:
    """A time whose zone, which is asked when it is written, is known too."""
    if type(value) in _TIMES or _library_type(value) == "pandas.Timestamp":
        return type(value.tzinfo) in _ZONES
    return _library_type(value) == "pandas.Timedelta"


def _parts_of(value: Any) -> str:
    parts = (value.start, value.stop, value.step)
    return f"{_name_of(type(value))}({', '.join(_text(part, 1, MAX_CELL_CHARS) for part in parts)})"


def _library_text(value: Any, depth: int, chars: int) -> str:
    match _library_type(value):
        case "" | "pandas.Timestamp" | "pandas.Timedelta":
            return ""
        case "numpy.ndarray":
            return (
                f"{value.dtype}  [{_joined((_text(item, 1, chars) for item in _flat(value)), depth, chars)}]"
            )
        case "pandas.DataFrame" | "polars.DataFrame":
            columns = list(value.columns[:MAX_COLUMNS])
            return _joined((_label(column) for column in columns), depth, chars)
        case _:
            return f"{_dtype(value)}  [{_joined((_text(item, 1, chars) for item in _values(value)), depth, chars)}]"


def _joined(texts: Iterator[str], depth: int, chars: int) -> str:
    """As many as are seen."""
    if depth <= 0:
        return "…"
    found: list[str] = []
    for text in texts:
        found.append(text)
        chars -= len(text) + 2
        if chars <= 0:
            return ", ".join(found) + ", …"
    return ", ".join(found)


def _flat(array: Any) -> Iterator[Any]:
    """The first values. `tolist` makes Python's of numbers and text; what is in an array of objects stays as it is."""
    return iter(array.reshape(-1)[:MAX_ITEMS].tolist()) if array.dtype.names is None else iter(())


def _values(series: Any) -> list[Any]:
    """The first values of a Series or Index, unless somebody else's class holds them."""
    if _library_type(series) == "polars.Series":
        return list(series.head(MAX_ITEMS).to_list())
    is_known = str(_module_of(type(series.dtype))).partition(".")[0] in ("numpy", "pandas")
    return list(series[:MAX_ITEMS].tolist()) if is_known else []


def _dtype(series: Any) -> str:
    known = str(_module_of(type(series.dtype))).partition(".")[0] in ("numpy", "pandas", "polars")
    return str(series.dtype) if known else _name_of(type(series.dtype))


def _label(column: Any) -> str:
    return column if type(column) is str else _preview(column)


def _cut(text: str, chars: int) -> str:
    """Also without what JSON cannot carry."""
    return _sendable(text if len(text) <= chars else text[: chars - 1] + "…")


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


# Details


def _details(value: Any) -> Json:
    kind = type(value)
    if kind in (str, bytes, bytearray):
        text = value[:MAX_TEXT_CHARS] if kind is str else repr(value[:MAX_TEXT_CHARS])
        return {"text": _sendable(text), "more": max(0, len(value) - MAX_TEXT_CHARS)}
    if kind in _MAPPINGS:
        rows = [
            [_cell(key), _name_of(type(item)), _cell(item)] for key, item in islice(value.items(), MAX_ITEMS)
        ]
        return _table(["Key", "Type", "Value"], rows, len(value))
    if kind in _SEQUENCES:
        return _items(islice(value, MAX_ITEMS), len(value))
    if (library_type := _library_type(value)) and not _is_time(value):
        return _library_details(value, library_type)
    attributes = None if _is_time(value) or kind in (*_WRITTEN, *_FUNCTIONS) else _attributes(value)
    if attributes is None:
        return {"text": _preview(value, MAX_TEXT_CHARS)}
    named = [(name, item) for name, item in attributes.items() if type(name) is str]
    rows = [[name, _name_of(type(item)), _cell(item)] for name, item in named[:MAX_ITEMS]]
    return _table(["Attribute", "Type", "Value"], rows, len(named))


def _library_details(value: Any, library_type: str) -> Json:
    match library_type:
        case "pandas.DataFrame":
            return _frame(value, list(value.columns[:MAX_COLUMNS]), value.iloc[:MAX_ITEMS, :MAX_COLUMNS])
        case "polars.DataFrame":
            columns = list(value.columns[:MAX_COLUMNS])
            rows = [[_cell(item) for item in row] for row in value.head(MAX_ITEMS).select(columns).rows()]
            return _table(columns, rows, value.shape[0])
        case "numpy.ndarray" if value.ndim == 2 and value.dtype.names is None:
            rows = [[_cell(item) for item in row] for row in value[:MAX_ITEMS, :MAX_COLUMNS].tolist()]
            return _table(
                [str(place) for place in range(min(value.shape[1], MAX_COLUMNS))], rows, value.shape[0]
            )
        case "numpy.ndarray":
            return _items(_flat(value), value.size)
        case "pandas.Series":
            rows = [
                [_cell(label), _cell(item)]
                for label, item in zip(
                    _values(value.index[:MAX_ITEMS]), _values(value.iloc[:MAX_ITEMS]), strict=False
                )
            ]
            return _table(["Index", "Value"], rows, len(value))
        case _:
            return _items(_values(value), len(value))


def _frame(frame: Any, columns: list[Any], first: Any) -> Json:
    index = [_cell(label) for label in _values(first.index)]
    values = [_values(first.iloc[:, place]) for place in range(len(columns))]
    rows = [
        [
            index[row] if row < len(index) else "",
            *(_cell(items[row]) if row < len(items) else "" for items in values),
        ]
        for row in range(len(first))
    ]
    return _table(["", *(_label(column) for column in columns)], rows, frame.shape[0])


def _items(items: Iterable[Any], length: int) -> Json:
    rows = [[str(place), _name_of(type(item)), _cell(item)] for place, item in enumerate(items)]
    return _table(["", "Type", "Value"], rows, length)


def _table(columns: list[str], rows: list[list[str]], length: int) -> Json:
    return {"columns": columns, "rows": rows, "more": max(0, length - len(rows))}


def _cell(value: Any) -> str:
    return _cut(value, MAX_CELL_CHARS) if type(value) is str else _preview(value, MAX_CELL_CHARS)


def _attributes(value: Any) -> Json | None:
    """What is in the value's `__dict__`, without asking its class for it, which may have put code in its place."""
    for kind in _mro_of(type(value)):
        descriptor = type.__dict__["__dict__"].__get__(kind).get("__dict__")
        if descriptor is None:
            continue
        if type(descriptor) is types.GetSetDescriptorType:
            found = descriptor.__get__(value)
            return found if type(found) is dict else None
        return None
    return None
