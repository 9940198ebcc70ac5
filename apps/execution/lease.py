"""The lease on a notebook's lane, and the fence that keeps an owner who lost it from writing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.base.errors import NotFound
from apps.execution.models import CellRun, Lane, LaneCommand
from apps.notebooks.locking import LockedNotebook

# All times are the database's: the clocks of workers may differ.
_ACQUIRE = """
INSERT INTO execution_lane (notebook_id, fence, expires_at, command)
VALUES (%(notebook)s, 1, now() + make_interval(secs => %(ttl)s), '')
ON CONFLICT (notebook_id) DO UPDATE SET fence = execution_lane.fence + 1, expires_at = EXCLUDED.expires_at
WHERE execution_lane.expires_at < now()
RETURNING fence
"""

# The lease is renewed after the notebook is locked: that is the lock order.
_FENCE = """
WITH notebook AS (
  SELECT id, seq FROM notebooks_notebook
  WHERE id = %(notebook)s AND deleted_at IS NULL FOR NO KEY UPDATE
), renewed AS (
  UPDATE execution_lane SET expires_at = now() + make_interval(secs => %(ttl)s)
  FROM notebook WHERE notebook_id = notebook.id AND fence = %(fence)s
  RETURNING command
)
SELECT notebook.seq, renewed.command FROM notebook LEFT JOIN renewed ON true
"""

# Renews the lease and, unless a command comes first, marks the first of the queue running.
_CLAIM = """
WITH renewed AS (
  UPDATE execution_lane SET expires_at = now() + make_interval(secs => %(ttl)s)
  WHERE notebook_id = %(notebook)s AND fence = %(fence)s
  RETURNING command
), claimed AS (
  UPDATE execution_cellrun SET status = 'running', started_at = %(now)s
  WHERE id = (SELECT min(id) FROM execution_cellrun WHERE notebook_id = %(notebook)s AND status = 'queued')
    AND status = 'queued' AND EXISTS (SELECT FROM renewed WHERE command = '')
  RETURNING id, key, run_id, notebook_id, cell_id, source, status, started_at
)
SELECT renewed.command, claimed.*, (SELECT deleted_at IS NOT NULL FROM notebooks_cell WHERE id = cell_id)
FROM renewed LEFT JOIN claimed ON true
"""

# What the claim returns of the cell run after its id, in order.
_CLAIMED = ("key", "run_id", "notebook_id", "cell_id", "source", "status", "started_at")


class LaneLost(Exception):
    """Somebody else owns the lane now: stop without a further write."""


class Lease:
    def __init__(self, notebook_id: UUID, fence: int) -> None:
        self.notebook_id = notebook_id
        self._fence = fence

    @classmethod
    def acquire(cls, notebook_id: UUID) -> "Lease | None":
        """The lease if nobody holds it, in one statement; None otherwise."""
        with connection.cursor() as cursor:
            cursor.execute(_ACQUIRE, {"notebook": notebook_id, "ttl": settings.LANE_TTL_S})
            row = cursor.fetchone()
        return cls(notebook_id, row[0]) if row else None

    def fence(self) -> tuple[LockedNotebook, LaneCommand]:
        """Lock the notebook and prolong the lease, in the caller's transaction; what the lane is asked to do.

        The lease's row stays locked until the transaction ends, so nobody can take the lane over between this check
        and the writes that follow. LaneLost if somebody has, NotFound if the notebook was deleted.
        """
        row = self._fetch(_FENCE, {})
        if row is None:
            raise NotFound("This notebook was deleted.")
        seq, command = row
        if command is None:
            raise LaneLost(str(self.notebook_id))
        return LockedNotebook(self.notebook_id, seq), LaneCommand(command)

    def claim(self) -> tuple[LaneCommand, CellRun | None]:
        """Prolong the lease; what the lane is asked to do or, if nothing, the first of the queue, running from now on.

        One statement and its own transaction. The lease's row is lock enough for it, and the mark is all that must
        be durable before the source is sent: no later owner of the lane sends it again. LaneLost as above.
        """
        row = self._fetch(_CLAIM, {"now": timezone.now()})
        if row is None:
            raise LaneLost(str(self.notebook_id))
        command, cell_run_id, *values, cell_is_deleted = row
        if cell_run_id is None:
            return LaneCommand(command), None
        cell_run = CellRun(cell_run_id, **dict(zip(_CLAIMED, values, strict=True)))
        cell_run.cell_is_deleted = cell_is_deleted
        return LaneCommand.NONE, cell_run

    def done(self, command: LaneCommand) -> None:
        """Take the command off the row, unless a newer one has replaced it."""
        self._own().filter(command=command).update(command=LaneCommand.NONE)

    def release(self) -> None:
        self._own().update(expires_at=Now() - timedelta(days=1))

    def _fetch(self, statement: str, values: dict[str, Any]) -> Any:
        own: dict[str, Any] = {"notebook": self.notebook_id, "ttl": settings.LANE_TTL_S, "fence": self._fence}
        with connection.cursor() as cursor:
            cursor.execute(statement, own | values)
            return cursor.fetchone()

    def _own(self) -> QuerySet[Lane]:
        return Lane.objects.filter(notebook_id=self.notebook_id, fence=self._fence)
