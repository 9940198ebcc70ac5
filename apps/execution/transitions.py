"""How cell runs and runs change state. Each function runs in a transaction that holds the notebook's lock,
changes rows and returns the events for it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from apps.execution.events import CellStatusChanged, RunFinished
from apps.execution.models import CellRun, CellRunStatus, Run, RunStatus
from apps.journal.events import Event
from apps.notebooks.models import Cell, CellStatus, Notebook, Output


def claim_cell_run(cell_run: CellRun) -> None:
    """Mark it running, so that no later owner of the lane sends it again. Needs the lease alone."""
    cell_run.status, cell_run.started_at = CellRunStatus.RUNNING, timezone.now()
    cell_run.save(update_fields=["status", "started_at"])


def show_running(cell_run: CellRun) -> list[Event]:
    """The cell begins to run: its old outputs go. `cell_run.cell` is loaded."""
    Run.objects.filter(id=cell_run.run_id, status=RunStatus.QUEUED).update(status=RunStatus.RUNNING)
    cell = cell_run.cell
    if cell.output_offset or cell.cell_run_id is None:
        Output.objects.filter(cell=cell).delete()
    cell.cell_run_id, cell.output_offset = cell_run.key, 0
    cell.status, cell.started_at = CellStatus.RUNNING, cell_run.started_at
    cell.execution_count = cell.elapsed_ms = None
    _save_run_state(cell)
    return [CellStatusChanged.of(cell)]


def finish_cell_run(cell_run: CellRun, status: CellRunStatus, *, execution_count: int | None) -> list[Event]:
    """The cell has ended and its outputs are stored. If that ends the run, the run ends too."""
    now = timezone.now()
    cell_run.status, cell_run.finished_at = status, now
    cell_run.save(update_fields=["status", "finished_at"])
    queue = CellRun.objects.filter(notebook_id=cell_run.notebook_id, status=CellRunStatus.QUEUED)
    left = queue.aggregate(
        of_cell=Count("id", filter=Q(cell_id=cell_run.cell_id)),
        of_run=Count("id", filter=Q(run_id=cell_run.run_id)),
    )
    cell = cell_run.cell
    # Somebody may have asked for the cell again meanwhile.
    cell.status = CellStatus.QUEUED if left["of_cell"] else CellStatus(status)
    cell.execution_count = execution_count
    started_at = cell_run.started_at or now
    cell.elapsed_ms = round((now - started_at).total_seconds() * 1000)
    _save_run_state(cell)
    return [CellStatusChanged.of(cell), *(() if left["of_run"] else _finish_runs([cell_run.run_id]))]


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
    CellRun.objects.filter(id__in=[row[0] for row in rows]).update(status=status, finished_at=timezone.now())
    cell_ids = [row[1] for row in rows]
    again = CellRun.objects.filter(cell_id__in=cell_ids, status=CellRunStatus.QUEUED).values("cell_id")
    cells = Cell.objects.filter(id__in=cell_ids, status=CellStatus.QUEUED).exclude(id__in=again)
    skipped = list(cells.order_by("order_key"))
    for cell in skipped:
        cell.status = CellStatus(status)
    Cell.objects.bulk_update(skipped, ["status"])
    return [
        *(CellStatusChanged.of(cell) for cell in skipped),
        *_finish_runs(dict.fromkeys(row[2] for row in rows)),
    ]


def _finish_runs(run_ids: Iterable[UUID]) -> list[Event]:
    """End those of the runs that have nothing queued or running any more."""
    events: list[Event] = []
    for run_id in run_ids:
        statuses = set(
            CellRun.objects.filter(run_id=run_id).order_by().values_list("status", flat=True).distinct()
        )
        if statuses & {CellRunStatus.QUEUED, CellRunStatus.RUNNING}:
            continue
        outcome = _outcome(statuses)
        if Run.objects.filter(id=run_id, finished_at=None).update(status=outcome, finished_at=timezone.now()):
            events.append(RunFinished(run_id=str(run_id), status=outcome))
    return events


def _outcome(statuses: set[str]) -> RunStatus:
    if CellRunStatus.ERROR in statuses:
        return RunStatus.ERROR
    return RunStatus.CANCELLED if CellRunStatus.CANCELLED in statuses else RunStatus.OK


def _save_run_state(cell: Cell) -> None:
    """Only the columns of the run: the text belongs to the editing commands."""
    cell.save(
        update_fields=[
            "status",
            "execution_count",
            "started_at",
            "elapsed_ms",
            "cell_run_id",
            "output_offset",
        ]
    )
