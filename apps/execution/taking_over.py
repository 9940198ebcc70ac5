"""Taking a lane over from an earlier owner: its kernel, and the cells that this was sent.

If the kernel has begun with them, they are followed to their end, from the first thing they said that is not in rows.
If not, they are sent again.
"""

from apps.execution.blocked_turns import blocked_turns
from apps.execution.hold import LaneHold
from apps.execution.intake import Intake
from apps.execution.models import ENDS_KERNEL
from apps.execution.plan_follower import RESTARTED, SILENT, PlanFollower
from apps.execution.plan_in_flight import PlanInFlight
from apps.execution.resuming import resume
from apps.execution.transitions import requeue
from apps.kernels.messages import error_output

GONE = error_output(
    "KernelDied",
    "The kernel ended while no worker looked after it, so the result of this cell is unknown. Run it again.",
)


def take_over(hold: LaneHold, intake: Intake, follower: PlanFollower) -> None:
    """Returns when what the earlier owner sent has ended, or is queued again."""
    claim = hold.lease.sent()
    sent = [turn.key for turn in claim.turns] if claim else []
    heard = hold.lease.heard_before
    taken_over = hold.kernel.take_over(hold.lease.number, sent, heard, keep_waiting=hold.may_wait_for_answer)
    hold.kernel_changed()
    hold.outputs.is_behind = taken_over is not None and taken_over.last > heard
    if claim is None:
        return
    plan = PlanInFlight(claim, blocked=blocked_turns(claim.turns, hold.memory.state))
    if taken_over is None:
        resume(plan, hold.outputs, {})
        follower.fail(plan, RESTARTED if hold.command in ENDS_KERNEL else GONE)
    elif taken_over.begun:
        resume(plan, hold.outputs, taken_over.begun)
        intake.woken = True  # whatever the earlier owner was woken for
        _follow_to_end(plan, taken_over.request_id, follower)
    else:
        _give_back(plan, hold, follower)


def _follow_to_end(plan: PlanInFlight, request_id: str, follower: PlanFollower) -> None:
    follower.follow(plan, request_id)
    if plan.running:
        follower.fail(plan, SILENT)
    elif plan.waiting:
        follower.cancel(plan, list(plan.waiting))  # withdrawn, and the earlier owner could not write it down


def _give_back(plan: PlanInFlight, hold: LaneHold, follower: PlanFollower) -> None:
    """The kernel has begun with nothing of the plan, and will not."""
    with hold.fenced() as notebook:
        if hold.command:
            follower.end(notebook, plan, plan.cancel(list(plan.waiting)))
        else:
            requeue(plan.waiting.values())
