"""A lane: one thread of one worker that owns a notebook's queue and kernel while its lease lasts.

It runs the queue in order, a run at a time, does what people command meanwhile, lingers while the kernel is in use,
and lets go. Nothing runs twice: cell runs are marked as sent in committed rows before their sources are sent, and a new
owner asks the kernel whether it has begun with them (`taking_over.py`).
"""

import logging
import time
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection

from apps.accounts.actors import SYSTEM
from apps.base.errors import NotFound
from apps.execution import worker
from apps.execution.blocked_turns import blocked_turns
from apps.execution.hold import LaneHold
from apps.execution.intake import Intake
from apps.execution.lease import Claim, LaneLost, Lease
from apps.execution.models import ENDS_KERNEL, UNFINISHED, CellRunStatus, Lane, LaneCommand, Run
from apps.execution.plan_follower import SILENT, PlanFollower
from apps.execution.plan_in_flight import PlanInFlight
from apps.execution.planning import names_to_forget
from apps.execution.taking_over import take_over
from apps.execution.transitions import begin
from apps.execution.wake import kick
from apps.journal.record import append_events
from apps.kernels.pool import unasked_starts

logger = logging.getLogger(__name__)

# Where threads are scarce, for a notebook that was opened. After it, the first run starts the kernel.
OPENED_S = 20.0

CULLED = "The kernel was ended because nothing had run for long. Its variables are gone; the next run starts a new one."


