"""notebooks/{id}/proposals/, and what turns changed: turns/{id}/changes/ and …/undo/"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import proposal_shapes as shapes
from apps.api import requests
from apps.api.view import ApiView
from apps.assistant import commands as assistant
from apps.assistant.proposals import proposal_json, proposals
from apps.assistant.turn_changes import turn_changes


class ProposalListView(ApiView):
    @extend_schema(
        operation_id="list_proposals", parameters=[shapes.ProposalQuery], responses=shapes.ProposalList
    )
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """What the assistant proposes and nobody has decided yet, as it stands now; the oldest first."""
        query = self.query(shapes.ProposalQuery)
        found = proposals(actor=self.actor, notebook_id=notebook_id, **query)
        return Response({"proposals": found})


class ProposalAcceptView(ApiView):
    @extend_schema(operation_id="accept_proposal", request=requests.Nothing, responses=shapes.Proposal)
    def post(self, request: Request, notebook_id: UUID, proposal_id: UUID) -> Response:
        """Make the change. Nothing is run."""
        self.body(requests.Nothing)
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id}
        return Response(proposal_json(assistant.accept_proposal(**place, proposal_id=proposal_id)))


class ProposalRejectView(ApiView):
    @extend_schema(operation_id="reject_proposal", request=requests.Nothing, responses=shapes.Proposal)
    def post(self, request: Request, notebook_id: UUID, proposal_id: UUID) -> Response:
        """Decide that the change is not made."""
        self.body(requests.Nothing)
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id}
        return Response(proposal_json(assistant.reject_proposal(**place, proposal_id=proposal_id)))


class TurnChangesView(ApiView):
    @extend_schema(operation_id="get_turn_changes", responses=shapes.TurnChanges)
    def get(self, request: Request, notebook_id: UUID, turn_id: UUID) -> Response:
        """What the turn did to cells, what it ran, and whether it was undone."""
        return Response(turn_changes(actor=self.actor, notebook_id=notebook_id, turn_id=turn_id))


class TurnUndoView(ApiView):
    @extend_schema(operation_id="undo_turn", request=requests.Nothing, responses=shapes.TurnUndo)
    def post(self, request: Request, notebook_id: UUID, turn_id: UUID) -> Response:
        """Take back what the turn did to cells; what others did since stays."""
        self.body(requests.Nothing)
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id}
        return Response(assistant.undo_turn(**place, turn_id=turn_id))
