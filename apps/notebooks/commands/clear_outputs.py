from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict
from apps.journal.record import append_events, audit
from apps.notebooks.events import OutputsCleared
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, CellStatus, Notebook, Output


@transaction.atomic
def clear_outputs(*, actor: Actor, notebook_id: UUID, cell_id: UUID | None = None) -> None:
    """Delete what the cell put out, or, without `cell_id`, what all cells did that do not run. Event: outputs_cleared.

    How it ran stays: status, execution count and times. `output_offset` stays too, because it counts what was put out.
    Conflict while the cell runs: its lane appends to what it knows is there.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    if cell_id is not None and get_cell(notebook, cell_id).status == CellStatus.RUNNING:
        raise Conflict(
            "The cell is running: interrupt it, or wait, and clear its outputs then.", cell_id=str(cell_id)
        )
    cell_ids = _with_outputs(notebook, None if cell_id is None else [cell_id])
    if not cell_ids:
        return
    Output.objects.filter(cell_id__in=cell_ids).delete()
    told = [str(each) for each in cell_ids]
    append_events(notebook, actor, OutputsCleared(cell_ids=told))
    audit(actor, "clear_outputs", notebook.id, cell_ids=told)


def _with_outputs(notebook: Notebook, among: Collection[UUID] | None) -> list[UUID]:
    """The live cells that show outputs and do not run, in document order."""
    cells = Cell.objects.filter(notebook_id=notebook.id, deleted_at=None).exclude(status=CellStatus.RUNNING)
    if among is not None:
        cells = cells.filter(id__in=among)
    with_outputs = Output.objects.filter(cell__notebook_id=notebook.id).values("cell_id")
    return list(cells.filter(id__in=with_outputs).order_by("order_key").values_list("id", flat=True))
