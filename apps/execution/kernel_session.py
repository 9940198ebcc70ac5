"""A lane's hold on the notebook's kernel: start it, find it again, watch it, end it, and keep its row true."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.accounts.actors import SYSTEM
from apps.base.errors import Unavailable
from apps.execution.kernel_memory import forget_kernel
from apps.journal.record import append_events
from apps.kernels import pool
from apps.kernels.connection import KernelConnection
from apps.kernels.events import KernelStatusChanged
from apps.kernels.models import Kernel, KernelPolicy, KernelStatus
from apps.kernels.processes import KernelProcess
from apps.kernels.room import check_kernel_room
from apps.kernels.specs import NO_KERNEL, PYTHON, KernelSpec, spec_of
from apps.kernels.taken_over import TakenOver
from apps.kernels.usage import Usage
from apps.notebooks.locking import LockedNotebook
from apps.notebooks.models import Notebook
from apps.notebooks.queries import language_of

# An idle kernel answers at once, one that computes whenever it lets go of Python's lock. After this time it is only
# waited for if cells are at stake.
TAKE_OVER_TIMEOUT_S = 5


class KernelSession:
    """`fenced` opens a lane's transaction: notebook locked, fence checked.

    `keep_waiting` is asked while a kernel starts: it holds the lease, and says False when something else is wanted.
    """

    def __init__(
        self,
        notebook_id: UUID,
        fenced: Callable[[], AbstractContextManager[LockedNotebook]],
        keep_waiting: Callable[[], bool],
    ) -> None:
        self._notebook_id = notebook_id
        self._fenced = fenced
        self._keep_waiting = keep_waiting
        self._process: KernelProcess | None = None
        self._status, self._message = KernelStatus.OFF, ""  # as this session has written them
        self.connection: KernelConnection | None = None

    def start(self, *, is_asked: bool = True) -> KernelConnection:
        """The connection to a ready kernel, started if there is none. Unavailable, with the reason.

        If nobody asked for it, people are not told that it cannot be started: the next run tells them.
        """
        if self.connection is not None:
            return self.connection
        try:
            check_kernel_room(self._notebook_id)
            policy = KernelPolicy.objects.filter(pk=self._notebook_id, has_network=True)
            has_network = policy.exists()
            spec = self._spec()
            process = None if has_network or spec is not PYTHON else pool.take(self._notebook_id)
            if process and (connection := self._connect_pooled(process)):
                return connection
            return self._start_new(spec, has_network=has_network)
        except OSError as error:
            raise self._failed(f"The kernel could not be started: {error}.", is_asked=is_asked) from error
        except Unavailable as error:
            raise self._failed(error.message, is_asked=is_asked) from error

    def take_over(
        self, fence: int, sent: list[str], stored: int, *, keep_waiting: Callable[[], bool]
    ) -> TakenOver | None:
        """Take over the kernel that an earlier owner of the lane left; None if it is gone.

        `sent` are the cell runs that the earlier owner sent and that have not ended. `stored` is Lane.heard: the
        messages that follow come again. `keep_waiting` is asked while a kernel with cells of these does not answer.
        """
        kernel = Kernel.objects.filter(pk=self._notebook_id).first()
        if kernel is None or kernel.status in (KernelStatus.OFF, KernelStatus.DEAD):
            return None
        self._message = kernel.message
        process = self._process = KernelProcess.attach(kernel)
        if process is None:
            self._forget(KernelStatus.DEAD, "The kernel is gone: its variables are lost.")
            return None
        if kernel.status == KernelStatus.STARTING:
            taken_over = self._await_start(process)
        else:
            taken_over = self._await_answer(process, fence, sent, stored, keep_waiting)
        if taken_over is None:
            process.end()
            self._forget(KernelStatus.DEAD, "The kernel did not answer any more and was ended.")
        return taken_over

    def say(self, message: str) -> None:
        """Something of a kernel that lives and that people should know."""
        if self.connection is None or message == self._message:
            return
        self._message = message
        with self._fenced() as notebook:
            Kernel.objects.filter(pk=self._notebook_id).update(message=message)
            append_events(notebook, SYSTEM, KernelStatusChanged(status=KernelStatus.IDLE, message=message))

    def interrupt(self) -> None:
        if self._process is not None:
            self._process.interrupt()

    def end(self, status: KernelStatus = KernelStatus.OFF, message: str = "") -> None:
        """End the process, if there is one, and say so."""
        if self._process is not None:
            self._process.end()
            self._forget(status, message)

    def kill(self) -> None:
        """End the process of a notebook that was deleted: it has no more events, and nobody to see them."""
        if self._process is not None:
            self._process.end()
        Kernel.objects.filter(pk=self._notebook_id).update(status=KernelStatus.OFF, provisioner_info={})

    def is_dead(self) -> bool:
        return self._process is not None and self._process.exit_code() is not None

    def death(self) -> str:
        """Why the kernel is dead, in a sentence; empty while it lives. A dead kernel's row is set right."""
        process = self._process
        code = process.exit_code() if process is not None else None
        if process is None or code is None:
            return ""
        reason = process.why_it_ended()
        process.clear_away()
        message = f"The kernel died ({reason}). Its variables are lost; the next run starts a new one."
        self._forget(KernelStatus.DEAD, message)
        return message

    def excess(self) -> str:
        """End a kernel that uses too much; then of what, in a sentence."""
        message = self._process.excess() if self._process else ""
        if message:
            self.end(KernelStatus.DEAD, message)
        return message

    def usage(self) -> Usage | None:
        """What the kernel takes of the machine; None if there is none."""
        return self._process.usage() if self._process else None

    def detach(self) -> None:
        """Let go of the kernel and leave it running."""
        if self.connection is not None:
            self.connection.close()
        self.connection = self._process = None

    def _connect_pooled(self, process: KernelProcess) -> KernelConnection | None:
        """To a kernel that was ready before; None if it is not."""
        try:
            connection = self._connect(process, settings.KERNEL_START_TIMEOUT_S)
            if connection is not None:
                self._set_status(KernelStatus.IDLE, process=process, is_new=True)
                return connection
        except BaseException:
            process.end()  # no row names it
            raise
        process.end()
        return None

    def _spec(self) -> KernelSpec:
        """Of the kernel that the notebook wants. Unavailable if there is none."""
        notebook = Notebook.objects.get(pk=self._notebook_id)
        spec = spec_of(notebook.metadata, language_of(notebook))
        if spec is None:
            raise Unavailable(NO_KERNEL.format(language=language_of(notebook)))
        return spec

    def _start_new(self, spec: KernelSpec, *, has_network: bool) -> KernelConnection:
        process = KernelProcess.launch(self._notebook_id, spec, has_network=has_network)
        try:
            # Written while the process boots, so that a kernel is on record from its first moment.
            self._set_status(KernelStatus.STARTING, process=process, is_new=True)
            connection = self._connect(process, settings.KERNEL_START_TIMEOUT_S)
        except BaseException:
            process.end()  # no row may ever name it
            raise
        if connection is None:
            reason = _why_not_ready(process)
            process.end()
            raise Unavailable(reason)
        self._set_status(KernelStatus.IDLE, process=process)
        return connection

    def _await_start(self, process: KernelProcess) -> TakenOver | None:
        """Nobody sends cells to a kernel that is not ready."""
        if self._connect(process, settings.KERNEL_START_TIMEOUT_S) is None:
            return None
        self._set_status(KernelStatus.IDLE, process=process)
        return TakenOver({})

    def _await_answer(
        self,
        process: KernelProcess,
        fence: int,
        sent: list[str],
        stored: int,
        keep_waiting: Callable[[], bool],
    ) -> TakenOver | None:
        deadline = time.monotonic() + TAKE_OVER_TIMEOUT_S

        def is_worth_waiting() -> bool:
            goes_on = keep_waiting()
            if process.exit_code() is not None:
                return False
            return time.monotonic() < deadline or (bool(sent) and goes_on)

        connection = KernelConnection(process.connection_info)
        try:
            taken_over = connection.take_over(fence, sent, stored, keep_waiting=is_worth_waiting)
        except BaseException:
            connection.close()
            raise
        if taken_over is None:
            connection.close()
        else:
            self.connection = connection
        return taken_over

    def _connect(self, process: KernelProcess, timeout_s: float) -> KernelConnection | None:
        """Connect and wait until it is ready; None if it dies, is not wanted any more or takes too long."""
        connection = KernelConnection(process.connection_info)
        try:
            ready = connection.wait_until_ready(
                timeout_s, keep_waiting=lambda: process.exit_code() is None and self._keep_waiting()
            )
        except BaseException:
            connection.close()
            raise
        if not ready:
            connection.close()
            return None
        self._process, self.connection = process, connection
        return connection

    def _failed(self, message: str, *, is_asked: bool) -> Unavailable:
        if is_asked or self._status == KernelStatus.STARTING:
            self._forget(KernelStatus.DEAD, message)
        return Unavailable(message)

    def _forget(self, status: KernelStatus, message: str) -> None:
        self.detach()
        self._set_status(status, message)

    def _set_status(
        self,
        status: KernelStatus,
        message: str = "",
        *,
        process: KernelProcess | None = None,
        is_new: bool = False,
    ) -> None:
        with self._fenced() as notebook:
            if is_new:
                check_kernel_room(self._notebook_id, is_last_look=True)
            if process is None or is_new:
                forget_kernel(self._notebook_id)
            Kernel.objects.update_or_create(
                notebook_id=self._notebook_id,
                defaults={
                    "status": status,
                    "message": message,
                    "connection_info": process.connection_info if process else {},
                    "provisioner_info": process.provisioner_info if process else {},
                    "started_at": timezone.now() if process else None,
                },
            )
            append_events(notebook, SYSTEM, KernelStatusChanged(status=status, message=message))
        self._status, self._message = status, message


def _why_not_ready(process: KernelProcess) -> str:
    words = process.last_words()
    last_words = f" Its last words: {words}" if words else ""
    if process.exit_code() is None:
        return f"The kernel did not get ready in time. Run the cell again.{last_words}"
    return f"The kernel ended while it started ({process.why_it_ended()}).{last_words}"
