from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict
from apps.journal.record import append_events, audit
from apps.notebooks.events import CellDeleted
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell


@transaction.atomic
def delete_cell(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, expected_version: int | None = None
) -> Cell:
    """Hide the cell; its row, edits and outputs stay. Event: cell_deleted.

    Conflict, with the current `version` and `source`, if `expected_version` is given and not the cell's.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    if expected_version not in (None, cell.version):
        raise Conflict(
            "The cell was edited since you saw it, so it was not deleted. Look at it again first.",
            version=cell.version,
            source=cell.source,
        )
    cell.deleted_at = timezone.now()
    cell.save(update_fields=["deleted_at"])
    append_events(notebook, actor, CellDeleted(cell_id=str(cell.id)))
    audit(actor, "delete_cell", notebook.id, cell_id=str(cell.id), version=cell.version)
    return cell
