"""Dataframes as tables that people can look through. Imported by the kernel alone, and imports nothing of the server.

What is displayed of a dataframe has a type of our own besides HTML and text, TABLE_TYPE: its columns, its first rows
and an id. Under the id the kernel keeps the frame as it was displayed, as long as there is room, and answers

`table_request` (shell): {ask, table_id, …}, with a reply as in kernel_answers.py; its state is `gone` if the kernel
does not have the table any more. `view` is {sort: [{column, is_descending}], filters: [{column, operation, value}],
search}, where columns are numbers.

    page     view, offset, limit, columns: [from, to]   row_count of the view, rows: [[cell]], numbers: [row]
    cell     row, column                                text, of any length up to a limit
    summary  columns: [from, to]                        summaries: [{nulls, bins or top, …}]
    file     view, format: csv or parquet               file_id, size_bytes
    chunk    file_id, offset                            content, in base64; empty at the end

Work is done beside the thread that runs cells (kernel_table_jobs.py), so a run waits for none of it. A page has fewer
rows than asked for if they are wide or long.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple
from uuid import uuid4

from kernel_answers import Answers
from kernel_table_cells import MAX_WHOLE_CHARS, SAMPLE_ROWS, Cell, Filter, Refused
from kernel_table_files import Files
from kernel_table_frames import Frame, frame_of
from kernel_table_html import as_html
from kernel_table_jobs import Jobs

Json = dict[str, Any]

TABLE_TYPE = "application/vnd.tandem.table+json"

MAX_COLUMNS = 500
FIRST_ROWS = 50
MAX_PAGE_ROWS = 500
MAX_PAGE_CELLS = 20_000
# Six bytes each at worst, and the server takes two megabytes.
MAX_PAGE_CHARS = 300_000
# What the first summaries may add to a run; the others are told when somebody looks.
SUMMARIES_S = 0.05
MAX_SUMMARIES = 50

# The newest table is kept whatever its size, because its frame is there anyway; older ones within these.
MAX_TABLES = 50
MAX_TABLES_BYTES = 512 * 2**20
# Orders of rows, eight bytes a row.
MAX_VIEWS = 30
MAX_VIEWS_BYTES = 256 * 2**20
MAX_SORTS, MAX_FILTERS, MAX_SEARCH_CHARS = 5, 30, 500

# A page of a view that is there, and everything else.
QUICK_S, SLOW_S = 10.0, 60.0
LIVE = "This shows the dataframe as it is now, not as it was displayed."


class Table(NamedTuple):
    id: str
    frame: Frame


class View(NamedTuple):
    """What is asked of a table's rows. As JSON, the key under which it is kept."""

    sort: tuple[tuple[int, bool], ...]
    filters: tuple[Filter, ...]
    search: str

    @property
    def is_whole(self) -> bool:
        return not (self.sort or self.filters or self.search)


