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
def configure_cell(
    *,
    actor: Actor,
    notebook_id: UUID,
    cell_id: UUID,
    kind: str | None = None,
    is_disabled: bool | None = None,
) -> Cell:
    """Change the cell's kind, or whether it may run; None: as it is. Its outputs stay. Event: cell_configured."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    old = {"kind": cell.kind, "is_disabled": cell.is_disabled}
    new = {
        "kind": cell.kind if kind is None else checked_kind(kind),
        "is_disabled": cell.is_disabled if is_disabled is None else is_disabled,
    }
    if new == old:
        return cell
    audit(actor, "configure_cell", notebook.id, cell_id=str(cell.id), new=new, old=old)
    cell.kind, cell.is_disabled = str(new["kind"]), bool(new["is_disabled"])
    cell.save(update_fields=["kind", "is_disabled"])
    event = CellConfigured(cell_id=str(cell.id), kind=cell.kind, is_disabled=cell.is_disabled)
    append_events(notebook, actor, event)
    return cell
