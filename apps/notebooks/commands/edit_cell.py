from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict
from apps.editing.changes import replacement
from apps.notebooks.checks import checked_source
from apps.notebooks.commands.push_cell import store_updates
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell


@transaction.atomic
def edit_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID, source: str, expected_version: int) -> Cell:
    """Replace the whole text. Event: cell_updated, with the change as one change set.

    Conflict, with the current `version` and `source`, unless the cell is at `expected_version`.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    source = checked_source(source)
    if cell.version != expected_version:
        raise Conflict(
            f"The cell was edited since you read it: it is at version {cell.version} now, not "
            f"{expected_version}. Read it again and repeat your edit.",
            version=cell.version,
            source=cell.source,
        )
    if source == cell.source:
        return cell
    update = {"client_id": "", "changes": replacement(cell.source, source)}
    store_updates(notebook, cell, actor, [update])
    return cell
