"""What a cell's text was: the fold of its edits from the nearest keyframe. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, NotFound
from apps.editing.changes import ChangeSet, apply_all
from apps.notebooks.models import Cell, CellEdit, CellKeyframe
from apps.notebooks.queries import get_cell_of_any_time

# Half a thousand edits of a long text are folded in some ten milliseconds.
KEYFRAME_EVERY = 500
MAX_ENTRIES = 100
# Entries are made from at most this many edits: a page of history costs the same however long the history is.
MAX_EDITS_READ = 20_000

# One entry per series of edits by one actor without a pause of more than two minutes.
_ENTRIES = """
WITH edit AS (
    SELECT version, actor_kind, actor_label, created_at,
        (actor_kind, actor_label) IS DISTINCT FROM (lag(actor_kind) OVER log, lag(actor_label) OVER log)
            OR created_at - lag(created_at) OVER log > interval '2 minutes' AS begins
    FROM (
        SELECT * FROM notebooks_celledit WHERE cell_id = %(cell)s AND version < %(before)s
        ORDER BY version DESC LIMIT %(most_edits)s
    ) newest
    WINDOW log AS (ORDER BY version)
), numbered AS (
    SELECT *, count(*) FILTER (WHERE begins) OVER (ORDER BY version) AS entry FROM edit
)
SELECT min(version) - 1, max(version), min(actor_kind), min(actor_label), min(created_at), max(created_at)
FROM numbered GROUP BY entry ORDER BY entry DESC LIMIT %(most_entries)s
"""


@dataclass(frozen=True)
class Entry:
    """A series of edits by one actor: the steps from `from_version` to `version`."""

    from_version: int
    version: int
    actor_kind: str
    actor_label: str
    started_at: datetime
    ended_at: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "from_version": self.from_version,
            "version": self.version,
            "actor": {"kind": self.actor_kind, "label": self.actor_label},
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "count": self.version - self.from_version,
        }


def cell_history(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, before_version: int | None = None
) -> dict[str, Any]:
    """`{version, entries}` as in docs/protocol.md, newest first; only edits before `before_version`, if given."""
    require_role(actor, notebook_id, Role.VIEWER)
    cell = get_cell_of_any_time(notebook_id, cell_id)
    values: dict[str, Any] = {
        "cell": cell.id,
        "before": cell.version + 1 if before_version is None else before_version,
        "most_edits": MAX_EDITS_READ,
        "most_entries": MAX_ENTRIES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, values)
        entries = [Entry(*row) for row in cursor.fetchall()]
    return {"version": cell.version, "entries": [entry.as_json() for entry in entries]}


def cell_version(*, actor: Actor, notebook_id: UUID, cell_id: UUID, version: int) -> dict[str, Any]:
    """`{version, source}`: the text at that version, also of a deleted cell."""
    require_role(actor, notebook_id, Role.VIEWER)
    cell = get_cell_of_any_time(notebook_id, cell_id)
    return {"version": version, "source": text_at(cell, version)}


def text_at(cell: Cell, version: int) -> str:
    """The cell's text at a version it has or had. Invalid if it never had it."""
    if not 0 <= version <= cell.version:
        raise Invalid(f"The cell never had version {version}.")
    if version == cell.version:
        return cell.source
    keyframe = CellKeyframe.objects.filter(cell=cell, version__lte=version).order_by("-version").first()
    if keyframe is None:
        raise NotFound(f"The history of this cell does not go back to version {version}.")
    edits = CellEdit.objects.filter(cell=cell, version__gt=keyframe.version, version__lte=version)
    changes = edits.order_by("version").values_list("changes", flat=True)
    return apply_all(keyframe.source, [ChangeSet.from_json(each) for each in changes])
