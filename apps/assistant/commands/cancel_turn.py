from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.access import role_of
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.conversations import get_turn, require_say
from apps.assistant.events import TurnUpdated
from apps.assistant.models import UNFINISHED, Turn, TurnStatus
from apps.assistant.shown import turn_state
from apps.assistant.tool_steps import ENDED, cancel
from apps.assistant.turn_changes import run_ids_of
from apps.base.errors import Forbidden
from apps.execution import commands as execution
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook


@transaction.atomic
def cancel_turn(*, actor: Actor, notebook_id: UUID, turn_id: UUID, interrupt: bool = False) -> Turn:
    """Stop a turn, within a second; one that has ended stays as it is. Editors, and whoever asked.

    `interrupt`: also stop the runs that the turn has asked for, and no others; Forbidden, with nothing done, to those
    who may not run cells. Events: turn_updated, once it has stopped, and those of the runs.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.VIEWER)
    turn = get_turn(notebook_id, turn_id)
    require_say(actor, turn)
    if interrupt:
        _require_runs(actor, notebook_id)
    if turn.status not in UNFINISHED:
        return turn
    if interrupt:
        # Also of a turn that is about to stop: somebody wanted only that at first.
        execution.stop_runs(actor=actor, notebook_id=notebook_id, run_ids=run_ids_of(turn))
        notebook.refresh_from_db(fields=["seq"])
    if not turn.is_cancel_requested:
        _cancel(notebook, actor, turn)
    return turn


def _require_runs(actor: Actor, notebook_id: UUID) -> None:
    role = role_of(actor, notebook_id)
    if not (role and role.allows(Role.EDITOR)):
        raise Forbidden(
            "Only editors of the notebook can stop its cells, so nothing was stopped. Stop the assistant alone."
        )


def _cancel(notebook: Notebook, actor: Actor, turn: Turn) -> None:
    if turn.status == TurnStatus.RUNNING:
        turn.is_cancel_requested = True
        turn.save(update_fields=["is_cancel_requested"])
    else:
        _end(notebook, actor, turn)
    audit(actor, "cancel_turn", notebook.id, turn_id=str(turn.id))


def _end(notebook: Notebook, actor: Actor, turn: Turn) -> None:
    """No worker has it."""
    for call in turn.tool_calls.exclude(status__in=ENDED):
        cancel(call)
    turn.status = TurnStatus.CANCELLED
    turn.finished_at = timezone.now()
    # Nobody tells of it in frames: a page that shows the turn sees another offset, and asks.
    turn.offset += 1
    turn.save(update_fields=["status", "finished_at", "offset"])
    append_events(notebook, actor, TurnUpdated(turn=turn_state(turn)))
