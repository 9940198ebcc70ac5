"""Which cells the assistant has written, and in which turn: for the marks that pages show on cells."""

from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role

# Of each live cell the newest change of its text by a turn that was not undone; `version` is the one that it made.
_MARKS = """
WITH done AS (
  SELECT call.turn_id, call.details -> 'change' AS change, call.finished_at AS at
  FROM assistant_toolcall call JOIN assistant_turn turn ON turn.id = call.turn_id
  WHERE turn.notebook_id = %(notebook)s AND call.status = 'done' AND NOT call.is_error AND call.details ? 'change'
  UNION ALL
  SELECT turn_id, done, decided_at FROM assistant_proposal
  WHERE notebook_id = %(notebook)s AND status = 'accepted'
)
SELECT DISTINCT ON (cell.id) cell.id::text AS cell_id, done.turn_id::text, turn.conversation_id::text, turn.number,
  turn.asked_by_label AS asked_by, done.at, COALESCE((done.change ->> 'version')::int, 0) AS version
FROM done
JOIN notebooks_cell cell ON cell.id = (done.change ->> 'cell_id')::uuid AND cell.deleted_at IS NULL
JOIN assistant_turn turn ON turn.id = done.turn_id
WHERE done.change ->> 'kind' IN ('created', 'edited')
  AND NOT EXISTS (SELECT FROM assistant_turnundo undo WHERE undo.turn_id = done.turn_id)
ORDER BY cell.id, done.at DESC
"""


def cell_marks(*, actor: Actor, notebook_id: UUID) -> list[dict[str, Any]]:
    """`[{cell_id, turn_id, conversation_id, number, asked_by, at, version}]`, one for each cell that has one."""
    require_role(actor, notebook_id, Role.VIEWER)
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, {"notebook": notebook_id})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"at": row["at"].isoformat()} for row in rows]
