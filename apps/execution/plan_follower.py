"""Following a plan that the kernel runs to its end, whatever that is: what it says is shown, stored and told, and what
people command meanwhile is done. Part of a lane, in its thread; only here the kernel is heard.
"""

import time
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from apps.accounts.actors import SYSTEM
from apps.execution import worker
from apps.execution.hold import TICK_S, LaneHold
from apps.execution.input_prompts import InputPrompts, echo_of
from apps.execution.intake import Intake
from apps.execution.interruption import Interruption
from apps.execution.kernel_questions import KernelQuestions
from apps.execution.models import ENDS_KERNEL, CellRun, LaneCommand
from apps.execution.outside_queries import OutsideQueries
from apps.execution.plan_in_flight import PlanInFlight
from apps.execution.time_limit import TimeLimit, Verdict
from apps.execution.transitions import begin, begin_and_end, cancel_queue, end
from apps.execution.turn import Turn, TurnEnd
from apps.journal.publish import publish
from apps.journal.record import append_events
from apps.kernels.messages import Operation, error_output, request_id_of
from apps.kernels.models import KernelStatus
from apps.notebooks.locking import LockedNotebook

# How soon output that was shown is also stored.
STORE_AFTER_S = 0.25

INTERRUPTED = error_output("KeyboardInterrupt", "The cell was interrupted before its first line.")
RESTARTED = error_output("KernelRestarted", "The kernel was restarted or shut down while this cell ran.")
SILENT = error_output("KernelError", "The kernel did not say how this cell ended. Run it again.")

MISSING: Operation = {
    "output_type": "stream",
    "name": "stderr",
    "text": "\n[Output is missing here: while no worker looked after the kernel, it put out more than it can keep.]\n",
}


