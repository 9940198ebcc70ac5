from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict, Invalid, TooLarge
from apps.editing.changes import ChangeSet
from apps.journal.record import audit
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.queries import updates_since
from apps.notebooks.texts import store_changes

# A client that was offline for long sends its keystrokes in several pushes. Change sets of which others' edits have
# left nothing cost next to nothing, and have to come with the next that changes something.
MAX_UPDATES_A_PUSH = 1000
MAX_WITH_EMPTY_ONES = 20_000


@transaction.atomic
def push_cell(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, version: int, client_id: str, changes: list[Any]
) -> int:
    """Apply an open editor's change sets, made on `version`; the version after them. Event: cell_updated.

    What of them was applied already, by a push whose reply was lost, is not applied again. Conflict, with the
    current `version` and the missed `updates`, unless the cell is at the version they follow on; Invalid if a change
    set is malformed or does not fit the text.
    """
    change_sets = _checked_changes(changes)
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    if not 0 <= version <= cell.version:
        raise Invalid(f"The cell never had version {version}.")
    missed = updates_since(cell, version) if version < cell.version else []
    applied = _count_applied(missed, client_id, change_sets)
    if applied == len(change_sets):
        return version + applied
    if applied < len(missed):
        raise Conflict(
            "The cell was edited meanwhile: merge the missing updates and push again.",
            version=cell.version,
            updates=missed,
        )
    new = change_sets[applied:]
    if all(change_set.is_identity for change_set in new):
        return cell.version
    store_changes(notebook, cell, actor, new, client_id=client_id)
    audit(actor, "edit_cell", notebook.id, cell_id=str(cell.id), version=cell.version)
    return cell.version


def _checked_changes(changes: list[Any]) -> list[ChangeSet]:
    refusal = TooLarge(f"Push at most {MAX_UPDATES_A_PUSH:,} change sets at once.")
    if len(changes) > MAX_WITH_EMPTY_ONES:
        raise refusal
    change_sets = [ChangeSet.from_json(each) for each in changes]
    if sum(not each.is_identity for each in change_sets) > MAX_UPDATES_A_PUSH:
        raise refusal
    return change_sets


def _count_applied(missed: list[dict[str, Any]], client_id: str, change_sets: list[ChangeSet]) -> int:
    """How many of the change sets the cell's edits after the pushed version begin with."""
    count = 0
    for update, change_set in zip(missed, change_sets, strict=False):
        if (update["client_id"], update["changes"]) != (client_id, change_set.to_json()):
            break
        count += 1
    return count
