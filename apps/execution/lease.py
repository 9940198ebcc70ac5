"""The lease on a notebook's lane, and the fence that keeps an owner who lost it from writing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from orjson import loads

from apps.accounts.actors import ActorKind
from apps.base.errors import NotFound
from apps.execution.models import Lane, LaneCommand, RunStatus
from apps.execution.planned_step import PlannedStep
from apps.execution.turn import Turn
from apps.notebooks.locking import LockedNotebook

# All times are the database's: the clocks of workers may differ.
_ACQUIRE = """
INSERT INTO execution_lane (notebook_id, fence, expires_at, command, heard)
VALUES (%(notebook)s, 1, now() + make_interval(secs => %(ttl)s), '', 0)
ON CONFLICT (notebook_id) DO UPDATE SET fence = execution_lane.fence + 1, expires_at = EXCLUDED.expires_at
WHERE execution_lane.expires_at < now()
RETURNING fence, heard
"""

# The lease is renewed after the notebook is locked: that is the lock order.
_FENCE = """
WITH notebook AS (
  SELECT id, seq FROM notebooks_notebook
  WHERE id = %(notebook)s AND deleted_at IS NULL FOR NO KEY UPDATE
), renewed AS (
  UPDATE execution_lane SET expires_at = now() + make_interval(secs => %(ttl)s), heard = COALESCE(%(heard)s, heard)
  FROM notebook WHERE notebook_id = notebook.id AND fence = %(fence)s
  RETURNING command
)
SELECT notebook.seq, renewed.command FROM notebook LEFT JOIN renewed ON true
"""

# Renews the lease and, if it may run and unless a command comes first, marks what is queued of the first run as sent.
_CLAIM = """
WITH renewed AS (
  UPDATE execution_lane SET expires_at = now() + make_interval(secs => %(ttl)s)
  WHERE notebook_id = %(notebook)s AND fence = %(fence)s
  RETURNING command
), first AS (
  SELECT run_id FROM execution_cellrun
  WHERE notebook_id = %(notebook)s AND status = 'queued' AND %(may_run)s
    AND EXISTS (SELECT FROM renewed WHERE command = '')
  ORDER BY id LIMIT 1
), claimed AS (
  UPDATE execution_cellrun SET status = 'sent'
  WHERE notebook_id = %(notebook)s AND run_id = (SELECT run_id FROM first) AND status = 'queued'
  RETURNING id, key::text, run_id, cell_id, source, step
)
SELECT renewed.command, run.restores, run.kept, run.status,
  claimed.*, cell.deleted_at IS NOT NULL, cell.metadata @@ '$.tags == "raises-exception"',
  run.actor_kind, run.actor_label
FROM renewed LEFT JOIN claimed ON true
LEFT JOIN execution_run run ON run.id = claimed.run_id
LEFT JOIN notebooks_cell cell ON cell.id = claimed.cell_id
ORDER BY claimed.id
"""


# What an owner before this one has sent, and not ended.
_SENT = """
SELECT run.restores, run.kept, run.status,
  cell_run.id, cell_run.key::text, cell_run.run_id, cell_run.cell_id, cell_run.source, cell_run.step,
  cell.deleted_at IS NOT NULL, cell.metadata @@ '$.tags == "raises-exception"',
  run.actor_kind, run.actor_label
