"""Calling the assistant's tools in tests, as its loop does: checked, in one transaction, then waited for."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from apps.accounts.actors import Actor, ActorKind
from apps.assistant.models import (
    Conversation,
    ConversationMode,
    ModelCall,
    ToolCall,
    ToolCallStatus,
    Turn,
    TurnStatus,
)
from apps.assistant.tools import tool_named
from apps.assistant.tools.base import Effect, Started, ToolContext, ToolResult
from apps.assistant.tools.results import failure
from apps.assistant.tools.validation import checked_input
from apps.base.errors import DomainError
from apps.notebooks.models import Notebook
from tests.support.cast import Person


def assistant_of(person: Person) -> Actor:
    return Actor(ActorKind.ASSISTANT, f"Assistant for {person.user.username}", person.user.pk)


def new_turn(person: Person, notebook: Notebook, mode: ConversationMode = ConversationMode.AGENT) -> Turn:
    """A turn on record, as if the person had asked for something and a worker had begun to do it."""
    conversation = Conversation.objects.create(
        notebook=notebook, title="Tests", mode=mode, model="tests", created_by=person.user
    )
    newest = Turn.objects.filter(notebook=notebook).count()
    return Turn.objects.create(
        conversation=conversation,
        notebook=notebook,
        number=newest + 1,
        asked_by=person.user,
        asked_by_label=person.user.username,
        message="Do something.",
        mode=mode,
        model="tests",
        status=TurnStatus.RUNNING,
    )


def context_of(
    person: Person,
    notebook: Notebook,
    should_stop: Callable[[], bool] = lambda: False,
    tool_call: ToolCall | None = None,
) -> ToolContext:
    turn_id, call_id = (tool_call.turn_id, tool_call.id) if tool_call else (uuid4(), uuid4())
    return ToolContext(assistant_of(person), notebook.id, turn_id, call_id, should_stop)


def call(
    person: Person,
    notebook: Notebook,
    name: str,
    /,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    turn: Turn | None = None,
    **input: Any,
) -> ToolResult:
    """What the model gets back when the assistant of this person calls the tool; with a turn it is put on record."""
    mode = ConversationMode(turn.mode) if turn else ConversationMode.AGENT
    tool_call = _begun(turn, name, input) if turn else None
    context = context_of(person, notebook, should_stop, tool_call)
    tool = tool_named(name, mode)
    try:
        checked = checked_input(tool, input)
        if tool.effect is Effect.READS:
            result = tool.run(context, checked)
        else:
            with transaction.atomic():
                result = tool.run(context, checked)
        if isinstance(result, Started) and tool_call:
            tool_call.state = result.state
        ended = tool.finish(context, result.state) if isinstance(result, Started) else result
    except DomainError as error:
        ended = failure(error)
    if tool_call:
        _end(tool_call, ended)
    return ended


def _begun(turn: Turn, name: str, input: dict[str, Any]) -> ToolCall:
    model_call = ModelCall.objects.create(
        turn=turn, notebook_id=turn.notebook_id, model="tests", request={}, messages=[]
    )
    return ToolCall.objects.create(
        turn=turn, model_call=model_call, position=0, tool_use_id=str(uuid4()), name=name, input=input
    )


def _end(tool_call: ToolCall, result: ToolResult) -> None:
    tool_call.status = ToolCallStatus.DONE
    tool_call.result, tool_call.details, tool_call.is_error = result.content, result.details, result.is_error
    tool_call.finished_at = timezone.now()
    tool_call.save()


def text_of(result: ToolResult) -> str:
    return "\n".join(block["text"] for block in result.content if block["type"] == "text")


def told(person: Person, notebook: Notebook, name: str, /, **input: Any) -> str:
    """The text that comes of a call that succeeds."""
    result = call(person, notebook, name, **input)
    assert not result.is_error, text_of(result)
    return text_of(result)


def refused(person: Person, notebook: Notebook, name: str, /, **input: Any) -> str:
    """The text that comes of a call that fails."""
    result = call(person, notebook, name, **input)
    assert result.is_error, text_of(result)
    return text_of(result)
