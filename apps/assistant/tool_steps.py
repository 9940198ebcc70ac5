"""The calls of tools in a turn, in order, each exactly once however often a worker dies.

A call that changes something runs in one transaction with its result. One that starts something commits what it has
started, and waits for its end outside of it; whoever takes over waits again. A call that somebody has to decide leaves
the turn waiting, with no worker. What comes out of a tool is redacted before it is stored.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.assistant.approvals import may_need_approval, reason_to_ask, rules_for
from apps.assistant.crowding import a_place
from apps.assistant.feed import TurnFeed
from apps.assistant.lease import Lease
from apps.assistant.models import ConversationMode, Decision, ToolCall, ToolCallStatus, Turn
from apps.assistant.presence import AssistantPresence
from apps.assistant.pulse import Pulse
from apps.assistant.redaction import REDACTED, redacted
from apps.assistant.tools import tool_named
from apps.assistant.tools.base import Effect, Started, Tool, ToolContext, ToolResult
from apps.assistant.tools.cell_ids import cell_id_of
from apps.assistant.tools.results import failure
from apps.assistant.tools.validation import checked_input
from apps.base.errors import DomainError, Invalid
from apps.base.ids import new_id
from apps.base.text import storable
from apps.base.wire import dumps
from apps.journal.record import audit

logger = logging.getLogger(__name__)

Json = dict[str, Any]

ENDED = (ToolCallStatus.DONE, ToolCallStatus.CANCELLED)
STOPPED = "The person stopped you before this was done."


class MustWait(Exception):
    """The turn waits for somebody's decision on a call."""

    def __init__(self, call: ToolCall) -> None:
        super().__init__(call.name)
        self.call = call


class ToolSteps:
    def __init__(
        self,
        lease: Lease,
        turn: Turn,
        actor: Actor,
        feed: TurnFeed,
        pulse: Pulse,
        presence: AssistantPresence,
    ) -> None:
        self._lease = lease
        self._turn = turn
        self._actor = actor
        self._feed = feed
        self._pulse = pulse
        self._presence = presence

    def run_all(self, calls: Sequence[ToolCall]) -> None:
        """Until they have ended. MustWait if one has to wait; those before it have ended then."""
        for call in calls:
            if call.status not in ENDED:
                self._pulse.beat(at_once=True)
                self._run(call)

    def _run(self, call: ToolCall) -> None:
        try:
            tool = tool_named(call.name, ConversationMode(self._turn.mode))
            _check_input(tool, call)
            if "cell_id" in call.input:
                self._presence.show(str(cell_id_of(self._turn.notebook_id, call.input["cell_id"])))
            if call.status != ToolCallStatus.STARTED:
                if (answered := self._decided(tool, call)) is not None:
                    self._end(call, answered)
                    return
                self._begin(tool, call)
            if call.status == ToolCallStatus.STARTED:
                self._finish(tool, call)
        except DomainError as error:
            self._end(call, failure(error))

    # Decisions

    def _decided(self, tool: Tool, call: ToolCall) -> ToolResult | None:
        """What people said instead of the tool; None if it may run. MustWait if they have to be asked."""
        match call.decision:
            case Decision.APPROVED:
                return None
            case Decision.REJECTED:
                why = f" They said: {call.answer}" if call.answer else ""
                return _error(f"{call.decided_by_label} rejected this.{why}")
            case Decision.ANSWERED:
                return _said(call.answer)
        if tool.effect == Effect.ASKS:
            self._wait(call, tool, "The assistant asks you.")
        rules = rules_for(self._turn.notebook_id)
        if may_need_approval(tool, rules):
            preview = tool.preview(self._context(call), call.input)
            if reason := reason_to_ask(tool, preview, rules):
                self._wait(call, tool, reason)
        return None

    def _wait(self, call: ToolCall, tool: Tool, reason: str) -> None:
        call.preview = storable(redacted(tool.preview(self._context(call), call.input)))
        call.reason = reason
        call.status = ToolCallStatus.WAITING
        raise MustWait(call)

    # Running

    def _begin(self, tool: Tool, call: ToolCall) -> None:
        """Run it, to its end or until it has started what goes on."""
        call.started_at = timezone.now()
        if tool.effect == Effect.READS:
            # Not in a transaction: what it reads, it reads of one moment.
            result = _guarded(tool, partial(tool.run, self._context(call), call.input))
            connection.close()
            self._end(call, result)
            return
        with a_place(), transaction.atomic():
            first = self._lease.fence().seq
            self._pulse.look_once_more()
            done = _guarded(tool, partial(_rolled_back_on_failure, tool, self._context(call), call.input))
            last = self._lease.fence().seq
            if last > first:
                call.first_seq, call.last_seq = first + 1, last
            if isinstance(done, Started):
                call.status, call.state = ToolCallStatus.STARTED, done.state
            else:
                self._take(call, done)
            self._store(call)
        self._tell(call)

    def _finish(self, tool: Tool, call: ToolCall) -> None:
        """Wait for what was started, perhaps by a worker before this one."""
        result = _guarded(tool, partial(tool.finish, self._context(call), call.state or {}))
        connection.close()
        self._pulse.check()  # whoever stopped it: a worker that stops must not say that the person did
        self._end(call, result)

    def _end(self, call: ToolCall, result: ToolResult | Started) -> None:
        assert isinstance(result, ToolResult), f"{call.name} only reads, so it cannot start anything"
        with transaction.atomic():
            self._lease.fence()
            self._take(call, result)
            self._store(call)
        self._tell(call)

    def _take(self, call: ToolCall, result: ToolResult) -> None:
        call.status = ToolCallStatus.DONE
        call.finished_at = timezone.now()
        call.started_at = call.started_at or call.finished_at
        call.result = storable(redacted(result.content))
        call.details = storable(redacted(result.details))
        call.is_error = result.is_error

    def _store(self, call: ToolCall) -> None:
        """In the transaction of what it did."""
        call.save()
        self._turn.offset = self._feed.offset + 1
        self._pulse.account(offset=self._turn.offset)
        if call.status == ToolCallStatus.DONE:
            audit(self._actor, "call_tool", self._turn.notebook_id, **_audited(call))

    def _tell(self, call: ToolCall) -> None:
        if change := call.details.get("change"):
            self._presence.show_change(change)
        connection.close()
        self._feed.tell_tool("tool_result" if call.status == ToolCallStatus.DONE else "tool_start", call)

    def _context(self, call: ToolCall) -> ToolContext:
        return ToolContext(
            actor=self._actor,
            notebook_id=self._turn.notebook_id,
            turn_id=self._turn.id,
            tool_call_id=call.id,
            should_stop=self._pulse.should_stop,
        )