FROM execution_cellrun cell_run
JOIN execution_run run ON run.id = cell_run.run_id JOIN notebooks_cell cell ON cell.id = cell_run.cell_id
WHERE cell_run.notebook_id = %(notebook)s AND cell_run.status IN ('sent', 'running')
ORDER BY cell_run.id
"""


@dataclass(frozen=True)
class Claim:
    """What is queued of a run, in order. `kept`: see Run; `is_begun`: another owner of the lane began with the run."""

    turns: list[Turn]
    restores: list[str]
    kept: dict[str, str]
    is_begun: bool


class LaneLost(Exception):
    """Somebody else owns the lane now: stop without a further write."""


class Lease:
    def __init__(self, notebook_id: UUID, fence: int, heard: int) -> None:
        self.notebook_id = notebook_id
        self.number = fence
        self.heard_before = heard
        """See Lane, as the last owner left it."""

    @classmethod
    def acquire(cls, notebook_id: UUID) -> "Lease | None":
        """The lease if nobody holds it, in one statement; None otherwise."""
        with connection.cursor() as cursor:
            cursor.execute(_ACQUIRE, {"notebook": notebook_id, "ttl": settings.LANE_TTL_S})
            row = cursor.fetchone()
        return cls(notebook_id, *row) if row else None

    def fence(self, heard: int | None = None) -> tuple[LockedNotebook, LaneCommand]:
        """Lock the notebook and prolong the lease, in the caller's transaction; what the lane is asked to do.

        `heard`: the transaction stores what the kernel has said up to this number.
        The lease's row stays locked until the transaction ends, so nobody can take the lane over between this check
        and the writes that follow. LaneLost if somebody has, NotFound if the notebook was deleted.
        """
        rows = self._fetch(_FENCE, heard=heard)
        if not rows:
            raise NotFound("This notebook was deleted.")
        ((seq, command),) = rows
        if command is None:
            raise LaneLost(str(self.notebook_id))
        return LockedNotebook(self.notebook_id, seq), LaneCommand(command)

    def claim(self, *, may_run: bool = True) -> tuple[LaneCommand, Claim | None]:
        """Prolong the lease; what the lane is asked to do or, if nothing and `may_run`, the first run of the queue.

        One statement and its own transaction. The lease's row is lock enough for it, and the mark is all that must
        be durable before the sources are sent: no later owner of the lane sends them again without asking the kernel.
        LaneLost as above.
        """
        rows = self._fetch(_CLAIM, may_run=may_run)
        if not rows:
            raise LaneLost(str(self.notebook_id))
        command, run_status = rows[0][0], rows[0][3]
        if run_status is None:
            return LaneCommand(command), None
        return LaneCommand.NONE, _claim([row[1:] for row in rows])

    def sent(self) -> Claim | None:
        """What an earlier owner of the lane claimed, and did not end."""
        rows = self._fetch(_SENT)
        return _claim(rows) if rows else None

    def done(self, command: LaneCommand) -> None:
        """Take the command off the row, unless a newer one has replaced it."""
        self._own().filter(command=command).update(command=LaneCommand.NONE)

    def release(self) -> None:
        self._own().update(expires_at=Now() - timedelta(days=1))

    def _fetch(self, statement: str, **values: Any) -> list[Any]:
        values |= {"notebook": self.notebook_id, "ttl": settings.LANE_TTL_S, "fence": self.number}
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows: list[Any] = cursor.fetchall()
            return rows

    def _own(self) -> QuerySet[Lane]:
        return Lane.objects.filter(notebook_id=self.notebook_id, fence=self.number)


def _claim(rows: list[Any]) -> Claim:
    restores, kept, status, *_ = rows[0]
    turns = [_turn(*row[3:]) for row in rows]
    return Claim(turns, loads(restores), loads(kept), status != RunStatus.QUEUED)


def _turn(
    cell_run_id: int,
    key: str,
    run_id: UUID,
    cell_id: UUID,
    source: str,
    step: str,
    cell_is_deleted: bool,
    may_fail: bool | None,
    actor_kind: str,
    actor_label: str,
) -> Turn:
    return Turn(
        id=cell_run_id,
        key=key,
        run_id=run_id,
        cell_id=cell_id,
        source=source,
        step=PlannedStep.from_json(loads(step)),
        cell_is_deleted=cell_is_deleted,
        may_fail=bool(may_fail),
        actor_kind=ActorKind(actor_kind),
        actor_label=actor_label,
    )
