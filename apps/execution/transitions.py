"""How cell runs and runs change state. Each function works in its caller's transaction, which holds the notebook's
lock, and returns the events for what it changed.

What every execution of a cell passes through is in SQL: the ORM would add several milliseconds of Python to each.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from apps.execution.events import CellStatusChanged, RunFinished
from apps.execution.models import CellRun, CellRunStatus, RunStatus
from apps.journal.events import Event
from apps.notebooks.models import Cell, CellStatus, Notebook

MAX_ELAPSED_MS = 2**31 - 1

_BEGIN = """
WITH run AS (
  UPDATE execution_run SET status = 'running' WHERE id = %(run)s AND status = 'queued'
), outputs AS (
  DELETE FROM notebooks_output WHERE cell_id = %(cell)s
)
UPDATE notebooks_cell SET status = 'running', cell_run_id = %(key)s, output_offset = 0,
  started_at = %(started_at)s, execution_count = NULL, elapsed_ms = NULL
WHERE id = %(cell)s
RETURNING *
"""

# Somebody may have asked for the cell again while it ran.
_END = """
WITH ended AS (UPDATE execution_cellrun SET status = %(status)s, finished_at = %(now)s WHERE id = %(cell_run)s)
UPDATE notebooks_cell SET execution_count = %(count)s, elapsed_ms = %(elapsed_ms)s,
  status = CASE WHEN EXISTS (
    SELECT FROM execution_cellrun
    WHERE notebook_id = %(notebook)s AND status = 'queued' AND cell_id = notebooks_cell.id
  ) THEN 'queued' ELSE %(status)s END
WHERE id = %(cell)s
RETURNING *
"""

_END_RUNS = """
WITH ending AS (
  SELECT run_id, bool_or(status IN ('queued', 'running')) AS unfinished,
    bool_or(status = 'error') AS failed, bool_or(status = 'cancelled') AS cancelled
  FROM execution_cellrun WHERE run_id = ANY(%s) GROUP BY run_id
)
UPDATE execution_run SET finished_at = %s,
  status = CASE WHEN failed THEN 'error' WHEN cancelled THEN 'cancelled' ELSE 'ok' END
FROM ending WHERE execution_run.id = run_id AND finished_at IS NULL AND NOT unfinished
RETURNING execution_run.id, execution_run.status
"""


def show_running(cell_run: CellRun) -> list[Event]:
    """The cell begins to run: its old outputs go."""
    values = {
        "run": cell_run.run_id,
        "cell": cell_run.cell_id,
        "key": cell_run.key,
        "started_at": cell_run.started_at,
    }
    (cell_run.cell,) = Cell.objects.raw(_BEGIN, values)
    return [CellStatusChanged.of(cell_run.cell)]


def finish_cell_run(cell_run: CellRun, status: CellRunStatus, *, execution_count: int | None) -> list[Event]:
    """The cell has ended; its outputs and their offset are stored. If that ends the run, the run ends too."""
    now = timezone.now()
    elapsed = now - (cell_run.started_at or now)
    values = {
        "count": execution_count,
        # Within the column, also if the clock went back or the server was off for a month.
        "elapsed_ms": max(0, min(round(elapsed.total_seconds() * 1000), MAX_ELAPSED_MS)),
        "notebook": cell_run.notebook_id,
        "status": status,
        "now": now,
        "cell": cell_run.cell_id,
        "cell_run": cell_run.id,
    }
    (cell_run.cell,) = Cell.objects.raw(_END, values)
    return [CellStatusChanged.of(cell_run.cell), *_end_runs([cell_run.run_id])]


def block_rest(run_id: UUID) -> list[Event]:
    """A cell of the run has failed: the cells after it do not run."""
    return _skip(CellRun.objects.filter(run_id=run_id, status=CellRunStatus.QUEUED), CellRunStatus.BLOCKED)


def cancel_queue(notebook: Notebook) -> list[Event]:
    """Nothing of what is queued in the notebook will run."""
    queue = CellRun.objects.filter(notebook=notebook, status=CellRunStatus.QUEUED)
    return _skip(queue, CellRunStatus.CANCELLED)


def _skip(queue: QuerySet[CellRun], status: CellRunStatus) -> list[Event]:
    """Give queued cell runs a final status, and their cells too if they are not running or queued elsewhere."""
    rows = list(queue.values_list("id", "cell_id", "run_id"))
    skipped_runs = CellRun.objects.filter(id__in=[row[0] for row in rows], status=CellRunStatus.QUEUED)
    skipped_runs.update(status=status, finished_at=timezone.now())
    cell_ids = [row[1] for row in rows]
    again = CellRun.objects.filter(cell_id__in=cell_ids, status=CellRunStatus.QUEUED).values("cell_id")
    cells = Cell.objects.filter(id__in=cell_ids, status=CellStatus.QUEUED).exclude(id__in=again)
    skipped = list(cells.order_by("order_key"))
    Cell.objects.filter(id__in=[cell.id for cell in skipped]).update(status=status)
    for cell in skipped:
        cell.status = CellStatus(status)
    return [*(CellStatusChanged.of(cell) for cell in skipped), *_end_runs({row[2] for row in rows})]


def _end_runs(run_ids: Iterable[UUID]) -> list[Event]:
    """End those of the runs that have nothing queued or running any more."""
    with connection.cursor() as cursor:
        cursor.execute(_END_RUNS, [list(run_ids), timezone.now()])
        return [RunFinished(run_id=str(run_id), status=RunStatus(status)) for run_id, status in cursor]