def cancel(call: ToolCall, result: str = STOPPED) -> None:
    """The turn ends before it could."""
    call.status = ToolCallStatus.CANCELLED
    call.result = [{"type": "text", "text": result}]
    call.is_error = True
    call.finished_at = timezone.now()
    call.save()


def _check_input(tool: Tool, call: ToolCall) -> None:
    checked_input(tool, call.input)
    if tool.effect != Effect.READS and REDACTED in dumps(call.input):
        raise Invalid(
            f"The input has “{REDACTED}” where there is a secret that you cannot see; it would be overwritten. "
            "Change only what is around it, with edit_cell."
        )


def _rolled_back_on_failure(tool: Tool, context: ToolContext, tool_input: Json) -> ToolResult | Started:
    with transaction.atomic():
        return tool.run(context, tool_input)


def _guarded(tool: Tool, action: Callable[[], ToolResult | Started]) -> ToolResult | Started:
    """Whatever goes wrong becomes something that the model can read."""
    try:
        return action()
    except DomainError as error:
        return failure(error)
    except Exception:
        log_id = new_id().hex[:12]
        logger.exception("The tool %s failed (%s).", tool.name, log_id)
        return _error(
            f"internal: The tool failed here; the server's log has it under {log_id}. Try something else, or say so."
        )


def _error(text: str) -> ToolResult:
    return ToolResult([{"type": "text", "text": text}], is_error=True)


def _said(answer: str) -> ToolResult:
    return ToolResult([{"type": "text", "text": f"The person answered: {answer}"}])


def _audited(call: ToolCall) -> Json:
    decided = {"decision": call.decision, "decided_by": call.decided_by_label} if call.decision else {}
    seqs = {"first_seq": call.first_seq, "last_seq": call.last_seq} if call.first_seq else {}
    return {
        "tool": call.name,
        "tool_call_id": str(call.id),
        "turn_id": str(call.turn_id),
        "is_error": call.is_error,
        **decided,
        **seqs,
    }
