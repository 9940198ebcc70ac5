"""What the loop and a tool know of each other."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from apps.accounts.actors import Actor


class Effect(StrEnum):
    """What a tool does to the notebook; modes and approval rules go by it. Proposals change nothing by themselves."""

    READS = "reads"
    PROPOSES = "proposes"
    EDITS = "edits"
    RUNS = "runs"
    ASKS = "asks"


@dataclass(frozen=True)
class ToolContext:
    """On whose behalf, where, and for which call. `should_stop` turns true when the turn was cancelled."""

    actor: Actor
    notebook_id: UUID
    turn_id: UUID
    tool_call_id: UUID
    should_stop: Callable[[], bool]


@dataclass(frozen=True)
class ToolResult:
    """`content` are text and image blocks of the Messages API; `details` is JSON for the people who watch."""

    content: list[dict[str, Any]]
    is_error: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Started:
    """Something began that goes on by itself. `state` is JSON, kept with the call, and all that `finish` needs."""

    state: dict[str, Any]


class Tool(ABC):
    """A tool's docstring is what the model reads about it.

    A tool that does not only read runs in one transaction with the row of its result, so that it happens exactly once
    however often a worker dies; what has to wait waits in `finish`, outside of it, which may be called again. A
    DomainError of either becomes an error that the model reads; what `run` wrote before it is rolled back.
    """

    name: ClassVar[str]
    effect: ClassVar[Effect]
    input_schema: ClassVar[dict[str, Any]]

    @property
    def description(self) -> str:
        return inspect.cleandoc(type(self).__doc__ or "")

    @abstractmethod
    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult | Started: ...

    def finish(self, context: ToolContext, state: dict[str, Any]) -> ToolResult:
        """Wait for what `run` has started; it looks at `context.should_stop` at least twice a second."""
        raise NotImplementedError(f"{self.name} starts nothing.")

    def preview(self, context: ToolContext, input: dict[str, Any]) -> dict[str, Any]:
        """What it would do, as JSON for the card on which a person decides. Reads only."""
        return {}
