"""The statement of an SQL cell with the markers of a database in place of its braces, and the values to bind to them.

Values come from the kernel, where code in cells may have made them anything: what is not shaped as kernel_query.py
says is refused. They are bound by the database's driver and are never text of the statement.
"""

import base64
import datetime
import decimal
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.base.errors import Invalid
from apps.dataflow.sql_program import BESIDE_IN, Placeholder
from apps.kernels.kernel_sql_text import StatementText

MAX_VALUES = 30_000

# What may stand before the first word of a statement.
BEGINNING = r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*"
_QUERY = re.compile(rf"{BEGINNING}(select|values|table|with)\b", re.IGNORECASE | re.DOTALL)
_CHANGES = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)

_NOT_IN = re.compile(r"\bNOT\s+IN\s*\(?\s*\Z", re.IGNORECASE)
_CLOSE = re.compile(r"\A(\s*\))")

STRANGE = "The values for the braces cannot be read. Run the cell again."


@dataclass(frozen=True)
class Statement:
    """`values` are those of the markers in `text`, in order. `place_in_cell` leads from a place in `text` to that in
    the cell's text.
    """

    text: str
    values: tuple[Any, ...] = ()
    place_in_cell: Callable[[int], int] = lambda place: place


def is_query(text: str) -> bool:
    """Whether the statement only asks, as far as its words say. False also of what a cursor cannot be declared for."""
    query = _QUERY.match(text)
    return query is not None and not (query[1].lower() == "with" and _CHANGES.search(text))


def statement_of(pieces: list[str | Placeholder], values: object, marker: Callable[[int], str]) -> Statement:
    """`marker` gives the text for the value of a number, from 1. Invalid if the values do not fit the pieces."""
    if not isinstance(values, list) or len(values) != sum(not isinstance(piece, str) for piece in pieces):
        raise Invalid(STRANGE)
    given = iter(values)
    text = StatementText()
    before = verdict = ""
    bound: list[Any] = []

    def mark(value: Any) -> str:
        bound.append(value)
        if len(bound) > MAX_VALUES:
            raise Invalid(f"A statement has at most {MAX_VALUES:,} values in braces.")
        return marker(len(bound))

    for piece in pieces:
        if isinstance(piece, str):
            close = _CLOSE.match(piece) if verdict else None
            if close:
                text.add(close[0])
                text.put(verdict)
            text.add(piece[close.end() :] if close else piece)
            before, verdict = piece, ""
            continue
        _, _, lists, written = piece
        value = _value(next(given))
        if lists and isinstance(value, list):
            # IN () is no SQL, and x IN (NULL) is neither true nor false; but nothing is in an empty list.
            if not value:
                verdict = " IS NOT TRUE" if _NOT_IN.search(before) else " IS TRUE"
            marks = ", ".join(map(mark, value)) if value else "NULL"
        else:
            # With blanks around it: a letter beside it could make it another word.
            marks = f" {mark(value)} "
        text.put(f"({marks})" if lists == BESIDE_IN else marks, instead_of=written)
        if verdict and lists == BESIDE_IN:
            text.put(verdict)
            verdict = ""
    return Statement(str(text), tuple(bound), text.place_in_cell)


def _value(sent: object) -> Any:
    if not isinstance(sent, list) or len(sent) != 2:
        raise Invalid(STRANGE)
    kind, content = sent
    if kind == "list" and isinstance(content, list):
        return [_scalar(each) for each in content]
    return _scalar(sent)


def _scalar(sent: object) -> Any:
    if not isinstance(sent, list) or len(sent) != 2:
        raise Invalid(STRANGE)
    kind, text = sent
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None or not isinstance(text, str):
        raise Invalid(STRANGE)
    try:
        return read(text)
    except (ValueError, ArithmeticError):
        raise Invalid(STRANGE) from None


def _whole(text: str) -> int | decimal.Decimal:
    """Databases have whole numbers of 64 bits, and others that are decimal."""
    number = int(text)
    return number if -(2**63) <= number < 2**63 else decimal.Decimal(number)


def _text(text: str) -> str:
    if "\x00" in text:
        raise Invalid("A value in braces has a NUL character, which no text of a database may have.")
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": bool,
    "int": _whole,
    "float": float,
    "text": _text,
    "bytes": lambda text: base64.b64decode(text, validate=True),
    "decimal": decimal.Decimal,
    "uuid": uuid.UUID,
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "duration": lambda text: datetime.timedelta(microseconds=int(text)),
}
