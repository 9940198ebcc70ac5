"""What a lane holds while it owns a notebook: the lease, the kernel, and the writes that only its owner may do.

Shared by the lane and by what follows its plans, in one thread. What others see of a lane is written in `fenced` alone.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from apps.base.errors import Unavailable
from apps.execution import worker
from apps.execution.kernel_memory import KernelMemory
from apps.execution.kernel_session import KernelSession
from apps.execution.lease import Lease
from apps.execution.models import ENDS_KERNEL, CellRun, CellRunStatus, LaneCommand
from apps.execution.output_router import OutputRouter
from apps.execution.widgets import LaneWidgets
from apps.kernels.messages import Operation, error_output
from apps.notebooks.locking import LockedNotebook

logger = logging.getLogger(__name__)

# How often a lane looks up while it waits: does the kernel live, does the worker stop.
TICK_S = 0.5


class LaneHold:
    memory: KernelMemory
    """Of the kernel that there is now; `kernel_changed` reads it."""

    def __init__(self, lease: Lease) -> None:
        self.notebook_id: UUID = lease.notebook_id
        self.lease = lease
        self.kernel = KernelSession(lease.notebook_id, self.fenced, self.may_wait)
        self.outputs = OutputRouter(lease.notebook_id)
        self.widgets = LaneWidgets(lease.notebook_id, self.outputs)
        self.command = LaneCommand.NONE
        """What the lane is asked to do, as the last fenced transaction saw it."""
        self.look_at = 0.0
        """When to look up next, on the monotonic clock."""

    @contextmanager
    def fenced(self) -> Iterator[LockedNotebook]:
        """A transaction of the lane's owner, which also stores what was taken in of output and commits how far that is.

        LaneLost if it is not the owner any more, NotFound if the notebook was deleted. The connection goes back to the
        pool at once: there may be more lanes than connections. Only `take_in` (plan_follower.py) may hear of the
        kernel; it has everything in the plan and the outputs, or written, when it returns.
        """
        kernel = self.kernel.connection
        heard = kernel.heard if kernel else None
        try:
            with transaction.atomic():
                notebook, self.command = self.lease.fence(heard)
                # First: a transaction that says that the kernel is gone says it of all that it has said.
                self.widgets.store()
                yield notebook
                self.outputs.store()
        finally:
            connection.close()
        if kernel and heard is not None:
            kernel.stored = heard

    def renew(self) -> None:
        """Keep the lease, see what is commanded, and store output: every fenced transaction does that."""
        with self.fenced():
            pass

    def obeyed(self, command: LaneCommand) -> None:
        self.lease.done(command)
        self.command = LaneCommand.NONE

    def is_time_to_look(self) -> bool:
        """Once a tick, and after every wake-up."""
        now = time.monotonic()
        if now < self.look_at:
            return False
        self.look_at = now + TICK_S
        return True

    def may_wait(self) -> bool:
        """Asked while a kernel starts: keeps the lease, and stops for a command."""
        if self.is_time_to_look():
            self.renew()
        if worker.stops.is_set():
            raise worker.WorkerStops
        return not self.command

    def may_wait_for_answer(self) -> bool:
        """Asked while a kernel is taken over that computes: only a command that ends the kernel ends the wait."""
        self.may_wait()
        return self.command not in ENDS_KERNEL

    def start_kernel(self) -> Operation | None:
        """Start the kernel if there is none; the error to show if that fails."""
        try:
            self.kernel.start()
        except Unavailable as error:
            return error_output("KernelNotStarted", error.message)
        finally:
            self.kernel_changed()
        return None

    def start_kernel_unasked(self) -> None:
        """As above, but nobody waits for it: if it fails, the next run says why."""
        try:
            self.kernel.start(is_asked=False)
        except Unavailable as error:
            logger.info("No kernel was started unasked for %s: %s", self.notebook_id, error)
        finally:
            self.kernel_changed()

    def kernel_changed(self) -> None:
        """There is another kernel now, or none."""
        self.memory = KernelMemory(self.notebook_id)
        self.widgets.kernel_changed()

    def has_cell_runs(self, *statuses: CellRunStatus) -> bool:
        return CellRun.objects.filter(notebook_id=self.notebook_id, status__in=statuses).exists()
