from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.checkpoints import take_checkpoint_before_deleting
from apps.notebooks.events import CellDeleted
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.signals import cell_hidden
from apps.notebooks.texts import require_version


@transaction.atomic
def delete_cell(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, expected_version: int | None = None
) -> Cell:
    """Hide the cell; its row, edits and outputs stay. Events: checkpoint_created, cell_deleted.

    Conflict, with the current `version` and `source`, if `expected_version` is given and not the cell's.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    if expected_version is not None:
        require_version(cell, expected_version, "The cell was not deleted")
    if cell.source:
        take_checkpoint_before_deleting(notebook, actor)
    hide_cell(notebook, cell, actor)
    return cell


def hide_cell(notebook: Notebook, cell: Cell, actor: Actor) -> None:
    """Take a live cell out of the locked notebook, and tell of it."""
    cell.deleted_at = timezone.now()
    cell.deleted_by = actor.label
    cell.save(update_fields=["deleted_at", "deleted_by"])
    append_events(notebook, actor, CellDeleted(cell_id=str(cell.id)))
    audit(actor, "delete_cell", notebook.id, cell_id=str(cell.id), version=cell.version)
    cell_hidden.send(None, notebook_id=notebook.id)
