from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.checks import checked_kind
from apps.notebooks.events import CellConfigured
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell


@transaction.atomic
def configure_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID, kind: str) -> Cell:
    """Change the cell's kind; its outputs stay. Event: cell_configured."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    kind = checked_kind(kind)
    if kind == cell.kind:
        return cell
    audit(actor, "configure_cell", notebook.id, cell_id=str(cell.id), kind=kind, old_kind=cell.kind)
    cell.kind = kind
    cell.save(update_fields=["kind"])
    append_events(notebook, actor, CellConfigured(cell_id=str(cell.id), kind=cell.kind))
    return cell
