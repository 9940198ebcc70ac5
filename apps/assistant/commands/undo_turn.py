"""Undoing what a turn of the assistant did to the document, at any later time, while what people did since stays."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.events import TurnUndone
from apps.assistant.models import UNFINISHED, TurnUndo
from apps.assistant.turn_changes import CellChanges, changes_of, get_turn_of, undo_json
from apps.base.errors import Conflict, Invalid
from apps.journal.record import append_events, audit
from apps.notebooks.checkpoints import take_checkpoint
from apps.notebooks.commands.delete_cell import hide_cell
from apps.notebooks.commands.move_cell import put_at
from apps.notebooks.commands.restore_cell import show_again
from apps.notebooks.commands.undo_edits import check_edits_to_rebase, go_back, way_back
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell, CellEdit, CheckpointReason, Notebook
from apps.notebooks.positions import order_keys_near

Json = dict[str, Any]


class TurnOutcome(StrEnum):
    """What became of one change of one cell. Beside undo_edits.Outcome, whose names mean the same here."""

    UNDONE = "undone"
    NOTHING = "nothing"
    """There was nothing left of it."""
    KEPT = "kept"
    """The turn made the cell, and others have edited it since."""
    MOVED = "moved"
    """Others have moved the cell since."""


@transaction.atomic
def undo_turn(*, actor: Actor, notebook_id: UUID, turn_id: UUID) -> Json:
    """Take back all that the turn, and proposals of it that were accepted, did to cells. Editors.

    Cells that it deleted come back, moves and edits are taken back, cells that it made go; each whole or, with the
    outcome that says why, not at all. Runs are not taken back. Returns `turn_changes.undo_json`.

    Events: checkpoint_created, those of each change, turn_undone. Conflict while the turn goes on, or if it was undone
    already; Invalid if it changed nothing.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    turn = get_turn_of(notebook_id, turn_id)
    if turn.status in UNFINISHED:
        raise Conflict("This turn has not ended. Stop it first, then undo it.")
    if (known := getattr(turn, "undo", None)) is not None:
        raise Conflict(f"{known.undone_by} has undone this turn already.", undo=undo_json(known))
    changes = changes_of(turn)
    if not changes:
        raise Invalid("This turn changed no cell, so there is nothing to undo.")
    take_checkpoint(
        notebook, actor, CheckpointReason.UNDO, f"Before undoing a turn for {turn.asked_by_label}"
    )
    entries = _undo_all(notebook, actor, changes, author=f"the assistant for {turn.asked_by_label}")
    undo = TurnUndo.objects.create(turn=turn, cells=entries, undone_by=actor.label)
    told = [{name: entry[name] for name in ("cell_id", "change", "outcome")} for entry in entries]
    append_events(notebook, actor, TurnUndone(turn_id=str(turn.id), undone_by=undo.undone_by, cells=told))
    audit(actor, "undo_turn", notebook.id, turn_id=str(turn.id), cells=told)
    return undo_json(undo)


def _undo_all(notebook: Notebook, actor: Actor, changes: Sequence[CellChanges], author: str) -> list[Json]:
    rows = Cell.objects.filter(notebook_id=notebook.id).in_bulk([each.cell_id for each in changes])
    pairs = [(each, rows[each.cell_id]) for each in changes if each.cell_id in rows]
    made = [pair for pair in pairs if pair[0].is_created]
    others = [pair for pair in pairs if not pair[0].is_created]
    check_edits_to_rebase(
        sum(cell.version - min(first for first, _ in each.ranges) for each, cell in others if each.ranges)
    )
    # Cells come back before they are moved, and cells to remove go last: so places are those of then.
    return [
        *_bring_back(notebook, actor, [pair for pair in others if "deleted" in pair[0].kinds]),
        *(_move_back(notebook, actor, *pair) for pair in others if pair[0].keys),
        *(_take_back(notebook, actor, *pair, author) for pair in others if pair[0].ranges),
        *(_remove(notebook, actor, *pair) for pair in made),
    ]


def _bring_back(notebook: Notebook, actor: Actor, deleted: Sequence[tuple[CellChanges, Cell]]) -> list[Json]:
    gone = [cell for _, cell in deleted if cell.deleted_at is not None]
    if gone:
        show_again(notebook, gone, actor)
    return [
        _entry(changes, cell, "deleted", TurnOutcome.UNDONE if cell in gone else TurnOutcome.NOTHING)
        for changes, cell in deleted
    ]


def _move_back(notebook: Notebook, actor: Actor, changes: CellChanges, cell: Cell) -> Json:
    """To where it was before its first move, unless somebody has moved it since its last."""
    if cell.deleted_at is not None:
        return _entry(changes, cell, "moved", "deleted")
    cell.refresh_from_db(fields=["order_key"])  # others may have got new keys
    if cell.order_key != changes.keys[-1]:
        return _entry(changes, cell, "moved", TurnOutcome.MOVED)
    if changes.keys[0] == changes.keys[-1]:
        return _entry(changes, cell, "moved", TurnOutcome.NOTHING)
    (key,) = order_keys_near(notebook, actor, [changes.keys[0]])
    put_at(notebook, cell, actor, key)
    return _entry(changes, cell, "moved", TurnOutcome.UNDONE)


def _take_back(notebook: Notebook, actor: Actor, changes: CellChanges, cell: Cell, author: str) -> Json:
    """Its edits, and no one else's."""
    versions = changes.versions
    first = min(first for first, _ in changes.ranges)
    plan = way_back(cell, first, lambda version, kind, label: version in versions)
    go_back(notebook, actor, plan, author)
    return _entry(changes, cell, "edited", plan.outcome)


def _remove(notebook: Notebook, actor: Actor, changes: CellChanges, cell: Cell) -> Json:
    """A cell that it made, unless somebody else has edited it since."""
    if cell.deleted_at is not None:
        return _entry(changes, cell, "created", TurnOutcome.NOTHING)
    if CellEdit.objects.filter(cell=cell).exclude(version__in=changes.versions).exists():
        return _entry(changes, cell, "created", TurnOutcome.KEPT)
    hide_cell(notebook, cell, actor)
    return _entry(changes, cell, "created", TurnOutcome.UNDONE)


def _entry(changes: CellChanges, cell: Cell, change: str, outcome: str) -> Json:
    first = min((first for first, _ in changes.ranges), default=cell.version)
    return {"cell_id": str(cell.id), "change": change, "outcome": str(outcome), "from_version": first}
