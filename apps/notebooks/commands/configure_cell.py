from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.cell_display import display_of, with_display
from apps.notebooks.checks import checked_cache_seconds, checked_kind, checked_result_name
from apps.notebooks.events import CellConfigured
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell
from apps.notebooks.result_names import name_result

_COLUMNS = ("kind", "is_disabled", "result_name", "cache_seconds")


@transaction.atomic
def configure_cell(
    *,
    actor: Actor,
    notebook_id: UUID,
    cell_id: UUID,
    kind: str | None = None,
    is_disabled: bool | None = None,
    result_name: str | None = None,
    cache_seconds: int | None = None,
    is_source_hidden: bool | None = None,
    are_outputs_hidden: bool | None = None,
    is_scrolled: bool | None = None,
) -> Cell:
    """Change the cell's kind, whether it may run, its result's name, how long a database's answer is kept, or how much
    of it is shown; None: as it is.

    Its outputs stay. `is_scrolled`: they scroll in a box of limited height. Event: cell_configured.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    old = _settings_of(cell)
    cell.kind = cell.kind if kind is None else checked_kind(kind)
    cell.is_disabled = cell.is_disabled if is_disabled is None else is_disabled
    cell.result_name = cell.result_name if result_name is None else checked_result_name(result_name)
    name_result(notebook, cell)
    cell.cache_seconds = cell.cache_seconds if cache_seconds is None else checked_cache_seconds(cache_seconds)
    display = {
        "is_source_hidden": is_source_hidden,
        "are_outputs_hidden": are_outputs_hidden,
        "is_scrolled": is_scrolled,
    }
    given = {name: value for name, value in display.items() if value not in (None, old[name])}
    cell.metadata = with_display(cell.metadata, given)
    new = _settings_of(cell)
    changed = [name for name in new if new[name] != old[name]]
    if not changed:
        return cell
    told = {"new": {name: new[name] for name in changed}, "old": {name: old[name] for name in changed}}
    audit(actor, "configure_cell", notebook.id, cell_id=str(cell.id), **told)
    cell.save(update_fields=[*_COLUMNS, "metadata"])
    append_events(notebook, actor, CellConfigured.of(cell))
    return cell


def _settings_of(cell: Cell) -> dict[str, Any]:
    return {name: getattr(cell, name) for name in _COLUMNS} | display_of(cell.metadata)
