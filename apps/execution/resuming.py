"""Where a plan stood when the lane's earlier owner wrote of it last. What it did since, the kernel tells again."""

from collections.abc import Mapping
from datetime import datetime

from apps.execution.models import CellRun, CellRunStatus
from apps.execution.output_router import OutputRouter
from apps.execution.plan_in_flight import PlanInFlight


def resume(plan: PlanInFlight, outputs: OutputRouter, begun: Mapping[str, datetime]) -> None:
    """`begun`: the turns of the plan that the kernel has begun, and when. The one that ran gets its outputs back."""
    turns = CellRun.objects.filter(run_id=plan.run_id)
    for step in turns.filter(status=CellRunStatus.CANCELLED).values_list("step", flat=True):
        plan.due += step.get("restores", ())
    running = turns.filter(status=CellRunStatus.RUNNING).select_related("cell").first()
    if running and running.started_at:
        plan.begin(str(running.key), running.started_at)
        outputs.sink_of(running.cell)
    elif first := plan.first_of(begun):
        # The kernel got the plan, and nobody was told.
        turn = plan.found_begun(first, begun[first])
        outputs.begin(turn.cell_id, turn.key, is_announced=False)
