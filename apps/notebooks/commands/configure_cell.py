from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.cell_display import display_of, with_display
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
    is_source_hidden: bool | None = None,
    are_outputs_hidden: bool | None = None,
    is_scrolled: bool | None = None,
    result_name: str | None = None,
) -> Cell:
    """Change the cell's kind, whether it may run, how much of it is shown, or what its result is called.

    None: as it is. Its outputs stay.

    `is_scrolled`: its outputs scroll in a box of limited height. Event: cell_configured.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    wanted = {
        "kind": None if kind is None else checked_kind(kind),
        "is_disabled": is_disabled,
        "result_name": None if result_name is None else checked_result_name(result_name),
        "is_source_hidden": is_source_hidden,
        "are_outputs_hidden": are_outputs_hidden,
        "is_scrolled": is_scrolled,
    }
    old = _settings_of(cell)
    given = {key: value for key, value in wanted.items() if value is not None}
    new = old | given
    cell.kind, cell.is_disabled, cell.result_name = new["kind"], new["is_disabled"], new["result_name"]
    name_result(notebook, cell)
    new["result_name"] = cell.result_name
    if new == old:
        return cell
    changed = [key for key in new if new[key] != old[key]]
    told = {"new": {key: new[key] for key in changed}, "old": {key: old[key] for key in changed}}
    audit(actor, "configure_cell", notebook.id, cell_id=str(cell.id), **told)
    cell.metadata = with_display(cell.metadata, {key: new[key] for key in changed if key in display_of({})})
    cell.save(update_fields=["kind", "is_disabled", "result_name", "metadata"])
    append_events(notebook, actor, configured(cell))
    return cell


def configured(cell: Cell) -> CellConfigured:
    """The event that tells all of the cell's settings as they are now."""
    return CellConfigured(
        cell_id=str(cell.id),
        kind=cell.kind,
        is_disabled=cell.is_disabled,
        result_name=cell.result_name,
        metadata=cell.metadata,
    )


def _settings_of(cell: Cell) -> dict[str, Any]:
    own = {"kind": cell.kind, "is_disabled": cell.is_disabled, "result_name": cell.result_name}
    return {**own, **display_of(cell.metadata)}
