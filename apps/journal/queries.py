"""Reading events and what the audit log holds."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from apps.journal.models import NotebookEvent

# A client that missed more is faster with a snapshot.
MAX_EVENTS = 1000

# Jumps from one action to the next by the index; SELECT DISTINCT would read the whole table.
_AUDIT_ACTIONS = """
WITH RECURSIVE found AS (
    SELECT min(action) AS action FROM journal_auditentry
    UNION ALL
    SELECT (SELECT min(action) FROM journal_auditentry WHERE action > found.action)
    FROM found WHERE action IS NOT NULL
)
SELECT action FROM found WHERE action IS NOT NULL
"""


def events_since(notebook_id: UUID, seq: int) -> list[dict[str, Any]] | None:
    """The event frames after `seq`, oldest first; None if they are too many."""
    rows = NotebookEvent.objects.filter(notebook_id=notebook_id, seq__gt=seq).order_by("seq")
    events = [row.as_message() for row in rows[: MAX_EVENTS + 1]]
    return events if len(events) <= MAX_EVENTS else None


def seq_of(notebook_id: UUID) -> int:
    newest: int | None = NotebookEvent.objects.filter(notebook_id=notebook_id).aggregate(seq=Max("seq"))[
        "seq"
    ]
    return newest or 0


def audit_actions() -> list[str]:
    """Every action that is in the audit log, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_AUDIT_ACTIONS)
        return [action for (action,) in cursor.fetchall()]
