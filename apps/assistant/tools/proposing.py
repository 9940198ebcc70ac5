"""The edit tools in a conversation that proposes: the same names and input, and what comes of them is a proposal."""

from typing import Any
from uuid import UUID

from apps.assistant.changes import Change
from apps.assistant.models import Proposal, ProposalKind
from apps.assistant.propose_change import propose_change
from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.cell_ids import short_id
from apps.assistant.tools.edits import EditTool
from apps.assistant.tools.results import text_result

_IN_THIS_MODE = (
    "In this conversation nothing is changed by it: it makes a proposal, which people see in the notebook and accept "
    "or reject, perhaps much later. Until then the notebook stays as it is."
)


class Proposing(Tool):
    """An edit tool that only proposes."""

    effect = Effect.PROPOSES

    def __init__(self, tool: EditTool) -> None:
        self._tool = tool
        self.name = tool.name  # type: ignore[misc]  # of the instance, because there is one for each tool
        self.input_schema = tool.input_schema  # type: ignore[misc]

    @property
    def description(self) -> str:
        return f"{self._tool.description}\n\n{_IN_THIS_MODE}"

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        return proposed(context, self._tool.change(context, input))

    def preview(self, context: ToolContext, input: dict[str, Any]) -> dict[str, Any]:
        return self._tool.preview(context, input)


def proposed(context: ToolContext, change: Change, note: str = "") -> ToolResult:
    """The change, kept as a proposal, and what the model is told of it."""
    proposal = propose_change(
        actor=context.actor,
        notebook_id=context.notebook_id,
        tool_call_id=context.tool_call_id,
        change=change,
        note=note,
    )
    return text_result(_told(proposal), proposal_id=str(proposal.id))


def _told(proposal: Proposal) -> str:
    told = "Proposed. Nothing has changed: people accept or reject it."
    if proposal.kind == ProposalKind.CREATE and isinstance(proposal.new_cell_id, UUID):
        told += (
            f" If they accept it, the cell has the id {short_id(proposal.new_cell_id)}: another new cell can be "
            "proposed to follow it, but it cannot be edited before."
        )
    return told
