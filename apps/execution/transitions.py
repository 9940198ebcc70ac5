"""How cell runs and runs change state. Each function works in its caller's transaction, which holds the notebook's
lock, and returns the events for what it changed.

What every execution of a cell passes through is in SQL, and for any number of cells at once: the ORM would add several
milliseconds of Python to each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from orjson import loads

from apps.base.wire import dumps
from apps.execution.events import CellStatusesChanged, RunFinished
from apps.execution.models import RunStatus
from apps.execution.turn import Turn, TurnEnd
from apps.journal.events import Event
from apps.notebooks.models import CellStatus

_BEGIN = """
WITH run AS (
  UPDATE execution_run SET status = 'running' WHERE id = %(run)s AND status = 'queued'
), started AS (
  UPDATE execution_cellrun SET status = 'running', started_at = %(at)s WHERE id = %(cell_run)s
), outputs AS (
  DELETE FROM notebooks_output WHERE cell_id = %(cell)s
)
UPDATE notebooks_cell SET status = 'running', cell_run_id = %(key)s, run_by = %(run_by)s,
  output_offset = 0, output_state = '{}',
  started_at = %(at)s, execution_count = NULL, elapsed_ms = NULL, blocked_by_id = NULL, input_request = NULL
WHERE id = %(cell)s
"""

_CLEAR = "DELETE FROM notebooks_output WHERE cell_id = ANY(%s)"

# A cell that was blocked or cancelled keeps what its last run left. Somebody may have asked for it again meanwhile.
_END = """
WITH ends AS (
  SELECT * FROM unnest(%(cell_runs)s::bigint[], %(cells)s::uuid[], %(keys)s::uuid[], %(statuses)s::text[],
    %(started)s::timestamptz[], %(elapsed)s::int[], %(counts)s::int[], %(offsets)s::int[],
    %(blocked_by)s::uuid[], %(run_by)s::jsonb[])
  AS ends (cell_run, cell, key, status, started_at, elapsed_ms, execution_count, output_offset, blocked_by, run_by)
), ended AS (
  UPDATE execution_cellrun cell_run SET status = ends.status, finished_at = %(now)s,
    started_at = COALESCE(ends.started_at, cell_run.started_at)
  FROM ends WHERE cell_run.id = ends.cell_run
), unheard AS (
  DELETE FROM execution_inputanswer answer USING ends
  WHERE answer.notebook_id = %(notebook)s AND answer.cell_id = ends.cell
)
UPDATE notebooks_cell cell SET
  cell_run_id = CASE WHEN ends.started_at IS NULL THEN cell.cell_run_id ELSE ends.key END,
  run_by = CASE WHEN ends.started_at IS NULL THEN cell.run_by ELSE ends.run_by END,
  started_at = COALESCE(ends.started_at, cell.started_at),
  execution_count = CASE WHEN ends.started_at IS NULL THEN cell.execution_count ELSE ends.execution_count END,
  elapsed_ms = CASE WHEN ends.started_at IS NULL THEN cell.elapsed_ms ELSE ends.elapsed_ms END,
  output_offset = CASE WHEN ends.started_at IS NULL THEN cell.output_offset ELSE ends.output_offset END,
  output_state = CASE
    WHEN ends.started_at IS NULL OR cell.cell_run_id = ends.key THEN cell.output_state ELSE '{}' END,
  blocked_by_id = ends.blocked_by,
  input_request = NULL,
  status = CASE WHEN EXISTS (
    SELECT FROM execution_cellrun again
    WHERE again.notebook_id = %(notebook)s AND again.cell_id = cell.id AND again.status IN ('queued', 'sent')
      AND again.id <> ALL(%(cell_runs)s)
  ) THEN 'queued' ELSE ends.status END
FROM ends WHERE cell.id = ends.cell
RETURNING cell.id, cell.cell_run_id, cell.status, cell.execution_count, cell.started_at, cell.elapsed_ms,
  cell.output_offset, cell.blocked_by_id, cell.run_by
"""

_END_RUNS = """
WITH ending AS (
  SELECT run_id, bool_or(status IN ('queued', 'sent', 'running')) AS unfinished,
    bool_or(status IN ('error', 'blocked')) AS failed, bool_or(status = 'cancelled') AS cancelled
  FROM execution_cellrun WHERE run_id = ANY(%s) GROUP BY run_id
)
UPDATE execution_run SET finished_at = %s,
  status = CASE WHEN failed THEN 'error' WHEN cancelled THEN 'cancelled' ELSE 'ok' END
FROM ending WHERE execution_run.id = run_id AND finished_at IS NULL AND NOT unfinished
RETURNING execution_run.id, execution_run.status
"""

_CANCEL_QUEUE = """
WITH queue AS (
  SELECT id FROM execution_cellrun
  WHERE notebook_id = %(notebook)s AND status = 'queued' AND (%(runs)s::uuid[] IS NULL OR run_id = ANY(%(runs)s))
  FOR UPDATE
)
UPDATE execution_cellrun cell_run SET status = 'cancelled', finished_at = %(now)s
FROM queue WHERE cell_run.id = queue.id
RETURNING cell_run.cell_id, cell_run.run_id
"""

# Not of a cell that another run wants, or that the kernel has already.
_SHOW_CANCELLED = """
UPDATE notebooks_cell cell SET status = 'cancelled'
WHERE id = ANY(%(cells)s) AND status = 'queued' AND NOT EXISTS (
  SELECT FROM execution_cellrun
  WHERE notebook_id = %(notebook)s AND cell_id = cell.id AND execution_cellrun.status IN ('queued', 'sent')
)
RETURNING cell.id, cell.cell_run_id, cell.status, cell.execution_count, cell.started_at, cell.elapsed_ms,
  cell.output_offset, cell.blocked_by_id, cell.run_by
