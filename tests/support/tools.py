"""Calling the assistant's tools in tests, as its loop does: checked, in one transaction, then waited for."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import transaction

from apps.accounts.actors import Actor, ActorKind
from apps.assistant.models import ConversationMode
from apps.assistant.tools import tool_named
from apps.assistant.tools.base import Effect, Started, ToolContext, ToolResult
from apps.assistant.tools.results import failure
from apps.assistant.tools.validation import checked_input
from apps.base.errors import DomainError
from apps.notebooks.models import Notebook
from tests.support.cast import Person


def assistant_of(person: Person) -> Actor:
    return Actor(ActorKind.ASSISTANT, f"Assistant for {person.user.username}", person.user.pk)


def context_of(
    person: Person, notebook: Notebook, should_stop: Callable[[], bool] = lambda: False
) -> ToolContext:
    return ToolContext(assistant_of(person), notebook.id, uuid4(), uuid4(), should_stop)


def call(
    person: Person,
    notebook: Notebook,
    name: str,
    /,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    **input: Any,
) -> ToolResult:
    """What the model gets back when the assistant of this person calls the tool."""
    context = context_of(person, notebook, should_stop)
    tool = tool_named(name, ConversationMode.AGENT)
    try:
        checked = checked_input(tool, input)
        if tool.effect is Effect.READS:
            result = tool.run(context, checked)
        else:
            with transaction.atomic():
                result = tool.run(context, checked)
        return tool.finish(context, result.state) if isinstance(result, Started) else result
    except DomainError as error:
        return failure(error)


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
