"""A dataframe told as its columns and first rows: as kernels of ours put it out, or in the HTML of pandas and polars.
Pure.
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Any

from apps.assistant.tools.clipping import beginning

# docs/protocol.md, "Tables".
TABLE = "application/vnd.tandem.table+json"

ROWS = 5
MAX_COLUMNS = 30
MAX_CELL_CHARS = 40
# What pandas makes of a wide frame at most; beyond, something else made it.
MAX_HTML_CHARS = 500_000

_SHAPE = re.compile(r"([\d,_]+) rows × ([\d,_]+) columns|shape: \(([\d_]+), ([\d_]+)\)")
_KINDS = (
    ("int", re.compile(r"[+-]?\d[\d_,]*")),
    ("float", re.compile(r"[+-]?(\d[\d_,]*\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|-inf")),
    ("bool", re.compile(r"True|False|true|false")),
    ("datetime", re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")),
)
_MISSING = {"", "NaN", "NaT", "None", "null", "<NA>", "..."}


def grid_preview(table: Any) -> str | None:
    """Of a TABLE. None if it is none: notebooks may come from anywhere."""
    columns, rows = _items(table, "columns"), _items(table, "rows")
    if not isinstance(table, Mapping) or not all(isinstance(column, Mapping) for column in columns):
        return None
    size = f"{table.get('row_count')} × {table.get('column_count')}"
    lines = [
        f"dataframe, {beginning(size, MAX_CELL_CHARS)}",
        "columns: " + joined([_told(each) for each in columns]),
    ]
    shown = [row for row in rows[:ROWS] if isinstance(row, list)]
    lines += [joined([_cell(cell) for cell in row]) for row in shown]
    if table.get("row_count") != len(shown):
        lines.append("…")
    return "\n".join(lines)


def _told(column: Mapping[str, Any]) -> str:
    name, kind = str(column.get("name") or "(index)"), str(column.get("type", "?"))
    summary = column.get("summary")
    nulls = summary.get("nulls") if isinstance(summary, Mapping) else None
    text = f"{beginning(name, MAX_CELL_CHARS)}: {beginning(kind, MAX_CELL_CHARS)}"
    return f"{text}, {nulls} null" if isinstance(nulls, int) and nulls > 0 else text


def _cell(cell: Any) -> str:
    return "null" if cell is None else beginning(str(cell), MAX_CELL_CHARS)


def _items(table: Any, field: str) -> list[Any]:
    items = table.get(field) if isinstance(table, Mapping) else None
    return items if isinstance(items, list) else []


def table_preview(html: str) -> str | None:
    """None if it is no dataframe. Types are guessed from the rows shown: HTML does not say them, but for polars."""
    if 'class="dataframe"' not in html or len(html) > MAX_HTML_CHARS:
        return None
    table = _Table()
    table.feed(html)
    if not table.header:
        return None
    body = table.rows
    shape = _SHAPE.search(html)
    width = max(len(row) for row in [table.header, *body])
    size = " × ".join(filter(None, shape.groups())) if shape else f"{len(body)} × {width - table.index_width}"
    header = [""] * (width - len(table.header)) + table.header
    columns = [
        f"{name or '(index)'}: {guessed_type([row[place] for row in body if place < len(row)])}"
        for place, name in enumerate(header)
    ]
    lines = [f"dataframe, {size}", "columns: " + joined(columns), *(joined(row) for row in body[:ROWS])]
    if len(body) > ROWS:
        lines.append("…")
    return "\n".join(lines)


def guessed_type(values: list[str]) -> str:
    """Of a column, from how its values are written."""
    known = [value for value in values if value not in _MISSING]
    if not known:
        return "?"
    for kind, pattern in _KINDS:
        if all(pattern.fullmatch(value) for value in known):
            return kind
    return "text"


def joined(values: list[str]) -> str:
    """A row in a line."""
    shown = " | ".join(values[:MAX_COLUMNS])
    return shown if len(values) <= MAX_COLUMNS else f"{shown} | … {len(values) - MAX_COLUMNS} more"


class _Table(HTMLParser):
    """The texts of the first table: `header`, of which the lines are one, and `rows`, each with its index."""

    def __init__(self) -> None:
        super().__init__()
        self.header: list[str] = []
        self.rows: list[list[str]] = []
        self.index_width = 0
        self._row: list[str] | None = None
        self._is_in_head = self._is_over = False
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "thead":
                self._is_in_head = True
            case "tr":
                self._row = []
            case "td" | "th":
                self._text = []

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "thead":
                self._is_in_head = False
            case "td" | "th" if self._row is not None and self._text is not None:
                if tag == "th" and not self._is_in_head and not self.rows:
                    self.index_width += 1
                self._row.append(beginning("".join(self._text), MAX_CELL_CHARS))
                self._text = None
            case "tr" if self._row is not None:
                self._end_row(self._row)
                self._row = None
            case "table":
                self._is_over = True

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end_row(self, row: list[str]) -> None:
        if self._is_over:
            return
        if not self._is_in_head:
            self.rows.append(row)
        elif not self.header:
            self.header = row
        # A second line of the head holds the name of the index (pandas) or the types (polars).
        elif any(row):
            pairs = zip_longest(self.header, row, fillvalue="")
            self.header = [" ".join(filter(None, pair)) for pair in pairs]
