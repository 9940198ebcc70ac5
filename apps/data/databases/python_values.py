"""Rows of Python values as Arrow, where a driver does not say what its columns are.

The first rows that have a value in each column decide on the types. What comes later has to fit: the file has one type
for each column from its beginning.
"""

import datetime
import decimal
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from apps.data.databases.database import DatabaseError

_NUMBERS = frozenset({"int", "float", "decimal"})

# By the type that a value has; what is none of these is shown as its text.
_FAMILIES: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    decimal.Decimal: "decimal",
    str: "text",
    bytes: "bytes",
    bytearray: "bytes",
    memoryview: "bytes",
    datetime.date: "date",
    datetime.time: "time",
    datetime.timedelta: "duration",
    uuid.UUID: "uuid",
    dict: "json",
    list: "json",
    tuple: "json",
}

_TYPES: Mapping[str, Any] = {
    "bool": pa.bool_(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bytes": pa.binary(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "duration": pa.duration("us"),
    "datetime": pa.timestamp("us"),
    "moment": pa.timestamp("us", tz="UTC"),
}
# Which the kernel makes of text (kernel_query.py).
_MADE = ("decimal", "json", "uuid")

# What a column takes besides its own.
_ALSO: Mapping[str, frozenset[str]] = {"float": frozenset({"int"}), "decimal": _NUMBERS}


@dataclass(frozen=True)
class PythonColumn:
    """`family`: of `_TYPES` or `_MADE`, or `text`, which takes anything."""

    name: str
    family: str

    @property
    def field(self) -> Any:
        if self.family in _MADE:
            return pa.field(self.name, pa.string(), metadata={b"tandem": self.family.encode()})
        return pa.field(self.name, _TYPES.get(self.family, pa.string()))

    def array(self, values: Sequence[Any]) -> Any:
        """DatabaseError if a value does not fit."""
        families = {_family(value) for value in values if value is not None}
        if self.family != "text" and not families <= {self.family} | _ALSO.get(self.family, frozenset()):
            raise self._mixed(families)
        convert = _CONVERTERS.get(self.family)
        given = [None if value is None else convert(value) for value in values] if convert else values
        try:
            return pa.array(given, self.field.type)
        except (pa.ArrowException, OverflowError, ValueError, TypeError):
            raise self._mixed(families) from None

    def _mixed(self, families: set[str]) -> DatabaseError:
        kinds = " and ".join(sorted(families | {self.family}))
        return DatabaseError(
            f"The column {self.name} has values that do not fit those before them ({kinds}). Say in the statement of "
            "which type it is, with CAST."
        )


def column_of(name: str, values: Sequence[Any]) -> PythonColumn | None:
    """None if there is no value yet."""
    families = {_family(value) for value in values if value is not None}
    if not families:
        return None
    if families == {"int"} and not all(value is None or -(2**63) <= value < 2**63 for value in values):
        return PythonColumn(name, "decimal")
    if len(families) == 1:
        return PythonColumn(name, families.pop())
    if families <= _NUMBERS:
        return PythonColumn(name, "decimal" if "decimal" in families else "float")
    return text_column(name)


def text_column(name: str) -> PythonColumn:
    return PythonColumn(name, "text")


def _family(value: Any) -> str:
    if isinstance(value, datetime.datetime):  # and of libraries that have a subclass of it
        return "moment" if value.tzinfo else "datetime"
    found = _FAMILIES.get(type(value))
    return found or next((family for kind, family in _FAMILIES.items() if isinstance(value, kind)), "text")


def _text(value: Any) -> str:
    if hasattr(value, "read"):  # large objects of some drivers
        value = value.read()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(errors="replace")
    return str(value)


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "bytes": bytes,
    "float": float,
    "decimal": str,
    "uuid": str,
    "json": lambda value: json.dumps(value, default=str),
}
