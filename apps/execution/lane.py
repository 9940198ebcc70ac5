"""A lane: one thread of one worker that owns a notebook's queue and kernel while its lease lasts.

It runs the queue in order, a run at a time, does what people command meanwhile, lingers while the kernel is in use,
and lets go. What others see it writes through `_fenced` alone. Nothing runs twice: cell runs are marked as sent in
committed rows before their sources are sent, and a new owner asks the kernel whether it has begun with them. If so it
follows them to their end, from the first thing they said that is not in rows; if not it sends them again.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actors import SYSTEM
from apps.base.errors import NotFound, Unavailable
from apps.execution import worker
from apps.execution.blocked_turns import blocked_turns
from apps.execution.input_prompts import InputPrompts, echo_of
from apps.execution.intake import Intake
from apps.execution.kernel_memory import KernelMemory
from apps.execution.kernel_questions import KernelQuestions
from apps.execution.kernel_session import KernelSession
from apps.execution.lease import Claim, LaneLost, Lease
from apps.execution.models import ENDS_KERNEL, UNFINISHED, CellRun, CellRunStatus, Lane, LaneCommand, Run
from apps.execution.output_router import OutputRouter
from apps.execution.plan_in_flight import PlanInFlight
from apps.execution.planning import names_to_forget
from apps.execution.resuming import resume
from apps.execution.time_limit import TimeLimit, Verdict
from apps.execution.transitions import begin, begin_and_end, cancel_queue, end, requeue
from apps.execution.turn import Turn, TurnEnd
from apps.execution.wake import kick
from apps.journal.publish import publish
from apps.journal.record import append_events
from apps.kernels.messages import Operation, error_output, request_id_of
from apps.kernels.models import KernelStatus
from apps.notebooks.locking import LockedNotebook

logger = logging.getLogger(__name__)

# How often a lane looks up while it waits: does the kernel live, does the worker stop.
TICK_S = 0.5
# How soon output that was shown is also stored.
STORE_AFTER_S = 0.25

GONE = error_output(
    "KernelDied",
    "The kernel ended while no worker looked after it, so the result of this cell is unknown. Run it again.",
)
CULLED = "The kernel was ended because nothing had run for long. Its variables are gone; the next run starts a new one."
INTERRUPTED = error_output("KeyboardInterrupt", "The cell was interrupted before its first line.")
RESTARTED = error_output("KernelRestarted", "The kernel was restarted or shut down while this cell ran.")
SILENT = error_output("KernelError", "The kernel did not say how this cell ended. Run it again.")

MISSING: Operation = {
    "output_type": "stream",
    "name": "stderr",
    "text": "\n[Output is missing here: while no worker looked after the kernel, it put out more than it can keep.]\n",
}


class LaneWorker:
    """`run` is all there is to call."""

    def __init__(self, notebook_id: UUID) -> None:
        self._notebook_id = notebook_id
        self._kernel = KernelSession(notebook_id, self._fenced, self._may_wait)
        self._command = LaneCommand.NONE  # as the last fenced transaction saw it
        self._look_at = 0.0  # when to look up next, on the monotonic clock
        self._store_at = 0.0  # when to store output next

    # Lifecycle

    def run(self) -> None:
        """Own the lane until there is nothing to do, or it is lost. Returns at once if somebody else owns it."""
        if worker.stops.is_set():
            return  # it asked for another worker itself
        lease = Lease.acquire(self._notebook_id)
        if lease is None:
            return
        self._lease = lease
        self._intake = Intake(self._notebook_id)
        self._outputs = OutputRouter(self._notebook_id)
        self._prompts = InputPrompts(self._notebook_id)
        self._questions = KernelQuestions(self._kernel.usage)
        self._time_limit = TimeLimit(self._notebook_id)
        worker.lanes.add(self)
        try:
            self._recover()
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

    def _recover(self) -> None:
        """Take over from an earlier owner: the kernel, and the cells that it runs."""
        claim = self._lease.sent()
        sent = [turn.key for turn in claim.turns] if claim else []
        heard = self._lease.heard_before
        taken_over = self._kernel.take_over(
            self._lease.number, sent, heard, keep_waiting=self._may_wait_for_answer
        )
        self._memory = KernelMemory(self._notebook_id)
        self._outputs.is_behind = taken_over is not None and taken_over.last > heard
        if claim is None:
            return
        plan = PlanInFlight(claim, blocked=blocked_turns(claim.turns, self._memory.state))
        if taken_over is None:
            resume(plan, self._outputs, {})
            self._fail(plan, RESTARTED if self._command in ENDS_KERNEL else GONE)
        elif taken_over.begun:
            resume(plan, self._outputs, taken_over.begun)
            self._intake.woken = True  # whatever the earlier owner was woken for
            self._follow_to_end(plan, taken_over.request_id)
        else:
            self._give_back(plan)

    def _follow_to_end(self, plan: PlanInFlight, request_id: str) -> None:
        """Of an earlier owner's plan."""
        self._follow(plan, request_id)
        if plan.running:
            self._fail(plan, SILENT)
        elif plan.waiting:
            self._cancel(plan, list(plan.waiting))  # withdrawn, and the earlier owner could not write it down

    def _give_back(self, plan: PlanInFlight) -> None:
        """The kernel has begun with nothing of the plan, and will not."""
        with self._fenced() as notebook:
            if self._command:
                self._end(notebook, plan, plan.cancel(list(plan.waiting)))
            else:
                requeue(plan.waiting.values())

    def _work(self) -> None:
        """Until the worker stops, or nothing has happened for the linger time."""
        with self._fenced():
            pass  # raises NotFound for a deleted notebook, whose kernel has to go
        idle_since = time.monotonic()
        while not worker.stops.is_set() and time.monotonic() - idle_since < worker.linger_s():
            if self._step():
                idle_since = time.monotonic()
                continue
            self._idle()
            # Threads that still print use the kernel too.
            idle_since = max(idle_since, self._intake.heard_at)
        self._store()

    def _let_go(self) -> None:
        """Release the lease; what was asked in that moment has to find a new lane."""
        worker.lanes.discard(self)
        # If the worker stops, another can go on with what runs.
        waiting = UNFINISHED if worker.stops.is_set() else (CellRunStatus.QUEUED,)
        try:
            self._lease.release()
            asked = Lane.objects.filter(pk=self._notebook_id).exclude(command=LaneCommand.NONE)
            if self._has_cell_runs(*waiting) or asked.exists():
                kick(self._notebook_id)
        finally:
            connection.close()

    # Actions

    def _step(self) -> bool:
        """Obey a command or run the next run. False if there is neither."""
        failure = self._start_kernel() if self._queue_waits_for_kernel() else None
        claim = self._claim()
        if self._command:
            self._obey()
            return True
        if claim is None:
            return self._forget()
        plan = PlanInFlight(claim, blocked=blocked_turns(claim.turns, self._memory.state))
        if failure:
            self._fail(plan, failure)
        else:
            self._execute(plan, is_begun=claim.is_begun)
        return True

    def _claim(self) -> Claim | None:
        """What is queued of the first run, marked as sent; None if there is none or a command comes first."""
        try:
            self._command, claim = self._lease.claim()
            return claim
        finally:
            connection.close()

    def _execute(self, plan: PlanInFlight, *, is_begun: bool) -> None:
        """Send the plan and follow it to its end, whatever that is. The kernel computes while we tell the world."""
        assert self._kernel.connection is not None
        if plan.keeps and not is_begun:
            self._keep(plan)
        deleted = plan.cancel(turn.key for turn in list(plan.waiting.values()) if turn.cell_is_deleted)
        request_id = self._kernel.connection.execute_plan(plan.request(self._lease.number))
        started_at = datetime.now(UTC)
        first = plan.first
        if first or deleted:
            with self._fenced() as notebook:
                if deleted:
                    self._end(notebook, plan, deleted)
                if first:
                    turn = plan.begin(first, started_at)
                    self._outputs.begin(turn.cell_id, turn.key, is_announced=True)
                    append_events(notebook, SYSTEM, begin(turn, started_at))
        self._follow(plan, request_id)
        if plan.running or plan.waiting:
            self._fail(plan, SILENT)

    def _follow(self, plan: PlanInFlight, request_id: str) -> None:
        """Until the kernel has published everything of the request, or the plan ends from outside."""
        while not self._take_in(plan, request_id):
            if failure := self._disturbance(plan):
                self._fail(plan, failure)
                return

    def _keep(self, plan: PlanInFlight) -> None:
        """Write down whose values the kernel keeps: a later owner of the lane could not find out any more."""
        plan.kept = self._memory.bindings_of(plan.keeps)
        with self._fenced():
            Run.objects.filter(id=plan.run_id).update(kept=plan.kept)

    def _obey(self) -> None:
        """Do the command. A plan that ran was ended by `_disturbance` before."""
        command = self._command
        if command in ENDS_KERNEL:
            self._kernel.end(message=CULLED if command == LaneCommand.CULL else "")
            self._memory = KernelMemory(self._notebook_id)
        self._obeyed(command)
        if command == LaneCommand.RESTART:
            # Not while the command is on the row: a kernel that starts gives way to a command.
            self._start_kernel()

    def _forget(self) -> bool:
        """Remove the variables of cells that were deleted, once nothing is queued. Whether there were any."""
        woken, self._intake.woken = self._intake.woken, False
        if not woken or self._kernel.connection is None:
            return False
        names = names_to_forget(self._notebook_id, self._memory.state)
        if names:
            self._kernel.connection.forget(names, self._lease.number)
            self._memory.forget(names)
            with self._fenced():
                self._memory.store()
        return bool(names)

    def _idle(self) -> None:
        """Wait for a wake-up, at most a tick; threads may still print."""
        self._take_in()
        if self._is_time_to_look() and (self._kernel.excess() or self._kernel.death()):
            self._memory = KernelMemory(self._notebook_id)

    # Private

    def _take_in(self, plan: PlanInFlight | None = None, request_id: str = "") -> bool:
        """Wait for what arrives, and show it. Whether the kernel has published everything of the request."""
        is_over = False
        for message in self._intake.wait(self._kernel.connection, self._patience_s()):
            if message["is_after_gap"] and plan and plan.running:
                self._outputs.add(plan.running.cell_id, MISSING)
            match message["header"]["msg_type"]:
                case "cell_reply":
                    if plan and (turn := plan.take(message)):
                        self._outputs.begin(turn.cell_id, turn.key, is_announced=False)
                case "plan_reply":
                    is_over |= request_id_of(message) == request_id
                case "input_request" | "input_withdrawn":
                    self._prompts.hear(message)
                case _:
                    self._outputs.take(message)
        self._pass_on(is_busy=plan is not None and not plan.is_over)
        self._outputs.show()
        if plan:
            self._settle(plan)
        if self._intake.woken:
            self._look_at = 0.0
        if time.monotonic() >= self._store_at:
            if self._outputs.is_dirty:
                self._store()
            self._store_at = time.monotonic() + STORE_AFTER_S
        if self._kernel.connection:
            self._kernel.connection.tell_stored()
        return is_over

    def _pass_on(self, *, is_busy: bool) -> None:
        """Questions to the kernel, and what it answers."""
        questions, self._intake.questions = self._intake.questions, []
        replies, self._intake.replies = self._intake.replies, []
        self._questions.pass_on(questions, self._kernel.connection, is_busy=is_busy)
        self._questions.take(replies)

    def _patience_s(self) -> float:
        now = time.monotonic()
        until = min(self._look_at, self._store_at) if self._outputs.is_dirty else self._look_at
        return min(TICK_S, max(0.0, until - now))

    def _settle(self, plan: PlanInFlight) -> None:
        """Write and tell what has begun, ended and asked for input since the last time."""
        ends, begun = plan.take_ended(), plan.take_begun()
        if ends or begun or self._prompts.has_news:
            with self._fenced() as notebook:
                self._end(notebook, plan, ends, begun)
                self._prompts.tell(notebook, plan.running)

    def _end(
        self,
        notebook: LockedNotebook,
        plan: PlanInFlight,
        ends: list[TurnEnd],
        begun: Turn | None = None,
    ) -> None:
        """In a fenced transaction: the ends, with outputs and all, and the turn that has begun.

        The events are published in the order in which a page needs them: who runs, their output, how it ended.
        """
        unannounced = self._outputs.unannounced(turn_end.turn.cell_id for turn_end in ends)
        news = begin_and_end([turn_end for turn_end in ends if turn_end.turn.cell_id in unannounced])
        if begun and plan.started_at:
            news.append(begin(begun, plan.started_at))
            unannounced.add(begun.cell_id)
        if news:
            append_events(notebook, SYSTEM, *news)
        if frames := self._outputs.announced(unannounced):
            transaction.on_commit(partial(publish, self._notebook_id, *frames), robust=True)
        if not ends:
            return
        for turn_end in ends:
            self._memory.end(turn_end, plan.kept)
        if plan.is_over:
            self._memory.restore(plan.due, plan.kept)
        self._memory.store()
        append_events(notebook, SYSTEM, *end(self._notebook_id, ends, self._outputs.offsets))

    def _fail(self, plan: PlanInFlight, error: Operation) -> None:
        """The plan ends here: the cell that runs, or would be the first, with an error, and the others do not run."""
        turn = plan.running or plan.next_waiting
        if turn is None:
            return
        if turn is not plan.running:
            self._outputs.begin(turn.cell_id, turn.key, is_announced=False)
        self._outputs.add(turn.cell_id, error)
        ends = [plan.fail(turn), *plan.block(list(plan.waiting), by=turn.cell_id)]
        with self._fenced() as notebook:
            self._end(notebook, plan, ends)

    def _store(self) -> None:
        with self._fenced():
            pass  # every such transaction does it

    def _disturbance(self, plan: PlanInFlight) -> Operation | None:
        """What ends the plan from outside, as the error to show under the cell that runs."""
        if not self._is_time_to_look():
            return None
        with self._fenced():
            pass  # raises NotFound for a deleted notebook: its cells have to end
        if self._intake.woken:
            self._intake.woken = False
            self._withdraw(plan, self._deleted(plan))
        self._deliver_answer(plan)
        if self._command == LaneCommand.INTERRUPT:
            self._interrupt(plan)
            self._obeyed(self._command)
        if self._command in ENDS_KERNEL:
            return RESTARTED
        if worker.stops.is_set():
            self._store()
            raise worker.WorkerStops
        match self._time_limit.judge(plan.running, plan.started_at):
            case Verdict.INTERRUPT if plan.running:
                self._outputs.add(plan.running.cell_id, self._time_limit.error)
                self._interrupt(plan)
            case Verdict.END_KERNEL:
                self._kernel.end(KernelStatus.DEAD, self._time_limit.message)
                return self._without_kernel(
                    "KernelLimit", "It ignored the interrupt, so its kernel was ended."
                )
        if excess := self._kernel.excess():
            return self._without_kernel("KernelLimit", excess)
        if self._kernel.is_dead():
            self._take_in(plan)  # what it said last
            return self._without_kernel("KernelDied", self._kernel.death())
        return None

    def _without_kernel(self, name: str, why: str) -> Operation:
        """The kernel has ended while it was needed; the error for the cell that ran."""
        self._memory = KernelMemory(self._notebook_id)
        self._cancel_queue()
        return error_output(name, why)

    def _deliver_answer(self, plan: PlanInFlight) -> None:
        """To the code that asked for input, if somebody has answered."""
        answer = self._prompts.take_answer(plan.running)
        if answer is None or self._kernel.connection is None:
            return
        self._outputs.add(answer.cell_id, echo_of(answer))
        # Before the row goes: a lane that dies here leaves it to the next, and the kernel takes an answer once.
        self._kernel.connection.answer_input(answer.request["id"], answer.value)
        with self._fenced():
            self._prompts.delivered(answer)

    def _interrupt(self, plan: PlanInFlight) -> None:
        """Stop the cell that runs, and cancel those that wait."""
        turn = plan.running
        begun = self._withdraw(plan, [*plan.waiting, *([turn.key] if turn else [])])
        if turn is None or begun is None or turn.key in begun:
            self._kernel.interrupt()
            return
        # Its source was still on the way when the kernel heard that it is not wanted.
        self._outputs.add(turn.cell_id, INTERRUPTED)
        with self._fenced() as notebook:
            self._end(notebook, plan, [plan.fail(turn, is_interrupt=True)])

    def _withdraw(self, plan: PlanInFlight, keys: Iterable[str]) -> set[str] | None:
        """Take these back from the kernel; those that have begun. Waiting others are cancelled. None: it is stuck."""
        keys = list(keys)
        if not keys or self._kernel.connection is None:
            return set()
        begun = self._kernel.connection.withdraw(self._lease.number, keys)
        if begun is not None:
            self._cancel(plan, [key for key in keys if key not in begun])
        return begun

    def _cancel(self, plan: PlanInFlight, keys: list[str]) -> None:
        if cancelled := plan.cancel(keys):
            with self._fenced() as notebook:
                self._end(notebook, plan, cancelled)

    def _deleted(self, plan: PlanInFlight) -> list[str]:
        """The turns that have not begun and whose cells were deleted meanwhile."""
        sent = CellRun.objects.filter(key__in=plan.waiting, cell__deleted_at__isnull=False)
        return [str(key) for key in sent.values_list("key", flat=True)]

    def _cancel_queue(self) -> None:
        """What is queued was planned for the variables of a kernel that is gone."""
        with self._fenced() as notebook:
            if events := cancel_queue(self._notebook_id):
                append_events(notebook, SYSTEM, *events)

    def _may_wait(self) -> bool:
        """Asked while a kernel starts: keeps the lease, and stops for a command."""
        if self._is_time_to_look():
            with self._fenced():
                pass
        if worker.stops.is_set():
            raise worker.WorkerStops
        return not self._command

    def _may_wait_for_answer(self) -> bool:
        """Asked while a kernel is taken over that computes: only a command that ends the kernel ends the wait."""
        self._may_wait()
        return self._command not in ENDS_KERNEL

    def _is_time_to_look(self) -> bool:
        """Once a tick, and after every wake-up."""
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + TICK_S
        return True

    def _obeyed(self, command: LaneCommand) -> None:
        self._lease.done(command)
        self._command = LaneCommand.NONE

    def _start_kernel(self) -> Operation | None:
        """Start the kernel if there is none; the error to show if that fails."""
        try:
            self._kernel.start()
        except Unavailable as error:
            return error_output("KernelNotStarted", error.message)
        finally:
            self._memory = KernelMemory(self._notebook_id)
        return None

    def _queue_waits_for_kernel(self) -> bool:
        return self._kernel.connection is None and self._has_cell_runs(CellRunStatus.QUEUED)

    def _has_cell_runs(self, *statuses: CellRunStatus) -> bool:
        return CellRun.objects.filter(notebook_id=self._notebook_id, status__in=statuses).exists()

    @contextmanager
    def _fenced(self) -> Iterator[LockedNotebook]:
        """A transaction of the lane's owner, which also stores what was taken in of output and commits how far that is.

        LaneLost if it is not the owner any more. The connection goes back to the pool at once: there may be more lanes
        than connections. Only `_take_in` may hear of the kernel; it has everything in the plan and the outputs, or
        written, when it returns.
        """
        kernel = self._kernel.connection
        heard = kernel.heard if kernel else None
        try:
            with transaction.atomic():
                notebook, self._command = self._lease.fence(heard)
                yield notebook
                self._outputs.store()
        finally:
            connection.close()
        if kernel and heard is not None:
            kernel.stored = heard
