"""Dataframes that were displayed, for all who may see the notebook: more rows than came with the output.

The kernel keeps what was displayed, as long as it has room (kernels/kernel_tables.py), and works beside the thread that
runs cells. What takes longer is `is_pending`: whoever asks the same again finds it done or goes on waiting. What the
kernel replies is text to be shown and nothing else: code in a cell can change its kernel.
"""

import base64
import binascii
import time
from typing import Any
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, NotFound, Unavailable
from apps.execution.kernel_questions import ask_kernel
from apps.execution.table_view import TableView

MAX_PAGE_ROWS = 500
MAX_COLUMNS = 500
MAX_CELL_CHARS = 500
MAX_WHOLE_CHARS = 100_000
MAX_ID_CHARS = 100
MAX_ROW = 2**53
FILE_FORMATS = ("csv", "parquet")

# The kernel says within a quarter of a second at least that it is not done yet, if its machine has time for it.
TIMEOUT_S = 2.0
# For those who wait here: how often to ask again.
ASK_AGAIN_S = 0.1
# While a file is read, a run may come in between.
CHUNK_PATIENCE_S = 60.0

BUSY = "The kernel is busy or off. More of the table is shown when it is idle."
GONE = "The kernel does not have this table any more. Run the cell again to see all of it."

Json = dict[str, Any]


def table_page(
    *,
    actor: Actor,
    notebook_id: UUID,
    table_id: str,
    view: TableView,
    offset: int,
    limit: int,
    columns: tuple[int, int] = (0, MAX_COLUMNS),
    wait_s: float = 0,
) -> Json:
    """`{is_pending, row_count, numbers, rows}`: rows of the view from `offset`, at most `limit` of them and as many as
    fit; `numbers` are theirs in the whole table. For `wait_s` it is not pending.

    Unavailable while the kernel is busy or off; NotFound if it does not have the table; Invalid for what it cannot do.
    """
    if not 0 <= offset < MAX_ROW or not 1 <= limit <= MAX_PAGE_ROWS:
        raise Invalid(f"offset must be 0 or more, and limit from 1 to {MAX_PAGE_ROWS}.", field="limit")
    content = {"view": view.wire, "offset": offset, "limit": limit, "columns": _range(columns)}
    reply = _asked(actor, notebook_id, "page", {"table_id": table_id, **content}, wait_s)
    if reply is None:
        return {"is_pending": True}
    rows = [[_cell(cell) for cell in _list(row)[:MAX_COLUMNS]] for row in _list(reply.get("rows"))[:limit]]
    numbers = [_number(number) for number in _list(reply.get("numbers"))[: len(rows)]]
    return {
        "is_pending": False,
        "row_count": _number(reply.get("row_count")),
        "numbers": numbers,
        "rows": rows,
    }


def table_cell(
    *, actor: Actor, notebook_id: UUID, table_id: str, row: int, column: int, wait_s: float = 0
) -> Json:
    """`{is_pending, text}`: all of a long cell; `row` is its number in the whole table. Errors as above."""
    content = {"table_id": table_id, "row": row, "column": column}
    reply = _asked(actor, notebook_id, "cell", content, wait_s)
    if reply is None:
        return {"is_pending": True}
    return {"is_pending": False, "text": _cell(reply.get("text"), MAX_WHOLE_CHARS)}


def table_summary(
    *, actor: Actor, notebook_id: UUID, table_id: str, columns: tuple[int, int], wait_s: float = 0
) -> Json:
    """`{is_pending, summaries}` of the columns, at most 50: what is known of each, or null. Errors as above."""
    content = {"table_id": table_id, "columns": _range(columns)}
    reply = _asked(actor, notebook_id, "summary", content, wait_s)
    if reply is None:
        return {"is_pending": True}
    summaries = [summary_json(each) for each in _list(reply.get("summaries"))[:MAX_COLUMNS]]
    return {"is_pending": False, "summaries": summaries}


def table_file(
    *, actor: Actor, notebook_id: UUID, table_id: str, view: TableView, file_format: str, wait_s: float = 0
) -> Json:
    """`{is_pending, file_id, size_bytes}`: the rows of the view as a file that `file_chunk` reads. Errors as above."""
    if file_format not in FILE_FORMATS:
        raise Invalid(f"format must be one of: {', '.join(FILE_FORMATS)}.", field="format")
    content = {"table_id": table_id, "view": view.wire, "format": file_format}
    reply = _asked(actor, notebook_id, "file", content, wait_s)
    if reply is None:
        return {"is_pending": True}
    file_id = str(reply.get("file_id", ""))[:MAX_ID_CHARS]
    return {"is_pending": False, "file_id": file_id, "size_bytes": _number(reply.get("size_bytes"))}


def file_chunk(*, actor: Actor, notebook_id: UUID, file_id: str, offset: int) -> bytes:
    """What follows in the file, empty at its end. Waits for a run that came in between; then errors as above."""
    deadline = time.monotonic() + CHUNK_PATIENCE_S
    while True:
        try:
            content = {"file_id": file_id, "offset": offset}
            reply = _asked(actor, notebook_id, "chunk", content, wait_s=deadline - time.monotonic())
            return base64.b64decode(str((reply or {}).get("content", "")))
        except binascii.Error as error:
            raise Unavailable(BUSY) from error
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(ASK_AGAIN_S)


def summary_json(summary: Any) -> Json | None:
    """What a kernel says of a column, as far as it has the right form."""
    if not isinstance(summary, dict):
        return None
    told: Json = {"nulls": _number(summary.get("nulls")), "is_sampled": summary.get("is_sampled") is True}
    told |= {end: _cell(summary[end]) for end in ("min", "max") if isinstance(summary.get(end), str)}
    if isinstance(summary.get("distinct"), int):
        told["distinct"] = _number(summary["distinct"])
    if bins := _list(summary.get("bins")):
        told["bins"] = [_number(count) for count in bins[:100]]
    pairs = [each for each in _list(summary.get("top"))[:10] if isinstance(each, list) and len(each) == 2]
    if pairs:
        told["top"] = [[_cell(value) or "", _number(count)] for value, count in pairs]
    return told


def _asked(actor: Actor, notebook_id: UUID, ask: str, content: Json, wait_s: float) -> Json | None:
    """The kernel's answer; None if it is still working at it."""
    require_role(actor, notebook_id, Role.VIEWER)
    if any(len(content.get(field, "")) > MAX_ID_CHARS for field in ("table_id", "file_id")):
        raise NotFound(GONE)
    deadline = time.monotonic() + wait_s
    while True:
        reply = ask_kernel(notebook_id, "table", {"ask": ask, **content}, timeout_s=TIMEOUT_S)
        if reply is None:
            raise Unavailable(BUSY)
        match reply.get("state"):
            case "ok":
                return reply
            case "gone":
                raise NotFound(GONE)
            case "pending" if time.monotonic() >= deadline:
                return None
            case "pending":
                time.sleep(ASK_AGAIN_S)
            case _:
                message = _cell(reply.get("message")) or "This cannot be shown."
                raise Invalid(message, field="view")


def _range(columns: tuple[int, int]) -> list[int]:
    start, stop = columns
    if not 0 <= start <= stop <= MAX_COLUMNS:
        raise Invalid(f"columns must be from and to, between 0 and {MAX_COLUMNS}.", field="columns")
    return [start, stop]


def _cell(value: Any, chars: int = MAX_CELL_CHARS) -> str | None:
    return value[:chars] if isinstance(value, str) else None


def _number(value: Any) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_ROW
    return int(value) if is_number else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
