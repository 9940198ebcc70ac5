"""A lane's hold on the notebook's kernel: start it, find it again, watch it, end it, and keep its row true."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.accounts.actors import SYSTEM
from apps.base.errors import Unavailable
from apps.journal.record import append_events
from apps.kernels.connection import KernelConnection
from apps.kernels.events import KernelStatusChanged
from apps.kernels.models import Kernel, KernelStatus
from apps.kernels.processes import KernelProcess
from apps.kernels.provisioners import UNKNOWN_EXIT_CODE
from apps.notebooks.locking import LockedNotebook

# A kernel that was interrupted answers at once, or is stuck in code that ignores interrupts.
REATTACH_TIMEOUT_S = 5


class KernelSession:
    """`fenced` opens a lane's transaction: notebook locked, fence checked."""

    def __init__(
        self, notebook_id: UUID, fenced: Callable[[], AbstractContextManager[LockedNotebook]]
    ) -> None:
        self._notebook_id = notebook_id
        self._fenced = fenced
        self._process: KernelProcess | None = None
        self.connection: KernelConnection | None = None

    def start(self) -> KernelConnection:
        """The connection to a ready kernel, started if there is none. Unavailable, with the reason."""
        if self.connection is not None:
            return self.connection
        try:
            self._process = KernelProcess.launch(self._notebook_id)
        except OSError as error:
            raise self._failed(f"The kernel could not be started: {error}.") from error
        # Written while the process boots, so that a kernel is on record from its first moment.
        self._set_status(KernelStatus.STARTING, process=self._process)
        connection = self._connect(self._process, settings.KERNEL_START_TIMEOUT_S)
        if connection is None:
            self._process.end()
            raise self._failed(f"The kernel did not answer within {settings.KERNEL_START_TIMEOUT_S} s.")
        self._set_status(KernelStatus.IDLE, process=self._process)
        return connection

    def reattach(self, *, interrupt: bool) -> None:
        """Take over the kernel that an earlier owner of the lane left, if it still answers."""
        kernel = Kernel.objects.filter(pk=self._notebook_id).first()
        if kernel is None or kernel.status in (KernelStatus.OFF, KernelStatus.DEAD):
            return
        self._process = KernelProcess.attach(kernel)
        if self._process is None:
            self._forget(KernelStatus.DEAD, "The kernel is gone: its variables are lost.")
            return
        if interrupt:
            self._process.interrupt()
        if self._connect(self._process, REATTACH_TIMEOUT_S) is None:
            self._process.end()
            self._forget(KernelStatus.DEAD, "The kernel did not answer any more and was ended.")

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

    def death(self) -> str:
        """Why the kernel is dead, in a sentence; empty while it lives. A dead kernel's row is set right."""
        code = self._process.exit_code() if self._process is not None else None
        if code is None:
            return ""
        message = (
            f"The kernel died ({_exit_reason(code)}). Its variables are lost; the next run starts a new one."
        )
        self._forget(KernelStatus.DEAD, message)
        return message

    def detach(self) -> None:
        """Let go of the kernel and leave it running."""
        if self.connection is not None:
            self.connection.close()
        self.connection = self._process = None

    def _connect(self, process: KernelProcess, timeout_s: float) -> KernelConnection | None:
        connection = KernelConnection(process.connection_info)
        if connection.wait_until_ready(timeout_s, is_alive=lambda: process.exit_code() is None):
            self.connection = connection
            return connection
        connection.close()
        return None

    def _failed(self, message: str) -> Unavailable:
        self._forget(KernelStatus.DEAD, message)
        return Unavailable(message)

    def _forget(self, status: KernelStatus, message: str) -> None:
        self.detach()
        self._set_status(status, message)

    def _set_status(
        self, status: KernelStatus, message: str = "", *, process: KernelProcess | None = None
    ) -> None:
        with self._fenced() as notebook:
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


def _exit_reason(code: int) -> str:
    if code == UNKNOWN_EXIT_CODE:
        return "of an unknown cause"
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
