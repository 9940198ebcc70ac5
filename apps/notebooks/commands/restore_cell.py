from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.commands.create_cell import require_room
from apps.notebooks.events import CellRestored
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import order_key_near
from apps.notebooks.queries import cell_json, get_cell_of_any_time


@transaction.atomic
def restore_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID) -> Cell:
    """Bring a deleted cell back with its text and outputs, where it was. Event: cell_restored, unless it is there."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell_of_any_time(notebook.id, cell_id)
    if cell.deleted_at is not None:
        show_again(notebook, cell, actor)
    return cell


def show_again(notebook: Notebook, cell: Cell, actor: Actor) -> None:
    """Put a deleted cell back into the locked notebook, and tell of it."""
    require_room(notebook)
    cell.order_key = order_key_near(notebook, actor, cell.order_key)
    cell.deleted_at, cell.deleted_by = None, ""
    cell.save(update_fields=["order_key", "deleted_at", "deleted_by"])
    append_events(notebook, actor, CellRestored(cell=cell_json(cell, [])))
    audit(actor, "restore_cell", notebook.id, cell_id=str(cell.id), version=cell.version)
