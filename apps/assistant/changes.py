"""What the assistant does to the document, as values: they can be done, shown before they are done, or proposed.

`apply_change` calls the commands that everyone calls, in its caller's transaction.
"""

from dataclasses import dataclass
from typing import Any, assert_never
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.notebooks import commands as notebooks
from apps.notebooks.models import Cell
from apps.notebooks.positions import Edge, Position
from apps.notebooks.queries import get_cell_for
from apps.notebooks.texts import require_version

Json = dict[str, Any]


@dataclass(frozen=True)
class Creation:
    """`cell_id` is the id that the cell is to have; None: any."""

    kind: str
    source: str
    after: Position
    cell_id: UUID | None = None


@dataclass(frozen=True)
class Replacement:
    """`version` is the one that `source` was made on."""

    cell_id: UUID
    version: int
    source: str


@dataclass(frozen=True)
class Move:
    cell_id: UUID
    after: Position


@dataclass(frozen=True)
class Deletion:
    cell_id: UUID
    version: int


Change = Creation | Replacement | Move | Deletion


def apply_change(actor: Actor, notebook_id: UUID, change: Change) -> Json:
    """Do it, and say what was done, as it is kept with the tool call so that it can be undone (commands/undo_turn.py).

    `{kind: "created", cell_id}`, `{kind: "edited", cell_id, from_version, version}`, `{kind: "deleted", cell_id,
    version}`, or `{kind: "moved", cell_id, from_key, to_key}`. Errors as those of the commands.
    """
    match change:
        case Creation():
            cell = notebooks.create_cell(
                actor=actor,
                notebook_id=notebook_id,
                kind=change.kind,
                source=change.source,
                after=change.after,
                cell_id=change.cell_id,
            )
            return {"kind": "created", "cell_id": str(cell.id)}
        case Replacement():
            cell = notebooks.edit_cell(
                actor=actor,
                notebook_id=notebook_id,
                cell_id=change.cell_id,
                source=change.source,
                expected_version=change.version,
            )
            versions = {"from_version": change.version, "version": cell.version}
            return {"kind": "edited", "cell_id": str(cell.id), **versions}
        case Deletion():
            cell = notebooks.delete_cell(
                actor=actor,
                notebook_id=notebook_id,
                cell_id=change.cell_id,
                expected_version=change.version,
            )
            return {"kind": "deleted", "cell_id": str(cell.id), "version": cell.version}
        case Move():
            return _move(actor, notebook_id, change)
        case _:
            assert_never(change)


def shown_change(actor: Actor, notebook_id: UUID, change: Change) -> Json:
    """What it would do, for the card on which a person decides: `{kind, cell_id, version, cell_kind, before, after}`.

    `before` and `after` are texts or null. `position` of a cell that is created or moved: the id of the cell that it
    is to follow, "start" or "end". Refused as the change itself: nobody is asked about what cannot be.
    """
    require_role(actor, notebook_id, Role.EDITOR)
    match change:
        case Creation():
            return {
                "kind": "create",
                "cell_id": None,
                "version": None,
                "cell_kind": change.kind,
                "before": None,
                "after": change.source,
                "position": position_json(change.after),
            }
        case Replacement() | Move() | Deletion():
            cell = get_cell_for(actor=actor, notebook_id=notebook_id, cell_id=change.cell_id)
            if not isinstance(change, Move):
                require_version(cell, change.version, "Nothing was changed")
            shown = {"cell_id": str(cell.id), "version": cell.version, "cell_kind": cell.kind}
            return shown | _difference(cell, change)
        case _:
            assert_never(change)


def position_json(position: Position) -> str:
    return position.value if isinstance(position, Edge) else str(position)


def _difference(cell: Cell, change: Replacement | Move | Deletion) -> Json:
    match change:
        case Replacement():
            return {"kind": "edit", "before": cell.source, "after": change.source}
        case Deletion():
            return {"kind": "delete", "before": cell.source, "after": None}
        case Move():
            texts = {"before": cell.source, "after": cell.source}
            return {"kind": "move", **texts, "position": position_json(change.after)}
        case _:
            assert_never(change)


def _move(actor: Actor, notebook_id: UUID, change: Move) -> Json:
    before = get_cell_for(actor=actor, notebook_id=notebook_id, cell_id=change.cell_id)
    cell = notebooks.move_cell(
        actor=actor, notebook_id=notebook_id, cell_id=change.cell_id, after=change.after
    )
    return {
        "kind": "moved",
        "cell_id": str(cell.id),
        "from_key": before.order_key,
        "to_key": cell.order_key,
    }
