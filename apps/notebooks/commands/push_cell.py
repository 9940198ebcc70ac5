from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict, Invalid, TooLarge
from apps.editing.changes import ChangeSet, apply, is_identity
from apps.journal.record import append_events, audit
from apps.notebooks.events import CellUpdated
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, CellEdit, Notebook
from apps.notebooks.queries import updates_since

# A client that was offline for long sends its keystrokes in several pushes.
MAX_UPDATES_A_PUSH = 1000


@transaction.atomic
def push_cell(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, version: int, client_id: str, changes: list[ChangeSet]
) -> Cell:
    """Apply an open editor's change sets, made on `version`. Event: cell_updated.

    Conflict, with the current `version` and the missed `updates`, unless the cell is at `version`; Invalid if a
    change set is malformed or does not fit the text.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    if not 0 <= version <= cell.version:
        raise Invalid(f"The cell never had version {version}.")
    if len(changes) > MAX_UPDATES_A_PUSH:
        raise TooLarge(f"Push at most {MAX_UPDATES_A_PUSH} change sets at once.")
    if cell.version != version:
        raise Conflict(
            "The cell was edited meanwhile: merge the missing updates and push again.",
            version=cell.version,
            updates=updates_since(cell, version),
        )
    if not changes or all(is_identity(change_set) for change_set in changes):
        return cell
    updates = [{"client_id": client_id, "changes": change_set} for change_set in changes]
    store_updates(notebook, cell, actor, updates)
    return cell


def store_updates(notebook: Notebook, cell: Cell, actor: Actor, updates: list[dict[str, Any]]) -> None:
    """Apply `{client_id, changes}` to the cell of a locked notebook, log each as an edit, and tell of all at once."""
    first = cell.version + 1
    for update in updates:
        cell.source = apply(cell.source, update["changes"])
    if len(cell.source) > settings.MAX_SOURCE_CHARS:
        raise TooLarge(f"A cell holds at most {settings.MAX_SOURCE_CHARS:,} characters.")
    cell.version += len(updates)
    cell.save(update_fields=["source", "version"])
    CellEdit.objects.bulk_create(
        CellEdit(
            cell=cell,
            version=first + index,
            actor_kind=actor.kind,
            actor_label=actor.label,
            **update,
        )
        for index, update in enumerate(updates)
    )
    append_events(notebook, actor, CellUpdated(cell_id=str(cell.id), version=cell.version, updates=updates))
    audit(actor, "edit_cell", notebook.id, cell_id=str(cell.id), version=cell.version)
