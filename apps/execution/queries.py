"""The notebook as it is shown: the document with its kernel, and the state of runs."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import NotFound
from apps.execution.dependencies import dependencies
from apps.execution.models import CellRunStatus, Run
from apps.kernels.models import LIVING, Kernel, KernelStatus
from apps.kernels.sandbox import sandbox_state
from apps.notebooks.models import Cell, CellStatus, Notebook
from apps.notebooks.one_moment import one_moment
from apps.notebooks.queries import beginning, document


def snapshot(*, actor: Actor, notebook_id: UUID, with_dependencies: bool = False) -> dict[str, Any]:
    """`{seq, role, notebook}` as in docs/protocol.md, all of one moment.

    `with_dependencies`: cells also have `reads`, `writes`, `stale` and `stale_reason`. Pages get them in frames of
    their own, so that nobody waits for the analysis of a long notebook to see it.
    """
    with one_moment():
        role = require_role(actor, notebook_id, Role.VIEWER)
        notebook = Notebook.objects.get(id=notebook_id)
        kernel = Kernel.objects.filter(pk=notebook_id).first()
        shown = document(notebook) | {"kernel": _kernel_json(kernel)}
        if with_dependencies:
            known = dependencies(notebook_id).cells
            shown["cells"] = [cell | _dependencies_json(known.get(cell["id"])) for cell in shown["cells"]]
    return {"seq": notebook.seq, "role": role, "notebook": shown}


def opening(*, actor: Actor, notebook_id: UUID, most: int) -> dict[str, Any] | None:
    """What is seen first of a long notebook: as `snapshot`, of the first `most` cells without outputs.

    None if it has no more cells. It takes some milliseconds, whatever there is to come.
    """
    with one_moment():
        role = require_role(actor, notebook_id, Role.VIEWER)
        notebook = Notebook.objects.get(id=notebook_id)
        first = beginning(notebook, most)
        if first is None:
            return None
        kernel = Kernel.objects.filter(pk=notebook_id).first()
    return {"seq": notebook.seq, "role": role, "notebook": first | {"kernel": _kernel_json(kernel)}}


def kernel_state(*, actor: Actor, notebook_id: UUID) -> dict[str, Any]:
    """`{status, message, started_at, sandbox, sandbox_problem}`; `busy` while one of the notebook's cells runs.

    `sandbox` is what kernels start in: `bwrap`, or `off`, and then `sandbox_problem` may say why.
    """
    require_role(actor, notebook_id, Role.VIEWER)
    kernel = Kernel.objects.filter(pk=notebook_id).first()
    state = _kernel_json(kernel)
    if state["status"] == KernelStatus.IDLE and running_offsets(notebook_id):
        state["status"] = "busy"
    sandbox = sandbox_state()
    return state | {
        "started_at": kernel.started_at.isoformat() if kernel and kernel.started_at else None,
        "sandbox": sandbox.kind,
        "sandbox_problem": sandbox.problem,
    }


def with_kernel(notebook_ids: Collection[UUID]) -> set[UUID]:
    """Those of the notebooks that have a kernel, or will in a moment."""
    kernels = Kernel.objects.filter(notebook__in=notebook_ids)
    on = kernels.filter(status__in=LIVING)
    return set(on.values_list("notebook_id", flat=True))


def running_offsets(notebook_id: UUID) -> dict[str, int]:
    """`{cell_id: output_offset}` of the cells that run."""
    running = Cell.objects.filter(notebook_id=notebook_id, deleted_at=None, status=CellStatus.RUNNING)
    return {str(cell_id): offset for cell_id, offset in running.values_list("id", "output_offset")}


def run_state(*, actor: Actor, notebook_id: UUID, run_id: UUID) -> dict[str, Any]:
    """`{id, scope, status, cells: [{cell_id, cell_run_id, status}]}` in the order of execution."""
    require_role(actor, notebook_id, Role.VIEWER)
    run = Run.objects.filter(notebook_id=notebook_id, id=run_id).first()
    if run is None:
        raise NotFound("There is no such run in this notebook.")
    return run_json(run)


def run_json(run: Run) -> dict[str, Any]:
    cells = [
        {"cell_id": str(cell_id), "cell_run_id": str(key), "status": CellRunStatus(status).label}
        for cell_id, key, status in run.cell_runs.values_list("cell_id", "key", "status")
    ]
    return {"id": str(run.id), "scope": run.scope, "status": run.status, "cells": cells}


def _dependencies_json(known: dict[str, Any] | None) -> dict[str, Any]:
    """Of a cell that is no code, nothing."""
    if known is None:
        return {"reads": {}, "writes": [], "stale": False, "stale_reason": None}
    stale = known["stale"]
    return {
        "reads": known["reads"],
        "writes": known["writes"],
        "stale": stale is not None,
        "stale_reason": stale and stale["reason"],
    }


def _kernel_json(kernel: Kernel | None) -> dict[str, Any]:
    if kernel is None:
        return {"status": KernelStatus.OFF, "message": ""}
    return {"status": kernel.status, "message": kernel.message}
