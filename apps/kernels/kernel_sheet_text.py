"""The text of a sheet cell, as values. Pure. kernel_sheet.py makes a dataframe of them; imports nothing of the server.

    item:text,price:number,sold:date
    "pen, blue",1.5,2026-11-22
    ink,,

The first line has the columns, each with its type after the last colon; without one it is text. Each row is one line,
so that edits of different rows merge. What has a comma, a quote, a line break or outer blanks is in quotes, where "" is
a quote, \\n and \\r are line breaks and \\\\ is a backslash. Where nothing is, a value is missing, also at the end of a
short row; rows with nothing at all are none.

The page reads and writes the same (static/src/sheet/sheet_text.ts); tests/fixtures/sheets holds both to it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

ColumnType = Literal["text", "number", "date", "boolean"]
Value = str | int | float | datetime | bool | None

MAX_ROWS = 10_000
MAX_COLUMNS = 100
_MAX_SHOWN_CHARS = 40

# Every text is some fields: quotes that are not closed before a comma are signs like others.
_FIELD = re.compile(r'[ \t]*"((?:[^"]|"")*)"[ \t]*(?=,|\Z)|([^,]*)')
_ESCAPE = re.compile(r"\\([nr\\])")
_ESCAPED = {"n": "\n", "r": "\r", "\\": "\\"}

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?")
_BOOLEANS = {"true": True, "false": False}
_WHOLE_NUMBERS = range(-(2**63), 2**63)


@dataclass(frozen=True)
class SheetColumn:
    name: str
    type: ColumnType
    values: list[Value] = field(default_factory=list)
    """One for each row; None: missing. Numbers are int if they are whole and fit in 64 bits."""


@dataclass(frozen=True)
class Sheet:
    columns: list[SheetColumn]
    problems: list[str]
    """For people, in order of the text. Values that are not of their column's type are missing."""


def read_sheet(source: str) -> Sheet:
    """Never raises."""
    lines = source.split("\n")
    columns, problems = _columns(lines[0])
    if problems:
        return Sheet(columns, problems)
    texts = [(number, fields_of(line)) for number, line in enumerate(lines[1:], start=1)]
    rows = [(number, fields) for number, fields in texts if any(fields)]
    if len(rows) > MAX_ROWS:
        return Sheet(columns, [f"The sheet has {len(rows):,} rows; {MAX_ROWS:,} are the most."])
    problems = [problem for row in rows for problem in _add_row(columns, *row)]
    return Sheet(columns, problems)


def fields_of(line: str) -> list[str]:
    """The values of a line as texts."""
    return [_field(match) for match in _fields(line)]


def _fields(line: str) -> Iterator[re.Match[str]]:
    start = 0
    while match := _FIELD.match(line, start):
        yield match
        start = match.end() + 1
        if match.end() == len(line):
            return


def _field(match: re.Match[str]) -> str:
    quoted, bare = match.groups()
    if quoted is None:
        return str(bare.strip(" \t"))
    return _ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], quoted.replace('""', '"'))


def _columns(line: str) -> tuple[list[SheetColumn], list[str]]:
    fields = fields_of(line)
    if not any(fields):
        return [], ["The sheet has no columns. Its first line names them, such as item:text,amount:number."]
    if len(fields) > MAX_COLUMNS:
        return [], [f"The sheet has {len(fields)} columns; {MAX_COLUMNS} are the most."]
    columns: list[SheetColumn] = []
    problems: list[str] = []
    for number, told in enumerate(fields, start=1):
        name, type_ = _named(told)
        if not name:
            problems.append(f"Column {number} has no name. Give it one.")
        elif any(name == other.name for other in columns):
            problems.append(f"Two columns are called {_quoted(name)}. Rename one.")
        known = next((known for known in get_args(ColumnType) if known == type_), None)
        if known is None:
            wanted = "write text, number, date or boolean after the last colon"
            problems.append(f"Column {number}: {_quoted(type_)} is not a type; {wanted}.")
        columns.append(SheetColumn(name, known or "text"))
    return columns, problems


def _named(told: str) -> tuple[str, str]:
    """Name and type."""
    name, colon, type_ = told.rpartition(":")
    return (name.strip(" \t"), type_.strip(" \t")) if colon else (told.strip(" \t"), "text")


def _add_row(columns: list[SheetColumn], number: int, fields: list[str]) -> Iterator[str]:
    """What is wrong with the row, whose values are added to the columns."""
    for place, column in enumerate(columns):
        text = fields[place] if place < len(fields) else ""
        try:
            value = _READ[column.type](text) if text else None
        except ValueError:
            value = None
            yield f"Row {number}, column {_quoted(column.name)}: {_quoted(text)} is not {_WANTED[column.type]}."
        column.values.append(value)
    if any(fields[len(columns) :]):
        yield f"Row {number} has more values than there are columns."


def _number(text: str) -> Value:
    text = text.strip(" \t")
    if not _NUMBER.fullmatch(text):
        raise ValueError
    is_whole = _WHOLE.fullmatch(text) is not None and int(text) in _WHOLE_NUMBERS
    return int(text) if is_whole else float(text)


def _date(text: str) -> Value:
    text = text.strip(" \t")
    if not _DATE.fullmatch(text):
        raise ValueError
    return datetime.fromisoformat(text)


def _boolean(text: str) -> Value:
    try:
        return _BOOLEANS[text.strip(" \t").lower()]
    except KeyError:
        raise ValueError from None


def _quoted(text: str) -> str:
    return f"“{text}”" if len(text) <= _MAX_SHOWN_CHARS else f"“{text[: _MAX_SHOWN_CHARS - 1]}…”"


_READ: dict[ColumnType, Callable[[str], Value]] = {
    "text": str,
    "number": _number,
    "date": _date,
    "boolean": _boolean,
}
_WANTED: dict[ColumnType, str] = {
    "text": "a text",
    "number": "a number, such as 1200.5",
    "date": "a date, such as 2026-11-22 or 2026-11-22 08:30",
    "boolean": "true or false",
}
