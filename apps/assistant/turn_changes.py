"""What a turn has done to the notebook, from the rows of its tool calls and of its accepted proposals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.models import Proposal, ProposalStatus, ToolCall, ToolCallStatus, Turn, TurnUndo
from apps.base.errors import NotFound
from apps.execution.models import Run
from apps.execution.queries import run_json
from apps.notebooks.history import text_at
from apps.notebooks.models import Cell
from apps.notebooks.one_moment import one_moment

Json = dict[str, Any]

MAX_RUNS = 100


@dataclass
class CellChanges:
    """What a turn did to one cell: `kinds` in order, as `changes.apply_change` names them.

    `ranges` are those of its edits, each from a version to a version; a move goes from the first of `keys` to the last.
    """

    cell_id: UUID
    kinds: list[str] = field(default_factory=list)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def versions(self) -> set[int]:
        return {version for first, last in self.ranges for version in range(first + 1, last + 1)}

    @property
    def is_created(self) -> bool:
        return "created" in self.kinds

    def add(self, done: Json) -> None:
        match done["kind"]:
            case "edited" if done["from_version"] < done["version"]:
                self.ranges.append((done["from_version"], done["version"]))
            case "moved" if done["from_key"] != done["to_key"]:
                self.keys += [done["from_key"], done["to_key"]] if not self.keys else [done["to_key"]]
            case "edited" | "moved":
                return  # nothing was changed
        if done["kind"] not in self.kinds:
            self.kinds.append(done["kind"])


def get_turn_of(notebook_id: UUID, turn_id: UUID) -> Turn:
    turn = Turn.objects.filter(notebook_id=notebook_id, id=turn_id).select_related("undo").first()
    if turn is None:
        raise NotFound("There is no such turn in this notebook.")
    return turn


def turn_changes(*, actor: Actor, notebook_id: UUID, turn_id: UUID) -> Json:
    """`{turn_id, cells, runs, undo}` as in docs/protocol.md ("What a turn changed")."""
    with one_moment():
        require_role(actor, notebook_id, Role.VIEWER)
        turn = get_turn_of(notebook_id, turn_id)
        changes = changes_of(turn)
        cells = Cell.objects.in_bulk([each.cell_id for each in changes])
        undo = getattr(turn, "undo", None)
        return {
            "turn_id": str(turn.id),
            "cells": [_cell_json(each, cells[each.cell_id]) for each in changes if each.cell_id in cells],
            "runs": [run_json(run) for run in _runs(turn)],
            "undo": undo_json(undo) if undo else None,
        }


def changes_of(turn: Turn) -> list[CellChanges]:
    """For each cell, in the order in which the turn came to it."""
    changes: dict[str, CellChanges] = {}
    for done in _done(turn):
        cell_id = done["cell_id"]
        changes.setdefault(cell_id, CellChanges(UUID(cell_id))).add(done)
    return [each for each in changes.values() if each.kinds]


def undo_json(undo: TurnUndo) -> Json:
    """With both texts of each cell where undoing could not be exact: the one to go back to, and the one there is."""
    cells = Cell.objects.in_bulk([entry["cell_id"] for entry in undo.cells])
    return {
        "undone_by": undo.undone_by,
        "undone_at": undo.undone_at.isoformat(),
        "cells": [entry | _both_texts(entry, cells.get(UUID(entry["cell_id"]))) for entry in undo.cells],
    }


def run_ids_of(turn: Turn) -> list[UUID]:
    """The runs that the turn has asked for, whether or not their tools have ended."""
    calls = ToolCall.objects.filter(turn=turn, state__has_key="run_id").order_by("started_at")
    return [UUID(state["run_id"]) for state in calls.values_list("state", flat=True) if state]


def _done(turn: Turn) -> list[Json]:
    """All that was done, in order of time."""
    calls = ToolCall.objects.filter(turn=turn, status=ToolCallStatus.DONE, is_error=False)
    accepted = Proposal.objects.filter(turn=turn, status=ProposalStatus.ACCEPTED)
    timed: list[tuple[datetime, Json]] = []
    for finished_at, details in calls.values_list("finished_at", "details"):
        if finished_at and "change" in details:
            timed.append((finished_at, details["change"]))
    for decided_at, done in accepted.values_list("decided_at", "done"):
        if decided_at and done:
            timed.append((decided_at, done))
    return [done for _, done in sorted(timed, key=lambda pair: pair[0])]


def _runs(turn: Turn) -> Sequence[Run]:
    runs = Run.objects.filter(notebook_id=turn.notebook_id).in_bulk(run_ids_of(turn)[:MAX_RUNS])
    return list(runs.values())


def _cell_json(changes: CellChanges, cell: Cell) -> Json:
    """`before` is null for a cell that the turn made, `after` for one that it deleted."""
    first = min((first for first, _ in changes.ranges), default=0 if changes.is_created else cell.version)
    last = max((last for _, last in changes.ranges), default=first)
    return {
        "cell_id": str(cell.id),
        "kind": cell.kind,
        "changes": changes.kinds,
        "from_version": first,
        "version": last,
        "before": None if changes.is_created else text_at(cell, first),
        "after": None if changes.kinds[-1] == "deleted" else text_at(cell, last),
        "is_deleted": cell.deleted_at is not None,
    }


def _both_texts(entry: Json, cell: Cell | None) -> Json:
    if entry["outcome"] in ("undone", "nothing") or cell is None:
        return {"before": None, "now": None}
    before = None if entry["change"] == "created" else text_at(cell, entry["from_version"])
    return {"before": before, "now": None if cell.deleted_at else cell.source}
