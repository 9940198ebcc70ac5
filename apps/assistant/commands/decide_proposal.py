"""Proposals are accepted or rejected, by anyone who may edit the notebook."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actors import Actor, ActorKind
from apps.accounts.models import Role
from apps.assistant.changes import apply_change
from apps.assistant.events import ProposalDecided
from apps.assistant.models import Proposal, ProposalStatus
from apps.assistant.proposals import DoesNotFit, current_change, get_proposal, proposal_json
from apps.base.errors import Conflict
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook


@transaction.atomic
def accept_proposal(*, actor: Actor, notebook_id: UUID, proposal_id: UUID) -> Proposal:
    """Make the change, rebased over what people have done since, as an edit of the assistant's. Nothing is run.

    Events: those of the change, proposal_decided. Conflict, with the proposal as it stands, if it was decided already
    or does not fit any more.
    """
    notebook, proposal = _locked(actor, notebook_id, proposal_id)
    try:
        change = current_change(proposal)
    except DoesNotFit as problem:
        raise Conflict(
            f"{problem} So this proposal cannot be accepted as it is: reject it, or make the change by hand.",
            proposal=proposal_json(proposal),
        ) from None
    # The text is the assistant's, so the history says so; the right to put it there is that of whoever accepts.
    author = Actor(ActorKind.ASSISTANT, proposal.made_by, actor.user_id)
    proposal.done = apply_change(author, notebook_id, change)
    _decide(notebook, proposal, actor, ProposalStatus.ACCEPTED)
    return proposal


@transaction.atomic
def reject_proposal(*, actor: Actor, notebook_id: UUID, proposal_id: UUID) -> Proposal:
    """Event: proposal_decided. Conflict if it was decided already."""
    notebook, proposal = _locked(actor, notebook_id, proposal_id)
    _decide(notebook, proposal, actor, ProposalStatus.REJECTED)
    return proposal


def _locked(actor: Actor, notebook_id: UUID, proposal_id: UUID) -> tuple[Notebook, Proposal]:
    """The notebook, and an open proposal that nobody else can decide meanwhile."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    proposal = get_proposal(notebook_id, proposal_id)
    if proposal.status != ProposalStatus.OPEN:
        raise Conflict(
            f"{proposal.decided_by} has {proposal.status} this proposal already.",
            proposal=proposal_json(proposal),
        )
    return notebook, proposal


def _decide(notebook: Notebook, proposal: Proposal, actor: Actor, status: ProposalStatus) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, actor.label, timezone.now()
    proposal.save(update_fields=["status", "decided_by", "decided_at", "done"])
    # The commands of the change have numbered their events since the notebook was read.
    notebook.refresh_from_db(fields=["seq"])
    told = {"proposal_id": str(proposal.id), "status": str(status), "decided_by": actor.label}
    append_events(notebook, actor, ProposalDecided(**told))
    audit(
        actor, f"{status}_proposal", notebook.id, proposal_id=str(proposal.id), turn_id=str(proposal.turn_id)
    )
