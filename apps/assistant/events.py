"""The events of the assistant; docs/protocol.md says what a client does with each."""

from dataclasses import dataclass
from typing import Any, ClassVar

from apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class ConversationCreated(Event):
    type: ClassVar = "conversation_created"
    conversation: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ConversationUpdated(Event):
    type: ClassVar = "conversation_updated"
    conversation: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TurnCreated(Event):
    type: ClassVar = "turn_created"
    turn: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TurnUpdated(Event):
    """`turn` is `{id, conversation_id, number, status, error, offset, is_left_out}`."""

    type: ClassVar = "turn_updated"
    turn: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ProposalCreated(Event):
    type: ClassVar = "proposal_created"
    proposal: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ProposalDecided(Event):
    type: ClassVar = "proposal_decided"
    proposal_id: str
    status: str
    decided_by: str


@dataclass(frozen=True, kw_only=True)
class TurnUndone(Event):
    """`cells` says what became of each: `{cell_id, change, outcome}`."""

    type: ClassVar = "turn_undone"
    turn_id: str
    undone_by: str
    cells: list[dict[str, Any]]
