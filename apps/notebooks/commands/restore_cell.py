from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit_each
from apps.notebooks.commands.create_cell import require_room
from apps.notebooks.events import CellRestored
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import order_keys_near
from apps.notebooks.queries import cell_json, get_cell_of_any_time

# In SQL, because a checkpoint can bring back thousands of cells, and bulk_update takes seconds for so many.
_SHOW_AGAIN = """
UPDATE notebooks_cell cell SET order_key = new.order_key, deleted_at = NULL, deleted_by = ''
FROM unnest(%s::uuid[], %s::text[]) AS new (id, order_key) WHERE cell.id = new.id
"""


@transaction.atomic
def restore_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID) -> Cell:
    """Bring a deleted cell back with its text and outputs, where it was. Event: cell_restored, unless it is there."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell_of_any_time(notebook.id, cell_id)
    if cell.deleted_at is not None:
        show_again(notebook, [cell], actor)
    return cell


def show_again(notebook: Notebook, cells: Sequence[Cell], actor: Actor) -> None:
    """Put deleted cells back into the locked notebook, and tell of them."""
    require_room(notebook, len(cells))
    keys = order_keys_near(notebook, actor, [cell.order_key for cell in cells])
    for cell, key in zip(cells, keys, strict=True):
        cell.order_key, cell.deleted_at, cell.deleted_by = key, None, ""
    with connection.cursor() as cursor:
        cursor.execute(_SHOW_AGAIN, [[cell.id for cell in cells], keys])
    append_events(notebook, actor, *(CellRestored(cell=cell_json(cell, [])) for cell in cells))
    details = [(actor, {"cell_id": str(cell.id), "version": cell.version}) for cell in cells]
    audit_each("restore_cell", notebook.id, details)
