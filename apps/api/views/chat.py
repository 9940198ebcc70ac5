"""notebooks/{id}/chat/, conversations/, turns/, tool-calls/: the assistant."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import chat_shapes as shapes
from apps.api import requests
from apps.api.turn_stream import MEDIA_TYPE, turn_stream
from apps.api.view import ApiView
from apps.assistant import commands as assistant
from apps.assistant.conversations import assistant_state, conversation, conversations, record_of, turn_for
from apps.assistant.models import Turn
from apps.assistant.shown import conversation_json, turn_json


class ChatView(ApiView):
    @extend_schema(operation_id="get_assistant", responses=shapes.AssistantState)
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """Whether the assistant can be asked, its models, and what is used up of today's limits."""
        return Response(assistant_state(actor=self.actor, notebook_id=notebook_id))

    @extend_schema(
        operation_id="ask_assistant",
        request=shapes.NewMessage,
        responses={status.HTTP_202_ACCEPTED: shapes.QueuedTurn},
    )
    def post(self, request: Request, notebook_id: UUID) -> Response | StreamingHttpResponse:
        """Say something to the assistant. With `Accept: text/event-stream` the answer is the turn as it happens."""
        body = self.body(shapes.NewMessage)
        turn = assistant.send_message(actor=self.actor, notebook_id=notebook_id, **body)
        if _wants_stream(request):
            return turn_stream(self.actor, notebook_id, turn.id)
        queued = {"conversation": conversation_json(turn.conversation), "turn": turn_json(turn)}
        return Response(queued, status=status.HTTP_202_ACCEPTED)


class ConversationListView(ApiView):
    @extend_schema(
        operation_id="list_conversations",
        parameters=[shapes.ConversationQuery],
        responses=shapes.ConversationList,
    )
    def get(self, request: Request, notebook_id: UUID) -> Response:
        """Newest first, at most 100."""
        query = self.query(shapes.ConversationQuery)
        found = conversations(actor=self.actor, notebook_id=notebook_id, **query)
        return Response({"conversations": found})


class ConversationView(ApiView):
    @extend_schema(
        operation_id="get_conversation", parameters=[shapes.TurnsQuery], responses=shapes.ConversationTurns
    )
    def get(self, request: Request, notebook_id: UUID, conversation_id: UUID) -> Response:
        """With its newest 30 turns, oldest first."""
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id}
        query = self.query(shapes.TurnsQuery)
        return Response(conversation(**place, conversation_id=conversation_id, **query))

    @extend_schema(
        operation_id="change_conversation", request=shapes.ConversationChange, responses=shapes.Conversation
    )
    def patch(self, request: Request, notebook_id: UUID, conversation_id: UUID) -> Response:
        """Give it another title, mode or model."""
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id}
        changes = self.body(shapes.ConversationChange)
        changed = assistant.configure_conversation(**place, conversation_id=conversation_id, **changes)
        return Response(conversation_json(changed))


class TurnView(ApiView):
    @extend_schema(operation_id="get_turn", responses=shapes.Turn)
    def get(self, request: Request, notebook_id: UUID, turn_id: UUID) -> Response | StreamingHttpResponse:
        """The turn as it is now or, with `Accept: text/event-stream`, from now on."""
        turn = turn_for(actor=self.actor, notebook_id=notebook_id, turn_id=turn_id)
        if _wants_stream(request):
            return turn_stream(self.actor, notebook_id, turn_id)
        return Response(turn)


class TurnRecordView(ApiView):
    @extend_schema(operation_id="get_turn_record", responses=shapes.TurnRecord)
    def get(self, request: Request, notebook_id: UUID, turn_id: UUID) -> Response:
        """Each call of the model, with the exact request and reply, and each call of a tool."""
        return Response({"calls": record_of(actor=self.actor, notebook_id=notebook_id, turn_id=turn_id)})


class TurnCancelView(ApiView):
    @extend_schema(
        operation_id="cancel_turn",
        request=shapes.Cancellation,
        responses={status.HTTP_202_ACCEPTED: shapes.Turn},
    )
    def post(self, request: Request, notebook_id: UUID, turn_id: UUID) -> Response:
        """Stop it, within a second. What was done stays done."""
        body = self.body(shapes.Cancellation)
        turn = assistant.cancel_turn(actor=self.actor, notebook_id=notebook_id, turn_id=turn_id, **body)
        return _accepted(turn)


class TurnRetryView(ApiView):
    @extend_schema(
        operation_id="retry_turn",
        request=requests.Nothing,
        responses={status.HTTP_202_ACCEPTED: shapes.Turn},
    )
    def post(self, request: Request, notebook_id: UUID, turn_id: UUID) -> Response:
        """Go on with a failed or stopped turn."""
        self.body(requests.Nothing)
        return _accepted(assistant.retry_turn(actor=self.actor, notebook_id=notebook_id, turn_id=turn_id))


class ToolCallDecisionView(ApiView):
    @extend_schema(
        operation_id="decide_tool_call",
        request=shapes.ToolDecision,
        responses={status.HTTP_202_ACCEPTED: shapes.Turn},
    )
    def post(self, request: Request, notebook_id: UUID, tool_call_id: UUID) -> Response:
        """Approve or reject what the assistant wants to do, or answer its question."""
        body = self.body(shapes.ToolDecision)
        place: dict[str, Any] = {"actor": self.actor, "notebook_id": notebook_id}
        return _accepted(assistant.decide_tool_call(**place, tool_call_id=tool_call_id, **body))


def _wants_stream(request: Request) -> bool:
    return MEDIA_TYPE in request.headers.get("Accept", "")


def _accepted(turn: Turn) -> Response:
    return Response(turn_json(turn), status=status.HTTP_202_ACCEPTED)
