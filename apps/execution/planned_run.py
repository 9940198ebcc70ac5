"""What a run would do: the plan for people and programs, before anything runs."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.dataflow.cell import CellId
from apps.dataflow.plan import Plan
from apps.dataflow.reasons import Asked, InputOverwritten, ReadsFrom, RunReason, StaleAncestor
from apps.execution.commands.request_run import check_language, checked_scope
from apps.execution.planning import make_plan, notebook_graph
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.one_moment import one_moment

Json = dict[str, Any]


def planned_run(*, actor: Actor, notebook_id: UUID, scope: str, cell_id: UUID | None = None) -> Json:
    """`{cells: [{cell_id, reasons, estimated_s}], skipped, estimated_s}` as in docs/protocol.md ("Plans").

    A cell is expected to take as long as the last time. Invalid as request_run.
    """
    with one_moment():
        require_role(actor, notebook_id, Role.VIEWER)
        return plan_of(Notebook.objects.get(id=notebook_id), scope, cell_id)


def plan_of(notebook: Notebook, scope: str, cell_id: UUID | None) -> Json:
    """`planned_run` for whoever has the rights already, and reads in one moment or holds the notebook's lock."""
    check_language(notebook)
    plan = make_plan(notebook, notebook_graph(notebook.id), checked_scope(scope), cell_id)
    rows = Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key")
    elapsed = {str(cell_id): elapsed_ms for cell_id, elapsed_ms in rows.values_list("id", "elapsed_ms")}
    return plan_json(plan, elapsed)


def plan_json(plan: Plan, elapsed_ms: Mapping[CellId, int | None]) -> Json:
    """`elapsed_ms`: of the last run of each cell of the notebook, in document order; None: it never ran."""
    numbers = {cell_id: place for place, cell_id in enumerate(elapsed_ms, 1)}
    cells = [
        {
            "cell_id": step.cell_id,
            "reasons": [_reason_json(reason, numbers) for reason in step.reasons],
            "estimated_s": _seconds(elapsed_ms.get(step.cell_id)),
        }
        for step in plan.steps
    ]
    skipped = [
        {"cell_id": cell_id, "kind": obstacle.kind, "because_of": obstacle.cell_id}
        for cell_id, obstacle in plan.skipped.items()
    ]
    return {"cells": cells, "skipped": skipped, "estimated_s": _sum(cells)}


def _reason_json(reason: RunReason, numbers: Mapping[CellId, int]) -> Json:
    match reason:
        case Asked():
            return {"kind": "asked", "text": "you asked"}
        case ReadsFrom(name, cell_id):
            text = f"reads {name} from {_named(cell_id, numbers)}"
            return {"kind": "reads_from", "text": text, "name": name, "cell_id": cell_id}
        case StaleAncestor(of):
            text = f"stale, and {_named(of, numbers)} needs it"
            return {"kind": "stale_ancestor", "text": text, "cell_id": of}
        case InputOverwritten(name, by, reader):
            text = (
                f"its {name}, which {_named(reader, numbers)} needs, was overwritten by {_named(by, numbers)}"
            )
            return {"kind": "overwritten", "text": text, "name": name, "cell_id": by}
        case _:
            assert_never(reason)


def _named(cell_id: CellId | None, numbers: Mapping[CellId, int]) -> str:
    return f"cell {numbers[cell_id]}" if cell_id and cell_id in numbers else "a deleted cell"


def _seconds(elapsed_ms: int | None) -> float | None:
    return None if elapsed_ms is None else elapsed_ms / 1000


def _sum(cells: Sequence[Json]) -> float | None:
    """None if nothing is known of any."""
    known = [cell["estimated_s"] for cell in cells if cell["estimated_s"] is not None]
    return sum(known) if known else None
