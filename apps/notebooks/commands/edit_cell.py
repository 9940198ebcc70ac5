from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import audit
from apps.notebooks.checks import checked_source
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell
from apps.notebooks.texts import replace_text, require_version


@transaction.atomic
def edit_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID, source: str, expected_version: int) -> Cell:
    """Replace the whole text. Event: cell_updated, with the difference as one change set.

    Conflict, with the current `version` and `source`, unless the cell is at `expected_version`.
    """
    source = checked_source(source)
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    require_version(cell, expected_version, "The text was not replaced")
    if source == cell.source:
        return cell
    replace_text(notebook, cell, actor, source)
    audit(actor, "edit_cell", notebook.id, cell_id=str(cell.id), version=cell.version)
    return cell
