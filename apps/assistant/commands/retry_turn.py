from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.conversations import get_turn, problem_of, require_say
from apps.assistant.events import TurnUpdated
from apps.assistant.models import RETRYABLE, Turn, TurnStatus
from apps.assistant.shown import turn_state
from apps.assistant.wake import kick_on_commit
from apps.base.errors import Conflict, Unavailable
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for


@transaction.atomic
def retry_turn(*, actor: Actor, notebook_id: UUID, turn_id: UUID) -> Turn:
    """Go on with a failed or cancelled turn from where it stopped, with new limits. Event: turn_updated.

    Conflict unless it is the newest of its conversation: what was said since would come before it.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.VIEWER)
    turn = get_turn(notebook_id, turn_id)
    require_say(actor, turn)
    if problem := problem_of(notebook_id):
        raise Unavailable(problem)
    if turn.status not in RETRYABLE:
        raise Conflict(f"The turn is {turn.status}: only one that failed or was stopped can be retried.")
    if turn.conversation.turns.filter(number__gt=turn.number, is_left_out=False).exists():
        raise Conflict("Something was said after this turn. Send the message again.")
    turn.status = TurnStatus.QUEUED
    turn.error = None
    turn.is_left_out = False
    turn.is_cancel_requested = False
    turn.finished_at = None
    turn.budget_from = timezone.now()
    turn.active_ms = 0
    turn.model = turn.conversation.model
    turn.save()
    append_events(notebook, actor, TurnUpdated(turn=turn_state(turn)))
    audit(actor, "retry_turn", notebook.id, turn_id=str(turn.id))
    kick_on_commit(notebook.id)
    return turn
