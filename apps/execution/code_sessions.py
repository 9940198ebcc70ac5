"""What is to be seen of `execute/`: a person's sessions, and how a call went."""

from typing import Any

from apps.accounts.actors import Actor
from apps.base.errors import NotFound
from apps.execution.commands.execute_code import Call
from apps.execution.models import CodeSession, Run, RunStatus
from apps.notebooks.models import Cell
from apps.notebooks.one_moment import one_moment
from apps.notebooks.queries import stored_outputs

ENDED = (RunStatus.OK, RunStatus.ERROR, RunStatus.CANCELLED)


def sessions_of(*, actor: Actor) -> list[dict[str, Any]]:
    """`[{session, created_at, used_at, is_busy}]`, the one used last first."""
    live = CodeSession.objects.filter(user=actor.user_id, ended_at=None).order_by("-used_at")
    unfinished = Run.objects.filter(notebook__code_session__in=live, finished_at=None)
    busy = set(unfinished.values_list("notebook_id", flat=True))
    return [
        {
            "session": session.name,
            "created_at": session.created_at.isoformat(),
            "used_at": session.used_at.isoformat(),
            "is_busy": session.pk in busy,
        }
        for session in live
    ]


def call_result(call: Call) -> dict[str, Any] | None:
    """`{success, outputs, error, session}` of a call that has ended, else None.

    `error` is `{ename, evalue, traceback}` or null. NotFound if the session was ended meanwhile.
    """
    with one_moment():
        status = Run.objects.filter(id=call.run_id).values_list("status", flat=True).first()
        cell = Cell.objects.filter(id=call.cell_id).select_related("notebook").first()
        has_ended = status in ENDED
        # A session that has given way to another still has what its last call put out.
        if cell is None or (cell.notebook.deleted_at and not has_ended):
            raise NotFound("The session was ended while the code ran.")
        if not has_ended:
            return None
        outputs = stored_outputs(cell)
    errors = [output for output in outputs if output["output_type"] == "error"]
    error = {key: errors[-1][key] for key in ("ename", "evalue", "traceback")} if errors else None
    return {"success": status == RunStatus.OK, "outputs": outputs, "error": error, "session": call.session}


def outputs_so_far(call: Call) -> tuple[int, list[dict[str, Any]]]:
    """How many operations of output are stored, and what they make."""
    with one_moment():
        cell = Cell.objects.filter(id=call.cell_id).first()
        return (cell.output_offset, stored_outputs(cell)) if cell else (0, [])
