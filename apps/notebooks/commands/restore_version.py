from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import audit
from apps.notebooks.history import text_at
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell
from apps.notebooks.texts import replace_text, require_version


@transaction.atomic
def restore_version(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, version: int, expected_version: int
) -> Cell:
    """Give the cell the text it had at `version`, as a new edit. Event: cell_updated.

    Conflict, with the current `version` and `source`, unless the cell is at `expected_version`.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    require_version(cell, expected_version, "The version was not restored")
    replace_text(notebook, cell, actor, text_at(cell, version))
    if cell.version != expected_version:
        audit(
            actor,
            "restore_version",
            notebook.id,
            cell_id=str(cell.id),
            restored=version,
            version=cell.version,
        )
    return cell
