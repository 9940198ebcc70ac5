from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.conversations import get_tool_call, require_say
from apps.assistant.events import TurnUpdated
from apps.assistant.models import Decision, ToolCall, ToolCallStatus, Turn, TurnStatus
from apps.assistant.redaction import redacted_text
from apps.assistant.shown import turn_state
from apps.assistant.wake import kick_on_commit
from apps.base.errors import Conflict, Invalid, TooLarge
from apps.base.text import check_storable
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for

MAX_ANSWER_CHARS = 10_000


@transaction.atomic
def decide_tool_call(
    *, actor: Actor, notebook_id: UUID, tool_call_id: UUID, decision: str, answer: str = ""
) -> Turn:
    """Let a waiting call happen or not, or answer its question; the turn goes on. Event: turn_updated.

    Editors decide; whoever asked may answer, too. The first decision counts: Conflict for later ones.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.VIEWER)
    call = get_tool_call(notebook_id, tool_call_id)
    wanted = _checked_decision(call, decision)
    if wanted == Decision.ANSWERED:
        require_say(actor, call.turn)
    else:
        require_role(actor, notebook_id, Role.EDITOR)
    if call.status != ToolCallStatus.WAITING:
        raise Conflict(f"This does not wait for a decision any more: it is {call.get_status_display()}.")
    _record(call, actor, wanted, _checked_answer(answer, wanted))
    turn = call.turn
    turn.status = TurnStatus.QUEUED
    turn.offset += 1
    turn.save(update_fields=["status", "offset"])
    append_events(notebook, actor, TurnUpdated(turn=turn_state(turn)))
    audit(
        actor,
        "decide_tool_call",
        notebook.id,
        tool_call_id=str(call.id),
        turn_id=str(turn.id),
        tool=call.name,
        decision=wanted,
    )
    kick_on_commit(notebook.id)
    return turn


def _checked_decision(call: ToolCall, decision: str) -> Decision:
    asks = "question" in call.preview
    allowed = (Decision.ANSWERED,) if asks else (Decision.APPROVED, Decision.REJECTED)
    if decision not in allowed:
        raise Invalid(f"decision must be {' or '.join(allowed)} here.", field="decision")
    return Decision(decision)


def _checked_answer(answer: str, decision: Decision) -> str:
    check_storable(answer, field="answer")
    if decision == Decision.ANSWERED and not answer.strip():
        raise Invalid("Write an answer, or choose one.", field="answer")
    if len(answer) > MAX_ANSWER_CHARS:
        raise TooLarge(f"An answer has at most {MAX_ANSWER_CHARS:,} characters.")
    return redacted_text(answer)


def _record(call: ToolCall, actor: Actor, decision: Decision, answer: str) -> None:
    call.decision = decision
    call.answer = answer
    call.decided_by_id = actor.user_id
    call.decided_by_label = actor.label
    call.decided_at = timezone.now()
    call.status = ToolCallStatus.PENDING
    call.save()
