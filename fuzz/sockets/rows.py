"""What the database holds of a notebook in the end."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class StoredEdit:
    cell_id: str
    version: int
    client_id: str
    changes: list[Any]


@dataclass(frozen=True)
class StoredCell:
    id: str
    kind: str
    source: str
    version: int
    is_deleted: bool


@dataclass(frozen=True)
class StoredEvent:
    seq: int
    payload: dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """Cells in document order, also deleted ones; edits by cell and version; events by seq."""

    cells: list[StoredCell]
    edits: list[StoredEdit]
    events: list[StoredEvent]


_CELLS = """
SELECT id::text, kind, source, version, deleted_at IS NOT NULL AS is_deleted
FROM notebooks_cell WHERE notebook_id = %s ORDER BY order_key
"""
_EDITS = """
SELECT cell_id::text, edit.version, client_id, changes
FROM notebooks_celledit edit JOIN notebooks_cell cell ON cell.id = cell_id
WHERE notebook_id = %s ORDER BY cell_id, edit.version
"""
_EVENTS = "SELECT seq, payload FROM journal_notebookevent WHERE notebook_id = %s ORDER BY seq"


def stored(database_url: str, notebook_id: str) -> Stored:
    with psycopg.connect(database_url) as connection:
        return Stored(
            connection.cursor(row_factory=class_row(StoredCell)).execute(_CELLS, [notebook_id]).fetchall(),
            connection.cursor(row_factory=class_row(StoredEdit)).execute(_EDITS, [notebook_id]).fetchall(),
            connection.cursor(row_factory=class_row(StoredEvent)).execute(_EVENTS, [notebook_id]).fetchall(),
        )