class LaneWorker:
    """`run` is all there is to call."""

    def __init__(self, notebook_id: UUID, *, is_opened: bool = False) -> None:
        """`is_opened`: an editor has opened the notebook and will run something soon."""
        self._notebook_id = notebook_id
        self._is_opened = is_opened

    # Lifecycle

    def run(self) -> None:
        """Own the lane until there is nothing to do, or it is lost. Returns at once if somebody else owns it."""
        if worker.stops.is_set():
            return  # it asked for another worker itself
        lease = Lease.acquire(self._notebook_id)
        if lease is None:
            return
        self._hold = LaneHold(lease)
        self._kernel = self._hold.kernel
        self._intake = Intake(self._notebook_id)
        self._intake.is_opened = self._is_opened
        self._follower = PlanFollower(self._hold, self._intake)
        worker.lanes.add(self)
        try:
            take_over(self._hold, self._intake, self._follower)
            self._work()
        except LaneLost:
            logger.warning("The lane of %s has a new owner.", self._notebook_id)
        except worker.WorkerStops:
            logger.info("The worker stops; the lane of %s is free.", self._notebook_id)
        except NotFound:
            self._kernel.kill()  # the notebook was deleted
        finally:
            self._kernel.detach()
            self._intake.close()
            self._let_go()

    def _work(self) -> None:
        """Until the worker stops, or nothing has happened for the linger time."""
        self._hold.renew()  # raises NotFound for a deleted notebook, whose kernel has to go
        idle_since = time.monotonic()
        while not worker.stops.is_set():
            if self._step():
                idle_since = time.monotonic()
                continue
            if time.monotonic() - idle_since >= self._patience_s:
                if self._intake.hang_up():
                    break
                idle_since = time.monotonic()
            self._idle()
            # Threads that still print use the kernel too.
            idle_since = max(idle_since, self._intake.heard_at)
        self._hold.renew()

    @property
    def _patience_s(self) -> float:
        """How long to stay with nothing to do. A kernel that shall start waits for others that do."""
        return max(worker.linger_s(), OPENED_S if self._intake.is_opened else 0.0)

    def _let_go(self) -> None:
        """Release the lease; what was asked in that moment has to find a new lane."""
        worker.lanes.discard(self)
        # If the worker stops, another can go on with what runs.
        waiting = UNFINISHED if worker.stops.is_set() else (CellRunStatus.QUEUED,)
        try:
            self._hold.lease.release()
            asked = Lane.objects.filter(pk=self._notebook_id).exclude(command=LaneCommand.NONE)
            if self._hold.has_cell_runs(*waiting) or asked.exists():
                kick(self._notebook_id)
        finally:
            connection.close()

    # Actions

    def _step(self) -> bool:
        """Obey a command, run the next run, or do what the kernel has time for now. False if there is nothing."""
        failure = self._hold.start_kernel() if self._queue_waits_for_kernel() else None
        claim = self._claim(may_run=bool(failure) or self._kernel.connection is not None)
        if self._hold.command:
            self._obey()
            return True
        if claim is None:
            return self._forget() or self._prepare()
        plan = PlanInFlight(claim, blocked=blocked_turns(claim.turns, self._hold.memory.state))
        if failure:
            self._follower.fail(plan, failure)
        else:
            self._execute(plan, is_begun=claim.is_begun)
        return True

    def _claim(self, *, may_run: bool) -> Claim | None:
        """What is queued of the first run, marked as sent; None if there is none or a command comes first.

        `may_run`: there is a kernel, or the reason why there is none. What was queued since it was looked for waits.
        """
        try:
            self._hold.command, claim = self._hold.lease.claim(may_run=may_run)
            return claim
        finally:
            connection.close()

    def _execute(self, plan: PlanInFlight, *, is_begun: bool) -> None:
        """Send the plan and follow it to its end, whatever that is. The kernel computes while we tell the world."""
        assert self._kernel.connection is not None
        if plan.keeps and not is_begun:
            self._keep(plan)
        deleted = plan.cancel(turn.key for turn in list(plan.waiting.values()) if turn.cell_is_deleted)
        request_id = self._kernel.connection.execute_plan(plan.request(self._hold.lease.number))
        started_at = datetime.now(UTC)
        first = plan.first
        if first or deleted:
            with self._hold.fenced() as notebook:
                if deleted:
                    self._follower.end(notebook, plan, deleted)
                if first:
                    turn = plan.begin(first, started_at)
                    self._hold.outputs.begin(turn.cell_id, turn.key, is_announced=True)
                    append_events(notebook, SYSTEM, begin(turn, started_at))
        self._follower.follow(plan, request_id)
        if plan.running or plan.waiting:
            self._follower.fail(plan, SILENT)

    def _keep(self, plan: PlanInFlight) -> None:
        """Write down whose values the kernel keeps: a later owner of the lane could not find out any more."""
        plan.kept = self._hold.memory.bindings_of(plan.keeps)
        with self._hold.fenced():
            Run.objects.filter(id=plan.run_id).update(kept=plan.kept)

    def _obey(self) -> None:
        """Do the command. A plan that ran was ended by the follower before, which is all there is to STOP_RUN."""
        command = self._hold.command
        if command == LaneCommand.INTERRUPT and self._hold.widgets.is_called:
            self._kernel.interrupt()
        if command in ENDS_KERNEL:
            self._intake.is_opened = False  # whoever ends the kernel wants none unasked
            self._kernel.end(message=CULLED if command == LaneCommand.CULL else "")
            self._hold.kernel_changed()
        self._hold.obeyed(command)
        if command == LaneCommand.RESTART:
            # Not while the command is on the row: a kernel that starts gives way to a command.
            self._hold.start_kernel()

    def _forget(self) -> bool:
        """Remove the variables of cells that were deleted, once nothing is queued. Whether there were any."""
        woken, self._intake.woken = self._intake.woken, False
        if not woken or self._kernel.connection is None:
            return False
        memory = self._hold.memory
        names = names_to_forget(self._notebook_id, memory.state)
        if names:
            self._kernel.connection.forget(names, self._hold.lease.number)
            memory.forget(names)
            with self._hold.fenced():
                memory.store()
        return bool(names)

    def _prepare(self) -> bool:
        """Start the kernel of a notebook that an editor has opened. Whether it was tried.

        If enough others start, it is tried again after a tick; a run does not wait for that.
        """
        if not self._intake.is_opened:
            return False
        if self._kernel.connection is not None:
            self._intake.is_opened = False
        if not self._intake.is_opened or not unasked_starts.acquire(blocking=False):
            return False
        self._intake.is_opened = False
        try:
            self._hold.start_kernel_unasked()
        finally:
            unasked_starts.release()
        return True

    def _idle(self) -> None:
        """Wait for a wake-up, at most a tick; threads may still print."""
        self._follower.take_in()
        if self._hold.is_time_to_look() and (self._kernel.excess() or self._kernel.death()):
            self._hold.kernel_changed()

    def _queue_waits_for_kernel(self) -> bool:
        return self._kernel.connection is None and self._hold.has_cell_runs(CellRunStatus.QUEUED)
