"""Keystrokes of open editors. Several people's are taken together: the lock and the commit cost more than the rest."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict, DomainError, Invalid, TooLarge
from apps.editing.changes import ChangeSet
from apps.journal.record import audit_each
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.queries import updates_since
from apps.notebooks.texts import TextChange, change_text, store_texts

# A client that was offline for long sends its keystrokes in several pushes. Change sets of which others' edits have
# left nothing cost next to nothing, and have to come with the next that changes something.
MAX_UPDATES_A_PUSH = 1000
MAX_WITH_EMPTY_ONES = 20_000

Update = dict[str, Any]


@dataclass(frozen=True)
class Push:
    """An open editor's change sets, in their wire form, made on `version` of the cell."""

    actor: Actor
    cell_id: UUID
    version: int
    client_id: str
    changes: list[Any]


@transaction.atomic
def push_cells(*, notebook_id: UUID, pushes: Sequence[Push]) -> list[int | DomainError]:
    """Apply each in order, with one lock and one commit; for each the version after it, or why it was refused.

    What of a push was applied already, by one whose reply was lost, is not applied again. Conflict, with the current
    `version` and the missed `updates`, unless the cell is at the version the rest follows on; Invalid if a change set
    is malformed or does not fit the text. Event for each: cell_updated.
    """
    batch = _Batch(notebook_id)
    results: list[int | DomainError] = []
    for push in pushes:
        try:
            results.append(batch.apply(push))
        except DomainError as refusal:
            results.append(refusal)
    batch.store()
    return results


class _Batch:
    """The notebook, locked once, and its cells and their newest edits, read once, for pushes that follow each other."""

    def __init__(self, notebook_id: UUID) -> None:
        self._notebook_id = notebook_id
        self._notebook: Notebook | None = None
        self._allowed: set[Actor] = set()
        self._cells: dict[UUID, Cell] = {}
        self._changed: list[TextChange] = []
        # The edits of a cell, as `updates_since` gives them: the newest that are stored, and those of this batch.
        self._stored: dict[UUID, list[Update]] = {}
        self._new: defaultdict[UUID, list[Update]] = defaultdict(list)

    def apply(self, push: Push) -> int:
        """The version after it, which `store` keeps; or a refusal, after which nothing of it is kept."""
        change_sets = _checked_changes(push.changes)
        notebook = self._notebook_for(push.actor)
        cell = self._cell(notebook, push.cell_id)
        if not 0 <= push.version <= cell.version:
            raise Invalid(f"The cell never had version {push.version}.")
        missed = self._missed(cell, push.version)
        applied = _count_applied(missed, push.client_id, change_sets)
        if applied == len(change_sets):
            return push.version + applied
        if applied < len(missed):
            raise Conflict(
                "The cell was edited meanwhile: merge the missing updates and push again.",
                version=cell.version,
                updates=missed,
            )
        new = change_sets[applied:]
        if all(change_set.is_identity for change_set in new):
            return cell.version
        change = change_text(cell, push.actor, new, client_id=push.client_id)
        self._changed.append(change)
        self._new[cell.id] += [
            {"version": version, **update} for version, update in enumerate(change.updates, change.first)
        ]
        return cell.version

    def store(self) -> None:
        if self._notebook is None or not self._changed:
            return
        store_texts(self._notebook, self._changed)
        details = [
            (change.actor, {"cell_id": str(change.cell.id), "version": change.last})
            for change in self._changed
        ]
        audit_each("edit_cell", self._notebook_id, details)

    def _missed(self, cell: Cell, version: int) -> list[Update]:
        """The cell's edits after `version`, as many as are told at once."""
        new = self._new[cell.id]
        count = cell.version - len(new) - version  # of what is stored
        if count <= 0:
            return new[-count:]
        stored = self._stored.get(cell.id, [])
        if count > len(stored):
            stored = updates_since(cell, version)
            if len(stored) < count:  # more than are told at once
                return stored
            self._stored[cell.id] = stored
        return stored[len(stored) - count :] + new

    def _notebook_for(self, actor: Actor) -> Notebook:
        if self._notebook is None:
            self._notebook = lock_notebook_for(actor, self._notebook_id, Role.EDITOR)
        elif actor not in self._allowed:
            require_role(actor, self._notebook_id, Role.EDITOR)
        self._allowed.add(actor)
        return self._notebook

    def _cell(self, notebook: Notebook, cell_id: UUID) -> Cell:
        if cell_id not in self._cells:
            self._cells[cell_id] = get_cell(notebook, cell_id)
        return self._cells[cell_id]


def _checked_changes(changes: list[Any]) -> list[ChangeSet]:
    refusal = TooLarge(f"Push at most {MAX_UPDATES_A_PUSH:,} change sets at once.")
    if len(changes) > MAX_WITH_EMPTY_ONES:
        raise refusal
    change_sets = [ChangeSet.from_json(each) for each in changes]
    if sum(not each.is_identity for each in change_sets) > MAX_UPDATES_A_PUSH:
        raise refusal
    return change_sets


def _count_applied(missed: list[Update], client_id: str, change_sets: list[ChangeSet]) -> int:
    """How many of the change sets the cell's edits after the pushed version begin with."""
    count = 0
    for update, change_set in zip(missed, change_sets, strict=False):
        if (update["client_id"], update["changes"]) != (client_id, change_set.to_json()):
            break
        count += 1
    return count
