"""Proposals as they stand now: rebased over what people have done since they were made, or found not to fit any more.

Nothing here writes: a row keeps what was proposed, on the version that it was proposed for, and each look works out the
rest from the edits since. So people who type while proposals are open pay nothing for them.
"""

from typing import Any, assert_never
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.changes import Change, Creation, Deletion, Move, Replacement
from apps.assistant.models import Proposal, ProposalKind, ProposalStatus
from apps.base.errors import NotFound
from apps.editing.changes import ChangeSet
from apps.editing.diff import diff
from apps.editing.rebase import rebased
from apps.editing.undo import Overwritten
from apps.notebooks.history import text_at
from apps.notebooks.models import Cell, CellEdit
from apps.notebooks.one_moment import one_moment
from apps.notebooks.positions import END, START, Position

Json = dict[str, Any]

MAX_OPEN = 200
MAX_LISTED = 500
# To rebase over more would take seconds; whoever waits so long asks again.
MAX_EDITS = 3_000

DELETED = "The cell was deleted."
OVERWRITTEN = "Somebody has changed the same text since."
EDITED = "Somebody has edited the cell since."
NO_PLACE = "The cell that it was to follow is gone."
TOO_OLD = "The cell was edited very often since."


class DoesNotFit(Exception):
    """Why a proposal cannot be accepted any more, for people."""


def proposals(*, actor: Actor, notebook_id: UUID, turn_id: UUID | None = None) -> list[Json]:
    """The open ones of the notebook, or all of a turn, the oldest first, as in docs/protocol.md ("Proposals")."""
    with one_moment():
        require_role(actor, notebook_id, Role.VIEWER)
        rows = Proposal.objects.filter(notebook_id=notebook_id).select_related("cell")
        rows = rows.filter(status=ProposalStatus.OPEN) if turn_id is None else rows.filter(turn_id=turn_id)
        return [proposal_json(row) for row in rows[:MAX_LISTED]]


def get_proposal(notebook_id: UUID, proposal_id: UUID) -> Proposal:
    found = Proposal.objects.filter(notebook_id=notebook_id, id=proposal_id).select_related("cell").first()
    if found is None:
        raise NotFound("There is no such proposal in this notebook.")
    return found


def proposal_json(proposal: Proposal) -> Json:
    """As in docs/protocol.md ("Proposals"): `stale` is the status of an open one that does not fit any more."""
    shown: Json = {
        "id": str(proposal.id),
        "turn_id": str(proposal.turn_id),
        "tool_call_id": str(proposal.tool_call_id),
        "kind": proposal.kind,
        "status": proposal.status,
        "problem": "",
        "cell_id": str(proposal.cell_id or proposal.new_cell_id),
        "cell_kind": proposal.cell_kind,
        "position": proposal.position or None,
        "note": proposal.note,
        "made_by": proposal.made_by,
        "created_at": proposal.created_at.isoformat(),
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
    }
    return shown | _texts_json(proposal)


def current_change(proposal: Proposal) -> Change:
    """What accepting it does now. DoesNotFit if it does not fit any more."""
    match ProposalKind(proposal.kind):
        case ProposalKind.CREATE:
            place = position_now(proposal.notebook_id, proposal.position)
            return Creation(proposal.cell_kind, proposal.source, place, proposal.new_cell_id)
        case ProposalKind.EDIT:
            cell = _live_cell(proposal)
            return Replacement(cell.id, cell.version, _rebased_text(proposal, cell))
        case ProposalKind.DELETE:
            cell = _live_cell(proposal)
            if cell.version != proposal.version:
                raise DoesNotFit(EDITED)
            return Deletion(cell.id, cell.version)
        case ProposalKind.MOVE:
            cell = _live_cell(proposal)
            place = position_now(proposal.notebook_id, proposal.position)
            if place == cell.id:
                raise DoesNotFit(NO_PLACE)
            return Move(cell.id, place)
        case kind:
            assert_never(kind)


def position_now(notebook_id: UUID, position: str) -> Position:
    """Where that is now: behind a cell that is gone, or that is itself only proposed, is where that one would be."""
    # A proposed cell can follow a proposed one, and so on; each is looked at once.
    for _ in range(MAX_OPEN):
        if position == "start":
            return START
        if position == "end":
            return END
        cell = Cell.objects.filter(notebook_id=notebook_id, id=position).first()
        if cell is not None:
            return cell.id if cell.deleted_at is None else _above(cell)
        proposed = Proposal.objects.filter(notebook_id=notebook_id, new_cell_id=position).first()
        if proposed is None:
            return END
        position = proposed.position
    return END


def _texts_json(proposal: Proposal) -> Json:
    """`version`, `changes`, `before` and `after`; if it does not fit any more, also `status` and `problem`.

    Of an edit that is not open, or does not fit, the texts are those of when it was made.
    """
    shown: Json = {"version": proposal.version, "changes": None, "before": None, "after": None}
    change: Change | None = None
    try:
        change = current_change(proposal) if proposal.status == ProposalStatus.OPEN else None
    except DoesNotFit as problem:
        shown |= {"status": "stale", "problem": str(problem)}
    cell = proposal.cell
    match ProposalKind(proposal.kind):
        case ProposalKind.CREATE:
            return shown | {"after": proposal.source}
        case ProposalKind.EDIT if cell and isinstance(change, Replacement):
            texts = {"version": change.version, "before": cell.source, "after": change.source}
            return shown | texts | {"changes": diff(cell.source, change.source).to_json()}
        case ProposalKind.EDIT if cell:
            before = text_at(cell, proposal.version or 0)
            return shown | {"before": before, "after": proposal.source, "changes": proposal.changes}
        case ProposalKind.DELETE if cell:
            return shown | {"before": cell.source}
        case _:
            return shown


def _live_cell(proposal: Proposal) -> Cell:
    if proposal.cell is None or proposal.cell.deleted_at is not None:
        raise DoesNotFit(DELETED)
    return proposal.cell


def _rebased_text(proposal: Proposal, cell: Cell) -> str:
    """The text that it makes of the cell as it is now."""
    assert proposal.version is not None
    if cell.version - proposal.version > MAX_EDITS:
        raise DoesNotFit(TOO_OLD)
    edits = CellEdit.objects.filter(cell=cell, version__gt=proposal.version).order_by("version")
    theirs = [ChangeSet.from_json(changes) for changes in edits.values_list("changes", flat=True)]
    mine = ChangeSet.from_json(proposal.changes)
    try:
        return rebased(text_at(cell, proposal.version), mine, theirs).apply(cell.source)
    except Overwritten:
        raise DoesNotFit(OVERWRITTEN) from None


def _above(cell: Cell) -> Position:
    """The place that a deleted cell had."""
    live = Cell.objects.filter(notebook_id=cell.notebook_id, deleted_at=None)
    above = live.filter(order_key__lt=cell.order_key).order_by("-order_key").first()
    return above.id if above else START
