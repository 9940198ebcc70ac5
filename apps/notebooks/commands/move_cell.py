from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid
from apps.journal.record import append_events, audit
from apps.notebooks.events import CellMoved
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import Position, is_at, order_key_at


@transaction.atomic
def move_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID, after: Position) -> Cell:
    """Event: cell_moved, unless it is there already."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    if after == cell_id:
        raise Invalid("A cell cannot be put after itself.")
    if is_at(cell, after):
        return cell
    put_at(notebook, cell, actor, order_key_at(notebook, actor, after, moving=cell.id))
    return cell


def put_at(notebook: Notebook, cell: Cell, actor: Actor, order_key: str) -> None:
    """Give a cell of the locked notebook a key that no other has, and tell of it."""
    cell.order_key = order_key
    cell.save(update_fields=["order_key"])
    append_events(notebook, actor, CellMoved(cell_id=str(cell.id), order_key=cell.order_key))
    audit(actor, "move_cell", notebook.id, cell_id=str(cell.id))
