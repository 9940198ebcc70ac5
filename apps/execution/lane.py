"""A lane: one thread of one worker that owns a notebook's queue and kernel while its lease lasts.

It runs the queue in order, does what people command meanwhile, lingers while the kernel is in use, and lets go. What
others see it writes through `_fenced` alone. Nothing runs twice: a cell run is marked running in a committed row
before its source is sent, and one that an earlier owner left running is ended as lost, never sent again.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actors import SYSTEM
from apps.base.errors import NotFound, Unavailable
from apps.execution import worker
from apps.execution.intake import Intake
from apps.execution.kernel_session import KernelSession
from apps.execution.lease import LaneLost, Lease
from apps.execution.models import CellRun, CellRunStatus, Lane, LaneCommand
from apps.execution.transitions import block_rest, finish_cell_run, show_running
from apps.execution.wake import kick
from apps.journal.record import append_events
from apps.kernels.messages import Operation, count_of, error_output
from apps.notebooks.locking import LockedNotebook

logger = logging.getLogger(__name__)

# How often a lane looks up while it waits: does the kernel live, does the worker stop.
TICK_S = 0.5
# How soon output that was shown is also stored.
STORE_AFTER_S = 0.25

LOST = error_output(
    "WorkerLost",
    "The worker that ran this cell ended before the cell did, so its result is unknown. Run it again.",
)
RESTARTED = error_output("KernelRestarted", "The kernel was restarted or shut down while this cell ran.")


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
        lease = Lease.acquire(self._notebook_id)
        if lease is None:
            return
        self._lease = lease
        self._intake = Intake(self._notebook_id)
        self._outputs = self._intake.outputs
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
        """Take over from an owner that died: the cell it ran is lost, its kernel perhaps not."""
        running = CellRun.objects.filter(notebook_id=self._notebook_id, status=CellRunStatus.RUNNING)
        lost = list(running.select_related("cell"))
        self._kernel.reattach(interrupt=bool(lost))
        for cell_run in lost:
            self._outputs.sink_of(cell_run.cell).skip_lost_output()
            self._fail(cell_run, LOST, blocks=False)

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
            idle_since = max(idle_since, self._intake.output_at)
        self._store()

    def _let_go(self) -> None:
        """Release the lease; what was asked in that moment has to find a new lane."""
        worker.lanes.discard(self)
        try:
            self._lease.release()
            asked = Lane.objects.filter(pk=self._notebook_id).exclude(command=LaneCommand.NONE)
            if not worker.stops.is_set() and (self._has_queue() or asked.exists()):
                kick(self._notebook_id)
        finally:
            connection.close()

    # Actions

    def _step(self) -> bool:
        """Obey a command or run the next cell. False if there is neither."""
        failure = self._start_kernel() if self._queue_waits_for_kernel() else None
        cell_run = self._claim()
        if self._command:
            self._obey()
            return True
        if cell_run is None:
            return False
        if cell_run.cell_is_deleted:
            self._finish(cell_run, CellRunStatus.CANCELLED, execution_count=None)
        elif failure:
            self._fail(cell_run, failure)
        else:
            self._execute(cell_run)
        return True

    def _claim(self) -> CellRun | None:
        """The first of the queue, marked running; None if there is none or a command comes first."""
        try:
            self._command, cell_run = self._lease.claim()
            return cell_run
        finally:
            connection.close()

    def _announce(self, cell_run: CellRun) -> None:
        with self._fenced() as notebook:
            append_events(notebook, SYSTEM, *show_running(cell_run))

    def _execute(self, cell_run: CellRun) -> None:
        """Send the source and follow it to its end, whatever that is. The kernel computes while we tell the world."""
        assert self._kernel.connection is not None
        request_id = self._kernel.connection.execute(cell_run.source)
        self._announce(cell_run)
        self._intake.expect(request_id, self._outputs.sink_of(cell_run.cell))
        while (reply := self._intake.reply_to(request_id)) is None:
            self._take_in()
            if failure := self._disturbance():
                self._fail(cell_run, failure)
                return
        status = CellRunStatus.OK if reply.get("status") == "ok" else CellRunStatus.ERROR
        # An empty cell does not count in Jupyter.
        execution_count = count_of(reply) if cell_run.source.strip() else None
        self._finish(cell_run, status, execution_count=execution_count)

    def _obey(self) -> None:
        """Do the command. A cell that ran was ended by `_disturbance` before."""
        command = self._command
        if command in (LaneCommand.RESTART, LaneCommand.SHUTDOWN):
            self._kernel.end()
        if command == LaneCommand.RESTART:
            self._start_kernel()
        self._obeyed(command)

    def _idle(self) -> None:
        """Wait for a wake-up, at most a tick; threads may still print."""
        self._take_in()
        if self._is_time_to_look():
            self._kernel.death()

    # Private

    def _take_in(self) -> None:
        """Wait until something arrives, at most a tick; store what has been shown for long enough."""
        woken = self._intake.wait(
            self._kernel.connection, STORE_AFTER_S if self._outputs.is_dirty else TICK_S
        )
        if woken:
            self._look_at = 0.0
        now = time.monotonic()
        if now >= self._store_at:
            self._store()
            self._store_at = now + STORE_AFTER_S

    def _store(self) -> None:
        if self._outputs.is_dirty:
            with self._fenced():
                self._outputs.store()

    def _disturbance(self) -> Operation | None:
        """What ends the running cell from outside, as the error to show under it."""
        if not self._is_time_to_look():
            return None
        with self._fenced():
            pass  # raises NotFound for a deleted notebook: its cell has to end
        if self._command == LaneCommand.INTERRUPT:
            self._kernel.interrupt()
            self._obeyed(self._command)
        if self._command in (LaneCommand.RESTART, LaneCommand.SHUTDOWN):
            return RESTARTED
        if worker.stops.is_set():
            self._store()
            raise worker.WorkerStops
        if self._kernel.is_dead():
            self._take_in()  # what it said last
            return error_output("KernelDied", self._kernel.death())
        return None

    def _may_wait(self) -> bool:
        """Asked while a kernel starts: keeps the lease, and stops for a command."""
        if self._is_time_to_look():
            with self._fenced():
                pass
        if worker.stops.is_set():
            raise worker.WorkerStops
        return not self._command

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
        return None

    def _queue_waits_for_kernel(self) -> bool:
        return self._kernel.connection is None and self._has_queue()

    def _has_queue(self) -> bool:
        return CellRun.objects.filter(notebook_id=self._notebook_id, status=CellRunStatus.QUEUED).exists()

    def _fail(self, cell_run: CellRun, error: Operation, *, blocks: bool = True) -> None:
        if cell_run.cell.cell_run_id != cell_run.key:
            self._announce(cell_run)
        self._outputs.sink_of(cell_run.cell).take([error])
        self._finish(cell_run, CellRunStatus.ERROR, execution_count=None, blocks=blocks)

    def _finish(
        self, cell_run: CellRun, status: CellRunStatus, *, execution_count: int | None, blocks: bool = True
    ) -> None:
        """Store the outputs and the end in one transaction; a failure blocks the rest of its run."""
        with self._fenced() as notebook:
            self._outputs.store()
            events = finish_cell_run(cell_run, status, execution_count=execution_count)
            if status == CellRunStatus.ERROR and blocks and not _may_fail(cell_run):
                events += block_rest(cell_run.run_id)
            append_events(notebook, SYSTEM, *events)

    @contextmanager
    def _fenced(self) -> Iterator[LockedNotebook]:
        """A transaction of the lane's owner. LaneLost if it is not the owner any more.

        The connection goes back to the pool at once: there may be more lanes than connections.
        """
        try:
            with transaction.atomic():
                notebook, self._command = self._lease.fence()
                yield notebook
        finally:
            connection.close()


def _may_fail(cell_run: CellRun) -> bool:
    """Whether the cell carries Jupyter's tag for cells that are meant to fail."""
    return "raises-exception" in cell_run.cell.metadata.get("tags", ())
