"""Interrupt, restart and shut down: each empties the queue and leaves a command for the lane.

The command is a column of the lane's row, so it is done even if the wake-up gets lost. The lane reports back by
`cell_statuses` and `kernel_status` events.
"""

from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.execution.models import Lane, LaneCommand
from apps.execution.transitions import cancel_queue
from apps.execution.wake import wake_on_commit
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for


def interrupt(*, actor: Actor, notebook_id: UUID) -> None:
    """Cancel what is queued and raise KeyboardInterrupt in the cell that runs. Editors."""
    _command(actor, notebook_id, LaneCommand.INTERRUPT)


def restart_kernel(*, actor: Actor, notebook_id: UUID) -> None:
    """Cancel what is queued, end the kernel and start a new one. Editors."""
    _command(actor, notebook_id, LaneCommand.RESTART)


def shutdown_kernel(*, actor: Actor, notebook_id: UUID) -> None:
    """Cancel what is queued and end the kernel. Editors."""
    _command(actor, notebook_id, LaneCommand.SHUTDOWN)


@transaction.atomic
def _command(actor: Actor, notebook_id: UUID, command: LaneCommand) -> None:
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    # A lane whose owner is gone keeps the command for the next one; without a row there never was a kernel.
    # Locked in any case: no claim may come between what is cancelled here and the command.
    for lane in Lane.objects.select_for_update().filter(notebook=notebook):
        if command != LaneCommand.INTERRUPT or lane.command in (LaneCommand.NONE, LaneCommand.STOP_RUN):
            lane.command = command
            lane.save(update_fields=["command"])
    if events := cancel_queue(notebook.id):
        append_events(notebook, actor, *events)
    audit(actor, f"{command}_kernel", notebook.id)
    wake_on_commit(notebook.id)