"""

_REQUEUE = "UPDATE execution_cellrun SET status = 'queued' WHERE id = ANY(%s)"


def begin(turn: Turn, started_at: datetime) -> Event:
    """The cell runs from now on: its old outputs go."""
    values: dict[str, Any] = {
        "run": turn.run_id,
        "cell_run": turn.id,
        "cell": turn.cell_id,
        "key": turn.key,
        "run_by": dumps(turn.run_by),
        "at": started_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, values)
    return CellStatusesChanged(cells=[_running(turn, started_at)])


def begin_and_end(ends: Collection[TurnEnd]) -> list[Event]:
    """As `begin`, of cells that have ended already: `end` writes their rows."""
    ran = [end for end in ends if end.started_at]
    if not ran:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, [[end.turn.cell_id for end in ran]])
    return [CellStatusesChanged(cells=[_running(end.turn, end.started_at) for end in ran if end.started_at])]


def end(notebook_id: UUID, ends: Sequence[TurnEnd], offsets: Mapping[UUID, int]) -> list[Event]:
    """The turns have ended; the outputs of those that ran are stored. Runs that this ends, end too.

    `offsets`: `{cell_id: output operations}` of those that put out any.
    """
    values: dict[str, Any] = {
        "notebook": notebook_id,
        "now": timezone.now(),
        "cell_runs": [end.turn.id for end in ends],
        "cells": [end.turn.cell_id for end in ends],
        "keys": [end.turn.key for end in ends],
        "statuses": [str(end.status) for end in ends],
        "started": [end.started_at for end in ends],
        "elapsed": [end.elapsed_ms for end in ends],
        "counts": [end.execution_count for end in ends],
        "offsets": [offsets.get(end.turn.cell_id, 0) for end in ends],
        "blocked_by": [end.blocked_by for end in ends],
        "run_by": [dumps(end.turn.run_by) for end in ends],
    }
    shown = _statuses(_END, values)
    order = {str(end.turn.cell_id): place for place, end in enumerate(ends)}
    shown.sort(key=lambda cell: order[cell["cell_id"]])
    return [CellStatusesChanged(cells=shown), *_end_runs({end.turn.run_id for end in ends})]


def cancel_queue(notebook_id: UUID, run_ids: Sequence[UUID] | None = None) -> list[Event]:
    """Nothing of what is queued in the notebook, or of these runs, will run. What the kernel has already, its lane
    withdraws."""
    values: dict[str, Any] = {"notebook": notebook_id, "runs": run_ids, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL_QUEUE, values)
        cancelled = cursor.fetchall()
    if not cancelled:
        return []
    cell_ids = list({cell_id for cell_id, _ in cancelled})
    shown = _statuses(_SHOW_CANCELLED, {"notebook": notebook_id, "cells": cell_ids})
    return [
        *([CellStatusesChanged(cells=shown)] if shown else []),
        *_end_runs({run_id for _, run_id in cancelled}),
    ]


def requeue(turns: Iterable[Turn]) -> None:
    """The kernel has not begun with them, and will not."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUEUE, [[turn.id for turn in turns]])


def _running(turn: Turn, started_at: datetime) -> dict[str, Any]:
    return _status_json(
        *(turn.cell_id, turn.key, CellStatus.RUNNING, None, started_at, None),
        output_offset=0,
        blocked_by=None,
        run_by=turn.run_by,
    )


def _statuses(statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [_status_json(*row, run_by=run_by and loads(run_by)) for *row, run_by in cursor]


def _status_json(
    cell_id: UUID,
    cell_run_id: UUID | str | None,
    status: str,
    execution_count: int | None,
    started_at: datetime | None,
    elapsed_ms: int | None,
    output_offset: int,
    blocked_by: UUID | None,
    *,
    run_by: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "cell_id": str(cell_id),
        "cell_run_id": str(cell_run_id) if cell_run_id else None,
        "status": status,
        "execution_count": execution_count,
        "started_at": started_at.isoformat() if started_at else None,
        "elapsed_ms": elapsed_ms,
        "output_offset": output_offset,
        "blocked_by": str(blocked_by) if blocked_by else None,
        "run_by": run_by,
    }


def _end_runs(run_ids: Iterable[UUID]) -> list[Event]:
    """End those of the runs that have nothing queued or running any more."""
    with connection.cursor() as cursor:
        cursor.execute(_END_RUNS, [list(run_ids), timezone.now()])
        return [RunFinished(run_id=str(run_id), status=RunStatus(status)) for run_id, status in cursor]