class PlanFollower:
    def __init__(self, hold: LaneHold, intake: Intake) -> None:
        self._hold = hold
        self._kernel = hold.kernel
        self._outputs = hold.outputs
        self._widgets = hold.widgets
        self._intake = intake
        self._prompts = InputPrompts(hold.notebook_id)
        self._questions = KernelQuestions(hold.kernel.usage)
        self._queries = OutsideQueries(hold.notebook_id, hold.lease.number)
        self._time_limit = TimeLimit(hold.notebook_id)
        self._interruption = Interruption(hold)
        self._store_at = 0.0  # when to store output next, on the monotonic clock

    def follow(self, plan: PlanInFlight, request_id: str) -> None:
        """Until the kernel has published everything of the request, or the plan ends from outside."""
        try:
            while not self.take_in(plan, request_id):
                if failure := self._disturbance(plan):
                    self.fail(plan, failure)
                    break
        finally:
            self._queries.cancel()
        if self._interruption.is_unanswered and not plan.running:
            self.cancel(plan, list(plan.waiting))
        self._interruption.end()

    def take_in(self, plan: PlanInFlight | None = None, request_id: str = "") -> bool:
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
                case "query_request" | "query_withdrawn":
                    self._queries.hear(message, plan.running if plan else None)
                case "comm_open" | "comm_msg" | "comm_close" | "comm_handled":
                    self._widgets.hear(message)
                case _ if not self._widgets.capture(message):
                    self._outputs.take(message)
        self._pass_on(is_busy=plan is not None and not plan.is_over)
        self._queries.deliver(self._kernel.connection)
        # First the widgets that outputs show.
        self._widgets.show()
        self._outputs.show()
        if plan:
            self._settle(plan)
        if self._intake.woken:
            self._hold.look_at = 0.0
        if time.monotonic() >= self._store_at:
            if self._is_dirty:
                self._hold.renew()
            self._store_at = time.monotonic() + STORE_AFTER_S
        if self._kernel.connection:
            self._kernel.connection.tell_stored()
        return is_over

    def end(
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
            transaction.on_commit(partial(publish, self._hold.notebook_id, *frames), robust=True)
        if not ends:
            return
        memory = self._hold.memory
        for turn_end in ends:
            memory.end(turn_end, plan.kept)
        if plan.is_over:
            memory.restore(plan.due, plan.kept)
        memory.store()
        append_events(notebook, SYSTEM, *end(self._hold.notebook_id, ends, self._outputs.offsets))

    def fail(self, plan: PlanInFlight, error: Operation) -> None:
        """The plan ends here: the cell that runs, or would be the first, with an error, and the others do not run."""
        turn = plan.running or plan.next_waiting
        if turn is None:
            return
        if turn is not plan.running:
            self._outputs.begin(turn.cell_id, turn.key, is_announced=False)
        self._outputs.add(turn.cell_id, error)
        ends = [plan.fail(turn), *plan.block(list(plan.waiting), by=turn.cell_id)]
        with self._hold.fenced() as notebook:
            self.end(notebook, plan, ends)

    def cancel(self, plan: PlanInFlight, keys: list[str]) -> None:
        if cancelled := plan.cancel(keys):
            with self._hold.fenced() as notebook:
                self.end(notebook, plan, cancelled)

    # Private

    @property
    def _is_dirty(self) -> bool:
        return self._outputs.is_dirty or self._widgets.is_dirty

    def _pass_on(self, *, is_busy: bool) -> None:
        """Questions and messages to widgets to the kernel, and what it answers."""
        comms, self._intake.comms = self._intake.comms, []
        self._widgets.pass_on(comms, self._kernel.connection, is_busy=is_busy)
        questions, self._intake.questions = self._intake.questions, []
        replies, self._intake.replies = self._intake.replies, []
        self._questions.pass_on(questions, self._kernel.connection, is_busy=is_busy)
        self._questions.take(replies)

    def _patience_s(self) -> float:
        look_at = self._hold.look_at
        until = min(look_at, self._store_at) if self._is_dirty else look_at
        if (show_at := self._widgets.show_at) is not None:
            until = min(until, show_at)
        return min(TICK_S, max(0.0, until - time.monotonic()))

    def _settle(self, plan: PlanInFlight) -> None:
        """Write and tell what has begun, ended and asked for input since the last time."""
        ends, begun = plan.take_ended(), plan.take_begun()
        if ends or begun or self._prompts.has_news:
            with self._hold.fenced() as notebook:
                self.end(notebook, plan, ends, begun)
                self._prompts.tell(notebook, plan.running)

    def _disturbance(self, plan: PlanInFlight) -> Operation | None:
        """What ends the plan from outside, as the error to show under the cell that runs."""
        if not self._hold.is_time_to_look():
            return None
        self._hold.renew()  # raises NotFound for a deleted notebook: its cells have to end
        if self._intake.woken:
            self._intake.woken = self._withdraw(plan, self._deleted(plan)) is None
        self._deliver_answer(plan)
        if self._hold.command in (LaneCommand.INTERRUPT, LaneCommand.STOP_RUN):
            self._interrupt(plan)
            self._hold.obeyed(self._hold.command)
        elif self._interruption.is_unanswered:
            self._interrupt(plan)
        if self._hold.command in ENDS_KERNEL:
            return RESTARTED
        if worker.stops.is_set():
            self._hold.renew()
            raise worker.WorkerStops
        match self._time_limit.judge(plan.running, plan.started_at):
            case Verdict.INTERRUPT if plan.running:
                self._outputs.add(plan.running.cell_id, self._time_limit.error(plan.running))
                self._interrupt(plan)
            case Verdict.END_KERNEL if plan.running:
                self._kernel.end(KernelStatus.DEAD, self._time_limit.message(plan.running))
                return self._without_kernel(
                    "KernelLimit", "It ignored the interrupt, so its kernel was ended."
                )
        self._interruption.look(plan.running)
        if excess := self._kernel.excess():
            return self._without_kernel("KernelLimit", excess)
        if self._kernel.is_dead():
            self.take_in(plan)  # what it said last
            return self._without_kernel("KernelDied", self._kernel.death())
        return None

    def _without_kernel(self, name: str, why: str) -> Operation:
        """The kernel has ended while it was needed; the error for the cell that ran."""
        self._hold.kernel_changed()
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
        with self._hold.fenced():
            self._prompts.delivered(answer)

    def _interrupt(self, plan: PlanInFlight) -> None:
        """Stop the cell that runs, and cancel those that wait."""
        turn = plan.running
        begun = self._withdraw(plan, [*plan.waiting, *([turn.key] if turn else [])])
        self._interruption.is_unanswered = begun is None
        if turn is None or begun is None or turn.key in begun:
            self._kernel.interrupt()
            self._interruption.begin(turn)
            return
        # Its source was still on the way when the kernel heard that it is not wanted.
        self._outputs.add(turn.cell_id, INTERRUPTED)
        with self._hold.fenced() as notebook:
            self.end(notebook, plan, [plan.fail(turn, is_interrupt=True)])

    def _withdraw(self, plan: PlanInFlight, keys: Iterable[str]) -> set[str] | None:
        """Take these back from the kernel; those that have begun. Waiting others are cancelled. None: it is stuck."""
        keys = list(keys)
        if not keys or self._kernel.connection is None:
            return set()
        begun = self._kernel.connection.withdraw(self._hold.lease.number, keys)
        if begun is not None:
            self.cancel(plan, [key for key in keys if key not in begun])
        return begun

    def _deleted(self, plan: PlanInFlight) -> list[str]:
        """The turns that have not begun and whose cells were deleted meanwhile."""
        sent = CellRun.objects.filter(key__in=plan.waiting, cell__deleted_at__isnull=False)
        return [str(key) for key in sent.values_list("key", flat=True)]

    def _cancel_queue(self) -> None:
        """What is queued was planned for the variables of a kernel that is gone."""
        with self._hold.fenced() as notebook:
            if events := cancel_queue(self._hold.notebook_id):
                append_events(notebook, SYSTEM, *events)
