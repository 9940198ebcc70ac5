from collections.abc import Callable, Sequence
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
from apps.notebooks.models import Cell, CellEdit, CheckpointReason, Notebook
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
    plans = [
        way_back(cell, each.from_version, _is_by(author, each))
        for cell, each in zip(cells, edits, strict=True)
    ]
    if any(plan.changes for plan in plans):
        take_checkpoint(notebook, actor, CheckpointReason.UNDO, f"Before undoing edits of {author.label}")
    for plan in plans:
        go_back(notebook, actor, plan, author.label)
    return [UndoneCell(plan.cell.id, plan.outcome, plan.cell.version) for plan in plans]


@dataclass(frozen=True)
class WayBack:
    """What takes edits of a cell back; no changes, with the outcome that says why, if that cannot be done."""

    cell: Cell
    outcome: Outcome
    changes: ChangeSet | None = None


def way_back(cell: Cell, from_version: int, is_to_undo: Callable[[int, str, str], bool]) -> WayBack:
    """Of those edits after `from_version` of which `is_to_undo(version, kind of actor, label)` says so."""
    if cell.deleted_at is not None:
        return WayBack(cell, Outcome.DELETED)
    try:
        changes = undo(text_at(cell, from_version), _edits_since(cell, from_version, is_to_undo))
    except Overwritten:
        return WayBack(cell, Outcome.OVERWRITTEN)
    if changes.is_identity:
        return WayBack(cell, Outcome.NOTHING)
    return WayBack(cell, Outcome.UNDONE, changes)


def go_back(notebook: Notebook, actor: Actor, plan: WayBack, author_label: str) -> None:
    """In the locked notebook. Event: cell_updated, if there are changes."""
    if plan.changes:
        store_changes(notebook, plan.cell, actor, [plan.changes])
        audit(actor, "undo_edits", notebook.id, cell_id=str(plan.cell.id), author=author_label)


def check_edits_to_rebase(total: int) -> None:
    """TooLarge if undoing would take too long."""
    if total > MAX_EDITS_TO_REBASE:
        raise TooLarge(
            f"There are {total:,} edits from there to now, and at most {MAX_EDITS_TO_REBASE:,} can be undone at once. "
            "Restore an old version instead."
        )


def _is_by(author: Author, edits: EditRange) -> Callable[[int, str, str], bool]:
    def is_to_undo(version: int, kind: str, label: str) -> bool:
        return version <= edits.version and (kind, label) == (author.kind, author.label)

    return is_to_undo


def _check_ranges(cells: Sequence[Cell], edits: Sequence[EditRange]) -> None:
    for cell, each in zip(cells, edits, strict=True):
        if not 0 <= each.from_version <= each.version <= cell.version:
            raise Invalid(f"The cell never had the versions {each.from_version} to {each.version}.")
    check_edits_to_rebase(
        sum(cell.version - each.from_version for cell, each in zip(cells, edits, strict=True))
    )


def _edits_since(cell: Cell, from_version: int, is_to_undo: Callable[[int, str, str], bool]) -> list[Edit]:
    rows = CellEdit.objects.filter(cell=cell, version__gt=from_version).order_by("version")
    return [
        Edit(ChangeSet.from_json(changes), is_to_undo(version, kind, label))
        for version, changes, kind, label in rows.values_list(
            "version", "changes", "actor_kind", "actor_label"
        )
    ]
