"""The lease on a notebook's lane, and the fence that keeps an owner who lost it from writing."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from apps.execution.models import Lane, LaneCommand

# All times are the database's: the clocks of workers may differ.
_ACQUIRE = """
INSERT INTO execution_lane (notebook_id, fence, expires_at, command)
VALUES (%(notebook)s, 1, now() + make_interval(secs => %(ttl)s), '')
ON CONFLICT (notebook_id) DO UPDATE SET fence = execution_lane.fence + 1, expires_at = EXCLUDED.expires_at
WHERE execution_lane.expires_at < now()
RETURNING fence
"""

_RENEW = """
UPDATE execution_lane SET expires_at = now() + make_interval(secs => %(ttl)s)
WHERE notebook_id = %(notebook)s AND fence = %(fence)s
RETURNING command
"""


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

    def renew(self) -> LaneCommand:
        """Prolong it and return what the lane is asked to do, or raise LaneLost.

        In a transaction this is the fence: the row stays locked until its end, so nobody can take the lane over
        between this check and the writes that follow.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                _RENEW, {"ttl": settings.LANE_TTL_S, "notebook": self.notebook_id, "fence": self._fence}
            )
            row = cursor.fetchone()
        if row is None:
            raise LaneLost(str(self.notebook_id))
        return LaneCommand(row[0])

    def done(self, command: LaneCommand) -> None:
        """Take the command off the row, unless a newer one has replaced it."""
        self._own().filter(command=command).update(command=LaneCommand.NONE)

    def release(self) -> None:
        self._own().update(expires_at=Now() - timedelta(days=1))

    def _own(self) -> QuerySet[Lane]:
        return Lane.objects.filter(notebook_id=self.notebook_id, fence=self._fence)
