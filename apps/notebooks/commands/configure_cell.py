from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.checks import checked_kind, checked_result_name
from apps.notebooks.events import CellConfigured
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell
from apps.notebooks.result_names import name_result


@transaction.atomic
def configure_cell(
    *,
    actor: Actor,
    notebook_id: UUID,
    cell_id: UUID,
    kind: str | None = None,
    is_disabled: bool | None = None,
    result_name: str | None = None,
) -> Cell:
    """Change the cell's kind, whether it may run, or what its result is called; None: as it is. Its outputs stay.

    Event: cell_configured.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    old = _settings(cell)
    cell.kind = cell.kind if kind is None else checked_kind(kind)
    cell.is_disabled = cell.is_disabled if is_disabled is None else is_disabled
    cell.result_name = cell.result_name if result_name is None else checked_result_name(result_name)
    name_result(notebook, cell)
    new = _settings(cell)
    if new == old:
        return cell
    audit(actor, "configure_cell", notebook.id, cell_id=str(cell.id), new=new, old=old)
    cell.save(update_fields=list(new))
    append_events(notebook, actor, CellConfigured.of(cell))
    return cell


def _settings(cell: Cell) -> dict[str, object]:
    return {"kind": cell.kind, "is_disabled": cell.is_disabled, "result_name": cell.result_name}
