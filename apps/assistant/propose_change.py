"""The command behind the tools that propose. People decide (commands/decide_proposal.py)."""

from typing import assert_never
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.changes import Change, Creation, Deletion, Move, Replacement, position_json
from apps.assistant.events import ProposalCreated
from apps.assistant.models import Proposal, ProposalKind, ProposalStatus, ToolCall
from apps.assistant.proposals import MAX_OPEN, proposal_json
from apps.base.errors import Invalid, TooLarge
from apps.base.ids import new_id
from apps.base.text import check_storable
from apps.editing.diff import diff
from apps.journal.record import append_events, audit
from apps.notebooks.checks import checked_kind, checked_source
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Notebook
from apps.notebooks.texts import require_version

MAX_NOTE_CHARS = 2_000


@transaction.atomic
def propose_change(
    *, actor: Actor, notebook_id: UUID, tool_call_id: UUID, change: Change, note: str = ""
) -> Proposal:
    """Keep the change that a call of a tool suggests for people to accept or reject. Editors. Event: proposal_created.

    Conflict as the command that would make it; Invalid if it would change nothing, TooLarge if too many are open.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    check_storable(note, field="note")
    if Proposal.objects.filter(notebook=notebook, status=ProposalStatus.OPEN).count() >= MAX_OPEN:
        raise TooLarge(f"There are {MAX_OPEN} open proposals in this notebook. Accept or reject some first.")
    proposal = _proposed(notebook, change)
    proposal.tool_call = ToolCall.objects.select_related("turn").get(id=tool_call_id)
    proposal.turn = proposal.tool_call.turn
    proposal.made_by, proposal.note = actor.label, note[:MAX_NOTE_CHARS]
    proposal.save(force_insert=True)
    append_events(notebook, actor, ProposalCreated(proposal=proposal_json(proposal)))
    audit(actor, "propose_change", notebook.id, proposal_id=str(proposal.id), kind=proposal.kind)
    return proposal


def _proposed(notebook: Notebook, change: Change) -> Proposal:
    match change:
        case Creation():
            return Proposal(
                notebook=notebook,
                kind=ProposalKind.CREATE,
                new_cell_id=change.cell_id or new_id(),
                cell_kind=checked_kind(change.kind),
                source=checked_source(change.source),
                position=position_json(change.after),
            )
        case Replacement():
            cell = get_cell(notebook, change.cell_id)
            require_version(cell, change.version, "Nothing was proposed")
            source = checked_source(change.source)
            if source == cell.source:
                raise Invalid("The cell has this text already: there is nothing to propose.")
            proposal = _about(notebook, change, ProposalKind.EDIT)
            proposal.source, proposal.changes = source, diff(cell.source, source).to_json()
            return proposal
        case Deletion():
            require_version(get_cell(notebook, change.cell_id), change.version, "Nothing was proposed")
            return _about(notebook, change, ProposalKind.DELETE)
        case Move():
            proposal = _about(notebook, change, ProposalKind.MOVE)
            proposal.position = position_json(change.after)
            return proposal
        case _:
            assert_never(change)


def _about(notebook: Notebook, change: Replacement | Deletion | Move, kind: ProposalKind) -> Proposal:
    cell = get_cell(notebook, change.cell_id)
    return Proposal(notebook=notebook, kind=kind, cell=cell, cell_kind=cell.kind, version=cell.version)
