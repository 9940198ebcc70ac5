"""What the tools have in common that run cells: they ask for a run, wait for it, and tell how it went.

The run is asked for in the caller's transaction; the wait is outside of it and can be done again by another worker.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.accounts.access import require_role
from apps.accounts.models import Role
from apps.assistant.tools.base import Effect, Started, Tool, ToolContext, ToolResult
from apps.assistant.tools.cell_ids import short_id
from apps.assistant.tools.clipping import clipped
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.previews import previews
from apps.assistant.tools.results import text_result
from apps.execution.commands import request_run
from apps.execution.models import UNFINISHED, CellRunStatus, Run, Scope
from apps.execution.planned_run import plan_of, planned_run
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell
from apps.notebooks.queries import outputs_of_cells

MAX_WAIT_S = 30
# Between looks at the rows: short at first, because most cells are quick; never so long that a stop goes unnoticed.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.01, 0.25
# Of the cells of a run, those whose outputs are told; of the others how they ended.
MAX_SHOWN = 12
MAX_LISTED = 60
OUTPUTS_CHARS = 2_000

_Ended = Callable[[Run], bool]


class RunTool(Tool):
    """`state` of a run that has started is `{run_id, plan}`, the plan as in docs/protocol.md ("Plans")."""

    effect: ClassVar = Effect.RUNS

    def start(self, context: ToolContext, scope: Scope, cell_id: UUID | None) -> Started:
        # Locked first, so that what is told is the plan that runs.
        notebook = lock_notebook_for(context.actor, context.notebook_id, Role.EDITOR)
        plan = plan_of(notebook, scope, cell_id)
        place: dict[str, Any] = {"actor": context.actor, "notebook_id": context.notebook_id}
        run = request_run(**place, scope=scope, cell_id=cell_id)
        return Started({"run_id": str(run.id), "plan": plan, "asked": str(cell_id) if cell_id else None})

    def shown(self, context: ToolContext, scope: Scope, cell_id: UUID | None) -> dict[str, Any]:
        """The plan, for whoever decides. Refused as the run itself."""
        require_role(context.actor, context.notebook_id, Role.EDITOR)
        place: dict[str, Any] = {"actor": context.actor, "notebook_id": context.notebook_id}
        return {"kind": "run", "plan": planned_run(**place, scope=scope, cell_id=cell_id)}

    def finish(self, context: ToolContext, state: dict[str, Any]) -> ToolResult:
        run = _awaited(context, UUID(state["run_id"]))
        rows = list(run.cell_runs.order_by("id").values_list("cell_id", "status", "started_at"))
        details = {"run_id": str(run.id), "status": run.status, "plan": state["plan"]}
        if not rows:
            return text_result("Nothing is stale, so nothing had to run.", **details)
        lines = [_headline(run, rows, context), *_told_cells(run, rows, state), *_skipped(state["plan"])]
        return text_result("\n".join(lines), **details)


def _awaited(context: ToolContext, run_id: UUID) -> Run:
    """The run when it has ended; or as it is when MAX_WAIT_S are over since it was asked for, the turn is stopped, or
    it waits for a person's input."""
    pause_s = FIRST_PAUSE_S
    while True:
        require_role(context.actor, context.notebook_id, Role.VIEWER)
        run = Run.objects.get(id=run_id, notebook_id=context.notebook_id)
        waited_s = (timezone.now() - run.created_at).total_seconds()
        if run.finished_at or waited_s >= MAX_WAIT_S or context.should_stop() or _asks_input(run):
            return run
        # Back to the pool: many turns that wait must not keep all connections from the others.
        connection.close()
        time.sleep(min(pause_s, max(0.0, MAX_WAIT_S - waited_s)))
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)


def _asks_input(run: Run) -> bool:
    running = Cell.objects.filter(cell_runs__run=run, cell_runs__status=CellRunStatus.RUNNING)
    return running.filter(input_request__isnull=False).exists()


def _headline(run: Run, rows: Sequence[tuple[Any, ...]], context: ToolContext) -> str:
    if run.finished_at:
        took_s = (run.finished_at - run.created_at).total_seconds()
        return f"The run of {len(rows):,} cells ended: {run.status}, after {took_s:.1f} s."
    left = sum(1 for _, status, _ in rows if status in UNFINISHED)
    if context.should_stop():
        why = "You were stopped; the run goes on"
    elif _asks_input(run):
        why = "A cell waits for a person to answer input(); tell them, and end your turn. The run goes on after that"
    else:
        why = f"The run takes longer than {MAX_WAIT_S} s. It goes on by itself; do not start it again"
    return (
        f"{why}: {left:,} of {len(rows):,} cells have not ended. Look later with get_notebook_state or read_cell; "
        "interrupt would stop it."
    )


def _told_cells(run: Run, rows: Sequence[tuple[Any, ...]], state: Mapping[str, Any]) -> list[str]:
    """First the cell that was asked for and those that failed, with their outputs."""
    reasons = {each["cell_id"]: each["reasons"] for each in state["plan"]["cells"]}
    order = sorted(rows, key=lambda row: (str(row[0]) != state["asked"], row[1] != CellRunStatus.ERROR))
    outputs = outputs_of_cells([row[0] for row in order[:MAX_SHOWN]])
    meanwhile = _changed_meanwhile(run)
    lines = []
    for cell_id, status, _ in order[:MAX_LISTED]:
        why = "; ".join(reason["text"] for reason in reasons.get(str(cell_id), [])[:2])
        line = f"Cell {short_id(cell_id)}: {CellRunStatus(status).label}{f' ({why})' if why else ''}"
        lines.append(line + meanwhile.get(cell_id, ""))
        if status in (CellRunStatus.OK, CellRunStatus.ERROR, CellRunStatus.RUNNING) and cell_id in outputs:
            shown = clipped(previews(outputs[cell_id]), OUTPUTS_CHARS)
            lines.append(as_data(shown, f"outputs of cell {short_id(cell_id)}"))
    if len(order) > MAX_LISTED:
        lines.append(f"… and {len(order) - MAX_LISTED:,} more cells; get_notebook_state shows all.")
    return lines


def _changed_meanwhile(run: Run) -> dict[UUID, str]:
    """What people did to cells since they were asked to run, in a sentence."""
    rows = run.cell_runs.exclude(source=F("cell__source"), cell__deleted_at=None)
    return {
        cell_id: ". Somebody has deleted this cell meanwhile."
        if deleted_at
        else ". Somebody has edited this cell meanwhile: what ran is the text as it was before, so it is stale."
        for cell_id, deleted_at in rows.values_list("cell_id", "cell__deleted_at")
    }


def _skipped(plan: Mapping[str, Any]) -> list[str]:
    return [
        f"Cell {short_id(each['cell_id'])} was not run: "
        + (
            "it or one that it needs is disabled."
            if each["kind"] == "disabled"
            else "it is part of a circle."
        )
        for each in plan["skipped"][:MAX_SHOWN]
    ]
