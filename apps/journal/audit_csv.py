"""The audit log as CSV, made a thousand rows at a time, so that an export of any size fits in memory."""

import csv
import io
from collections.abc import AsyncIterator, Iterable

import orjson
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from apps.journal.models import AuditEntry

COLUMNS = ("id", "at", "actor_kind", "actor_label", "actor_id", "action", "notebook_id", "details")
CHUNK_ROWS = 1000

# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection"), and entries quote what
# people wrote. With an apostrophe in front it is text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_response(entries: QuerySet[AuditEntry]) -> StreamingHttpResponse:
    """A download of the entries, the newest first."""
    response = StreamingHttpResponse(_chunks(entries), content_type="text/csv; charset=utf-8")
    name = f"audit-log-{timezone.now():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _chunks(entries: QuerySet[AuditEntry]) -> AsyncIterator[bytes]:
    """Asynchronous, because Django collects a whole synchronous one before it sends the first byte over ASGI.

    By key and not by a cursor: each chunk is a query of its own, and a slow download holds nothing open.
    """
    yield _lines([COLUMNS])
    remaining = entries.order_by("-id")
    while rows := [entry async for entry in remaining[:CHUNK_ROWS]]:
        yield _lines(_cells(entry) for entry in rows)
        remaining = entries.filter(id__lt=rows[-1].pk).order_by("-id")


def _cells(entry: AuditEntry) -> list[str]:
    cells = (
        entry.pk,
        entry.at.isoformat(),
        entry.actor_kind,
        entry.actor_label,
        entry.actor_id,
        entry.action,
        entry.notebook_id,
        orjson.dumps(entry.details).decode(),
    )
    return ["" if cell is None else guarded(str(cell)) for cell in cells]


def guarded(cell: str) -> str:
    """The cell as no spreadsheet runs it."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
