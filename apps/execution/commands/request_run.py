from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, TooLarge
from apps.base.ids import new_id
from apps.execution.events import RunStarted
from apps.execution.models import Run, Scope
from apps.execution.wake import wake_on_commit
from apps.journal.record import append_events, audit
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, CellKind, Notebook
from apps.notebooks.queries import language_of

# A bound on the queue of one notebook: a program in a loop must not fill the disk.
MAX_QUEUED = 20_000

# In SQL, as all that every run of a cell passes through: see ARCHITECTURE.md, "Execution".
_COUNT_QUEUED = "SELECT count(*) FROM execution_cellrun WHERE notebook_id = %s AND status = 'queued'"

_ENQUEUE = """
WITH run AS (
  INSERT INTO execution_run (id, notebook_id, scope, status, actor_kind, actor_label, created_at)
  VALUES (%(run)s, %(notebook)s, %(scope)s, 'queued', %(kind)s, %(label)s, %(now)s)
), queued AS (
  INSERT INTO execution_cellrun (key, run_id, notebook_id, cell_id, source, status)
  SELECT gen_random_uuid(), %(run)s, notebook_id, id, source, 'queued'
  FROM notebooks_cell WHERE id = ANY(%(cells)s) ORDER BY order_key
  RETURNING id, cell_id, key
), shown AS (
  UPDATE notebooks_cell SET status = 'queued' WHERE id = ANY(%(cells)s) AND status <> 'running'
)
SELECT cell_id, key FROM queued ORDER BY id
"""


@transaction.atomic
def request_run(*, actor: Actor, notebook_id: UUID, scope: str, cell_id: UUID | None = None) -> Run:
    """Queue the Python cells of `scope`, in document order, with their sources as they are now.

    Event: run_started. Invalid if there is nothing to run.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    _check_language(notebook)
    cells = _cells_to_run(notebook, scope, cell_id)
    _check_room(notebook, len(cells))
    run = Run(id=new_id(), notebook=notebook, scope=scope, actor_kind=actor.kind, actor_label=actor.label)
    queued = _enqueue(run, cells)
    started = {"id": str(run.id), "scope": run.scope, "status": run.status, "cells": queued}
    append_events(notebook, actor, RunStarted(run=started))
    audit(actor, "run", notebook.id, run_id=str(run.id), scope=run.scope, cells=len(queued))
    wake_on_commit(notebook.id)
    return run


def _enqueue(run: Run, cells: list[Cell]) -> list[dict[str, str]]:
    """Insert the run and its cell runs and show the cells as queued; `[{cell_id, cell_run_id}]` in order."""
    values: dict[str, Any] = {
        "run": run.id,
        "notebook": run.notebook_id,
        "scope": run.scope,
        "kind": run.actor_kind,
        "label": run.actor_label,
        "now": timezone.now(),
        "cells": [cell.id for cell in cells],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, values)
        return [{"cell_id": str(cell_id), "cell_run_id": str(key)} for cell_id, key in cursor]


def _check_language(notebook: Notebook) -> None:
    language = language_of(notebook)
    if language != "python":
        raise Invalid(f"This notebook is written in {language}, and there is only a Python kernel here.")


def _cells_to_run(notebook: Notebook, scope: str, cell_id: UUID | None) -> list[Cell]:
    if scope not in Scope.values:
        raise Invalid(f"scope must be one of {', '.join(Scope.values)}.", field="scope")
    cells = Cell.objects.filter(notebook=notebook, deleted_at=None, kind=CellKind.PYTHON)
    match Scope(scope):
        case Scope.CELL:
            return [_runnable(_named_cell(notebook, cell_id))]
        case Scope.ALL:
            chosen = cells
        case Scope.ABOVE:
            chosen = cells.filter(order_key__lt=_named_cell(notebook, cell_id).order_key)
        case Scope.BELOW:
            chosen = cells.filter(order_key__gte=_named_cell(notebook, cell_id).order_key)
    found = list(chosen.order_by("order_key"))
    if not found:
        raise Invalid("There is no Python cell to run there.")
    return found


def _runnable(cell: Cell) -> Cell:
    if cell.kind != CellKind.PYTHON:
        raise Invalid(f"A {CellKind(cell.kind).label} cell cannot be run.", cell_id=str(cell.id))
    return cell


def _named_cell(notebook: Notebook, cell_id: UUID | None) -> Cell:
    if cell_id is None:
        raise Invalid("This scope needs a cell.", field="cell")
    return get_cell(notebook, cell_id)


def _check_room(notebook: Notebook, wanted: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_QUEUED, [notebook.id])
        (queued,) = cursor.fetchone()
    if queued + wanted > MAX_QUEUED:
        raise TooLarge(f"{queued:,} cell runs are queued already. Wait for them, or interrupt.")
