from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, TooLarge
from apps.editing.changes import ChangeSet
from apps.editing.undo import Edit, Overwritten, undo
from apps.journal.record import audit
from apps.notebooks.checkpoints import take_checkpoint
from apps.notebooks.history import text_at
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell, CellEdit, CheckpointReason
from apps.notebooks.queries import get_cell_of_any_time
from apps.notebooks.texts import store_changes

MAX_CELLS_AT_ONCE = 1000
# Rebasing more edits of authors who take turns key by key would hold the notebook's lock for many seconds.
MAX_EDITS_TO_REBASE = 3_000


class Outcome(StrEnum):
    UNDONE = "undone"
    NOTHING = "nothing"
    """There is nothing left of the edits."""
    OVERWRITTEN = "overwritten"
    """Somebody has changed the same text since."""
    DELETED = "deleted"


@dataclass(frozen=True)
class Author:
    """Whose edits are undone: the kind and label of an actor."""

    kind: str
    label: str


@dataclass(frozen=True)
class EditRange:
    """A cell's edits after `from_version`, up to `version`."""

    cell_id: UUID
    from_version: int
    version: int


@dataclass(frozen=True)
class UndoneCell:
    cell_id: UUID
    outcome: Outcome
    version: int

    def as_json(self) -> dict[str, Any]:
        return {"cell_id": str(self.cell_id), "outcome": self.outcome, "version": self.version}


@transaction.atomic
def undo_edits(
    *, actor: Actor, notebook_id: UUID, author: Author, edits: Sequence[EditRange]
) -> list[UndoneCell]:
    """Take back the author's edits in the ranges, and no one else's: what others typed since stays.

    Each cell is undone as a whole or, with the outcome that says why, left alone. Events: checkpoint_created and a
    cell_updated for each cell undone.
    """
    if len(edits) > MAX_CELLS_AT_ONCE:
        raise TooLarge(f"Undo edits of at most {MAX_CELLS_AT_ONCE:,} cells at once.")
    if len({each.cell_id for each in edits}) < len(edits):
        raise Invalid("Give one range of edits for each cell.", field="edits")
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cells = [get_cell_of_any_time(notebook.id, each.cell_id) for each in edits]
    _check_ranges(cells, edits)
    plans = [_plan(cell, author, each) for cell, each in zip(cells, edits, strict=True)]
    if any(plan.changes for plan in plans):
        take_checkpoint(notebook, actor, CheckpointReason.UNDO, f"Before undoing edits of {author.label}")
    for plan in plans:
        if plan.changes:
            store_changes(notebook, plan.cell, actor, [plan.changes])
            audit(actor, "undo_edits", notebook.id, cell_id=str(plan.cell.id), author=author.label)
    return [UndoneCell(plan.cell.id, plan.outcome, plan.cell.version) for plan in plans]


@dataclass(frozen=True)
class _Plan:
    cell: Cell
    outcome: Outcome
    changes: ChangeSet | None = None


def _check_ranges(cells: Sequence[Cell], edits: Sequence[EditRange]) -> None:
    for cell, each in zip(cells, edits, strict=True):
        if not 0 <= each.from_version <= each.version <= cell.version:
            raise Invalid(f"The cell never had the versions {each.from_version} to {each.version}.")
    total = sum(cell.version - each.from_version for cell, each in zip(cells, edits, strict=True))
    if total > MAX_EDITS_TO_REBASE:
        raise TooLarge(
            f"There are {total:,} edits from there to now, and at most {MAX_EDITS_TO_REBASE:,} can be undone at once. "
            "Restore an old version instead."
        )


def _plan(cell: Cell, author: Author, edits: EditRange) -> _Plan:
    if cell.deleted_at is not None:
        return _Plan(cell, Outcome.DELETED)
    try:
        changes = undo(text_at(cell, edits.from_version), _edits_since(cell, author, edits))
    except Overwritten:
        return _Plan(cell, Outcome.OVERWRITTEN)
    if changes.is_identity:
        return _Plan(cell, Outcome.NOTHING)
    return _Plan(cell, Outcome.UNDONE, changes)


def _edits_since(cell: Cell, author: Author, edits: EditRange) -> list[Edit]:
    rows = CellEdit.objects.filter(cell=cell, version__gt=edits.from_version).order_by("version")
    return [
        Edit(
            ChangeSet.from_json(changes),
            version <= edits.version and (kind, label) == (author.kind, author.label),
        )
        for version, changes, kind, label in rows.values_list(
            "version", "changes", "actor_kind", "actor_label"
        )
    ]