class Tables:
    """Those that were displayed. Its methods are called by the thread that runs cells."""

    def __init__(self) -> None:
        self._tables: OrderedDict[str, Table] = OrderedDict()
        self._views: OrderedDict[tuple[str, View], Any] = OrderedDict()
        self._files = Files()
        self._answers = Answers(self._begin)
        self._quick, self._slow = Jobs("tables", QUICK_S), Jobs("tables-slow", SLOW_S)

    def bundle(self, value: Any) -> Json | None:
        """What is displayed of the value, if it is a table: TABLE_TYPE, and HTML for where there is no grid."""
        found = frame_of(value, MAX_COLUMNS)
        if found is None:
            return None
        frame, note = found
        table = Table(uuid4().hex, frame)
        columns = range(len(frame.columns))
        _, rows = _page(frame, None, 0, FIRST_ROWS, columns)
        summaries = _first_summaries(frame)
        content = {
            "table_id": table.id,
            "row_count": frame.row_count,
            "column_count": frame.column_count,
            "columns": [
                {**column._asdict(), "summary": summary}
                for column, summary in zip(frame.columns, summaries, strict=True)
            ],
            "rows": rows,
            "note": " ".join(filter(None, [note, LIVE if frame.is_live else ""])),
        }
        self._keep(table)
        return {TABLE_TYPE: content, "text/html": as_html(frame, rows)}

    async def answer(self, asked: Json) -> Json:
        """The content of `table_reply`."""
        reply: Json = await self._answers.answer(asked)
        return reply

    # Private

    def _keep(self, table: Table) -> None:
        self._tables[table.id] = table
        while len(self._tables) > 1 and (
            len(self._tables) > MAX_TABLES
            or sum(each.frame.size_bytes for each in self._tables.values()) > MAX_TABLES_BYTES
        ):
            gone, _ = self._tables.popitem(last=False)
            for key in [key for key in list(self._views) if key[0] == gone]:
                self._views.pop(key, None)

    def _begin(self, asked: Json) -> "Future[Json]":
        """KeyError if there is no such table or file."""
        if asked["ask"] == "chunk":
            read = self._files.reader(asked["file_id"], int(asked["offset"]))
            future: Future[Json] = self._quick.submit(read)
            return future
        table = self._tables[asked["table_id"]]
        self._tables.move_to_end(table.id)
        work, jobs = self._work(table, asked)
        future = jobs.submit(work)
        return future

    def _work(self, table: Table, asked: Json) -> tuple[Callable[[], Json], Jobs]:
        frame = table.frame
        match asked["ask"]:
            case "page":
                view, columns = _view(asked["view"], frame), _columns(asked["columns"], frame)
                offset, limit = max(0, int(asked["offset"])), int(asked["limit"])
                is_there = view.is_whole or (table.id, view) in self._views
                jobs = self._quick if is_there else self._slow
                return lambda: self._told_page(table, view, offset, limit, columns), jobs
            case "cell":
                row, column = int(asked["row"]), int(asked["column"])
                if not (0 <= row < frame.row_count and 0 <= column < len(frame.columns)):
                    raise Refused("There is no such cell.")
                return lambda: {"text": frame.whole_cell(row, column, MAX_WHOLE_CHARS)}, self._quick
            case "summary":
                columns = _columns(asked["columns"], frame)[:MAX_SUMMARIES]
                return lambda: {"summaries": [_summary(frame, column) for column in columns]}, self._slow
            case "file":
                view, kind = _view(asked["view"], frame), str(asked["format"])
                key = (table.id, view, kind)
                return lambda: self._files.write(key, frame, self._positions(table, view)), self._slow
            case _:
                raise Refused("Nobody knows how to answer that.")

    def _told_page(self, table: Table, view: View, offset: int, limit: int, columns: range) -> Json:
        positions = self._positions(table, view)
        numbers, rows = _page(table.frame, positions, offset, limit, columns)
        return {"row_count": table.frame.count(positions), "numbers": numbers, "rows": rows}

    def _positions(self, table: Table, view: View) -> Any:
        """Of the rows of the view. Found once, as long as there is room for it."""
        if view.is_whole:
            return None
        key = (table.id, view)
        if key in self._views:
            self._views.move_to_end(key)
            return self._views[key]
        positions = self._found(table, view)
        self._views[key] = positions
        while len(self._views) > 1 and (
            len(self._views) > MAX_VIEWS
            or sum(8 * len(each) for each in list(self._views.values())) > MAX_VIEWS_BYTES
        ):
            self._views.popitem(last=False)
        return positions

    def _found(self, table: Table, view: View) -> Any:
        frame = table.frame
        if view.sort and (view.filters or view.search):
            positions = self._positions(table, view._replace(sort=()))
        else:
            positions = None
            for each in view.filters:
                positions = frame.filtered(positions, each)
            if view.search:
                positions = frame.searched(positions, view.search)
        for column, is_descending in reversed(view.sort):
            positions = frame.sorted(positions, column, is_descending=is_descending)
        return positions


def _page(
    frame: Frame, positions: Any, offset: int, limit: int, columns: range
) -> tuple[list[int], list[list[Cell]]]:
    """As many of the rows as fit."""
    limit = max(1, min(limit, MAX_PAGE_ROWS, MAX_PAGE_CELLS // max(1, len(columns))))
    numbers, rows = frame.rows(positions, offset, offset + limit, columns)
    chars = 0
    for place, row in enumerate(rows):
        chars += sum(len(cell) for cell in row if cell)
        if chars > MAX_PAGE_CHARS and place > 0:
            return numbers[:place], rows[:place]
    return numbers, rows


def _first_summaries(frame: Frame) -> list[Json | None]:
    """Of as many columns as there is time for."""
    until = time.perf_counter() + SUMMARIES_S
    is_small = frame.row_count <= SAMPLE_ROWS
    return [
        _summary(frame, column) if is_small and time.perf_counter() < until else None
        for column in range(len(frame.columns))
    ]


def _summary(frame: Frame, column: int) -> Json | None:
    try:
        told: Json = frame.summary(column)
    except Exception:  # of a type that its library cannot compare or count
        return None
    return told


def _view(asked: Json, frame: Frame) -> View:
    sort = tuple((int(each["column"]), bool(each["is_descending"])) for each in asked["sort"])
    filters = tuple(
        Filter(int(each["column"]), str(each["operation"]), str(each["value"])) for each in asked["filters"]
    )
    columns = [column for column, _ in sort] + [each.column for each in filters]
    if len(sort) > MAX_SORTS or len(filters) > MAX_FILTERS or len(asked["search"]) > MAX_SEARCH_CHARS:
        raise Refused("That is more than a table can be sorted or filtered by at once.")
    if not all(0 <= column < len(frame.columns) for column in columns):
        raise Refused("There is no such column.")
    return View(sort, filters, str(asked["search"]))


def _columns(asked: Sequence[int], frame: Frame) -> range:
    start, stop = (max(0, min(int(each), len(frame.columns))) for each in asked)
    return range(start, stop)
