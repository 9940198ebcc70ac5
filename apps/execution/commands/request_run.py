from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, TooLarge
from apps.base.ids import new_id
from apps.base.wire import dumps
from apps.dataflow.graph import Graph
from apps.dataflow.plan import Plan
from apps.execution.events import RunFinished, RunStarted
from apps.execution.models import Run, RunStatus, Scope
from apps.execution.planned_step import PlannedStep
from apps.execution.planning import make_plan, notebook_graph
from apps.execution.run_allowance import count_run
from apps.execution.wake import wake_on_commit
from apps.journal.record import append_events, audit
from apps.kernels.specs import NO_KERNEL, spec_of
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook
from apps.notebooks.queries import language_of

# A bound on the queue of one notebook: a program in a loop must not fill the disk.
MAX_QUEUED = 20_000

# In SQL, as all that every run of a cell passes through: see ARCHITECTURE.md, "Execution".
_COUNT_QUEUED = "SELECT count(*) FROM execution_cellrun WHERE notebook_id = %s AND status = 'queued'"

_ENQUEUE = """
WITH run AS (
  INSERT INTO execution_run (
    id, notebook_id, scope, status, actor_kind, actor_label, created_at, is_refresh, restores, kept
  ) VALUES (
    %(run)s, %(notebook)s, %(scope)s, 'queued', %(kind)s, %(label)s, %(now)s, %(is_refresh)s, %(restores)s, '{}'
  )
), planned AS (
  SELECT * FROM unnest(%(cells)s::uuid[], %(sources)s::text[], %(steps)s::text[]) WITH ORDINALITY
  AS planned (cell_id, source, step, place)
), queued AS (
  INSERT INTO execution_cellrun (key, run_id, notebook_id, cell_id, source, step, status)
  SELECT gen_random_uuid(), %(run)s, %(notebook)s, cell_id, source, step::jsonb, 'queued'
  FROM planned ORDER BY place
  RETURNING id, cell_id, key
), shown AS (
  UPDATE notebooks_cell SET status = 'queued', blocked_by_id = NULL
  WHERE id = ANY(%(cells)s::uuid[]) AND status <> 'running'
)
SELECT cell_id, key FROM queued ORDER BY id
"""


@transaction.atomic
def request_run(
    *, actor: Actor, notebook_id: UUID, scope: str, cell_id: UUID | None = None, is_refresh: bool = False
) -> Run:
    """Queue the cells of `scope` and those that the plan adds, in plan order, with their sources as they are now.

    `is_refresh`: SQL cells ask their databases, whatever these have answered before.
    Events: run_started, and run_finished if nothing is stale. Invalid if there is nothing to run, TooMany if the actor
    has used up the runs of this hour.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    check_language(notebook)
    graph = notebook_graph(notebook.id)
    plan = make_plan(notebook, graph, checked_scope(scope), cell_id)
    _check_room(notebook, len(plan.steps))
    count_run(actor)
    run = Run(
        id=new_id(),
        notebook=notebook,
        scope=scope,
        actor_kind=actor.kind,
        actor_label=actor.label,
        is_refresh=is_refresh,
    )
    queued = _enqueue(run, graph, plan)
    started = {"id": str(run.id), "scope": run.scope, "status": run.status, "cells": queued}
    append_events(notebook, actor, RunStarted(run=started))
    audit(actor, "run", notebook.id, run_id=str(run.id), scope=run.scope, cells=len(queued))
    if queued or plan.forget:
        wake_on_commit(notebook.id)
    if not queued:
        _end_at_once(notebook, actor, run)
    return run


def checked_scope(scope: str) -> Scope:
    if scope not in Scope.values:
        raise Invalid(f"scope must be one of {', '.join(Scope.values)}.", field="scope")
    return Scope(scope)


def check_language(notebook: Notebook) -> None:
    language = language_of(notebook)
    # What gateways have is asked when the kernel starts: not while the notebook is locked.
    if language != "python" and not settings.KERNEL_GATEWAYS and not spec_of(notebook.metadata, language):
        raise Invalid(NO_KERNEL.format(language=language))


def _enqueue(run: Run, graph: Graph, plan: Plan) -> list[dict[str, str]]:
    """Insert the run and its cell runs and show the cells as queued; `[{cell_id, cell_run_id}]` in order."""
    # What deleted cells left goes before the first cell; without one the lane removes it.
    forget: Iterable[str] = plan.forget
    steps = []
    for step in plan.steps:
        steps.append(PlannedStep.of(step, graph.edges[step.cell_id], forget))
        forget = ()
    values: dict[str, Any] = {
        "run": run.id,
        "notebook": run.notebook_id,
        "scope": run.scope,
        "kind": run.actor_kind,
        "label": run.actor_label,
        "now": timezone.now(),
        "is_refresh": run.is_refresh,
        "restores": dumps([restore.name for restore in plan.restores]),
        "cells": [step.cell_id for step in plan.steps],
        "sources": [graph.cells[step.cell_id].source for step in plan.steps],
        "steps": [dumps(step.to_json()) for step in steps],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, values)
        return [{"cell_id": str(cell_id), "cell_run_id": str(key)} for cell_id, key in cursor]


def _end_at_once(notebook: Notebook, actor: Actor, run: Run) -> None:
    """Nothing was stale."""
    run.status = RunStatus.OK
    Run.objects.filter(id=run.id).update(status=run.status, finished_at=timezone.now())
    append_events(notebook, actor, RunFinished(run_id=str(run.id), status=run.status))


def _check_room(notebook: Notebook, wanted: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_QUEUED, [notebook.id])
        (queued,) = cursor.fetchone()
    if queued + wanted > MAX_QUEUED:
        raise TooLarge(f"{queued:,} cell runs are queued already. Wait for them, or interrupt.")
