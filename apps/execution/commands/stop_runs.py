from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.execution.models import CellRun, CellRunStatus, Lane, LaneCommand
from apps.execution.transitions import cancel_queue
from apps.execution.wake import wake_on_commit
from apps.journal.record import append_events, audit
from apps.notebooks.locking import lock_notebook_for


@transaction.atomic
def stop_runs(*, actor: Actor, notebook_id: UUID, run_ids: Collection[UUID]) -> None:
    """Cancel what is queued of these runs, and raise KeyboardInterrupt in the cell that runs if it is of one of them.

    All other runs go on. Nothing happens if these have ended. Editors. Events: cell_statuses and run_finished, some of
    them from the lane.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    unfinished = list(notebook.runs.filter(id__in=run_ids, finished_at=None).values_list("id", flat=True))
    if not unfinished:
        return
    # A lane claims one run at a time, and none while there is a command on its row. So with the row locked, what the
    # lane has is of these runs or not, and that stays so until it obeys.
    lane = Lane.objects.select_for_update().filter(notebook=notebook).first()
    in_hand = CellRun.objects.filter(
        notebook=notebook, run_id__in=unfinished, status__in=(CellRunStatus.SENT, CellRunStatus.RUNNING)
    )
    if lane and lane.command == LaneCommand.NONE and in_hand.exists():
        lane.command = LaneCommand.STOP_RUN
        lane.save(update_fields=["command"])
    if events := cancel_queue(notebook.id, unfinished):
        append_events(notebook, actor, *events)
    audit(actor, "stop_runs", notebook.id, run_ids=[str(run_id) for run_id in unfinished])
    wake_on_commit(notebook.id)
