"""The lease on a notebook's turns: one worker does them, and one that lost it cannot write.

As a lane's (execution/lease.py): a row with a fencing number, renewed by every transaction of its owner. Lock order:
the notebook's row, then the lease's.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from apps.assistant.models import TurnLease
from apps.base.errors import NotFound
from apps.base.wire import dumps
from apps.notebooks.locking import LockedNotebook

# All times are the database's: the clocks of workers may differ.
_ACQUIRE = """
INSERT INTO assistant_turnlease (notebook_id, fence, expires_at)
VALUES (%(notebook)s, 1, now() + make_interval(secs => %(ttl)s))
ON CONFLICT (notebook_id) DO UPDATE SET fence = assistant_turnlease.fence + 1, expires_at = EXCLUDED.expires_at
WHERE assistant_turnlease.expires_at < now()
RETURNING fence
"""

_FENCE = """
WITH notebook AS (
  SELECT id, seq FROM notebooks_notebook
  WHERE id = %(notebook)s AND deleted_at IS NULL FOR NO KEY UPDATE
), renewed AS (
  UPDATE assistant_turnlease SET expires_at = now() + make_interval(secs => %(ttl)s)
  FROM notebook WHERE notebook_id = notebook.id AND fence = %(fence)s
  RETURNING true AS is_held
)
SELECT notebook.seq, renewed.is_held FROM notebook LEFT JOIN renewed ON true
"""

_BEAT = """
WITH renewed AS (
  UPDATE assistant_turnlease SET expires_at = now() + make_interval(secs => %(ttl)s)
  WHERE notebook_id = %(notebook)s AND fence = %(fence)s
  RETURNING notebook_id
)
SELECT is_cancel_requested FROM assistant_turn, renewed WHERE id = %(turn)s
"""

_BEAT_AND_STORE = """
WITH renewed AS (
  UPDATE assistant_turnlease SET expires_at = now() + make_interval(secs => %(ttl)s)
  WHERE notebook_id = %(notebook)s AND fence = %(fence)s
  RETURNING notebook_id
)
UPDATE assistant_turn SET blocks = %(blocks)s::jsonb, "offset" = %(offset)s, notice = %(notice)s
FROM renewed WHERE id = %(turn)s
RETURNING is_cancel_requested
"""


class LeaseLost(Exception):
    """Somebody else does the notebook's turns now: stop without a further write."""


class Lease:
    def __init__(self, notebook_id: UUID, fence: int) -> None:
        self.notebook_id = notebook_id
        self._fence = fence

    @classmethod
    def acquire(cls, notebook_id: UUID) -> "Lease | None":
        """The lease if nobody holds it; None otherwise."""
        with connection.cursor() as cursor:
            cursor.execute(_ACQUIRE, {"notebook": notebook_id, "ttl": settings.LANE_TTL_S})
            row = cursor.fetchone()
        return cls(notebook_id, *row) if row else None

    def fence(self) -> LockedNotebook:
        """Lock the notebook and prolong the lease, in the caller's transaction, and until its end.

        LeaseLost if somebody else has it, NotFound if the notebook was deleted.
        """
        row = self._fetch(_FENCE)
        if row is None:
            raise NotFound("This notebook was deleted.")
        seq, is_held = row
        if not is_held:
            raise LeaseLost(str(self.notebook_id))
        return LockedNotebook(self.notebook_id, seq)

    def beat(self, turn_id: UUID) -> bool:
        """Prolong the lease; whether the turn is to be cancelled. LeaseLost as above."""
        return self._is_cancelled(_BEAT, turn=turn_id)

    def beat_and_store(self, turn_id: UUID, *, blocks: list[Any], offset: int, notice: str) -> bool:
        """As `beat`, and write what was told of the turn."""
        stored = {"blocks": dumps(blocks), "offset": offset, "notice": notice}
        return self._is_cancelled(_BEAT_AND_STORE, turn=turn_id, **stored)

    def release(self) -> None:
        TurnLease.objects.filter(notebook_id=self.notebook_id, fence=self._fence).update(
            expires_at=Now() - timedelta(days=1)
        )

    def _is_cancelled(self, statement: str, **values: Any) -> bool:
        row = self._fetch(statement, **values)
        if row is None:
            raise LeaseLost(str(self.notebook_id))
        return bool(row[0])

    def _fetch(self, statement: str, **values: Any) -> Any:
        values |= {"notebook": self.notebook_id, "ttl": settings.LANE_TTL_S, "fence": self._fence}
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()
