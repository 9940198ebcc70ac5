"""What arrives at a lane: messages of the kernel, wake-ups and questions. Not thread-safe, like the lane."""

import time
from collections.abc import Iterable, Iterator
from uuid import UUID

import zmq

from apps.execution.wake import COMM, OPENED, WakeListener
from apps.kernels.connection import KernelConnection
from apps.kernels.messages import Message


class Intake:
    def __init__(self, notebook_id: UUID) -> None:
        self.woken = False
        """Whether somebody woke the lane; whoever looks sets it back."""
        self.is_opened = False
        """Whether an editor opened the notebook; whoever has started a kernel sets it back."""
        self.heard_at = 0.0  # when the kernel published something last, on the monotonic clock
        self.questions: list[bytes] = []
        self.comms: list[bytes] = []
        """Messages to widgets."""
        self.replies: list[Message] = []
        """Of the kernel's shell channel; whoever takes these three empties them."""
        self._wakes = WakeListener(notebook_id)

    def close(self) -> None:
        self._wakes.close()

    def hang_up(self) -> bool:
        """Listen no more: True; or go on, because something came in this moment, which waits here now."""
        heard = self._wakes.hang_up()
        self._sort(heard)
        if heard:
            self._wakes.subscribe()
        return not heard

    def wait(self, kernel: KernelConnection | None, timeout_s: float) -> Iterator[Message]:
        """Wait until something arrives; what the kernel published, in order. Whoever hears it has to take it in."""
        poller = zmq.Poller()
        if (wake_fd := self._wakes.fileno()) is not None:
            poller.register(wake_fd, zmq.POLLIN)
        if kernel:
            poller.register(kernel.iopub, zmq.POLLIN)
            poller.register(kernel.shell, zmq.POLLIN)
        ready = dict(poller.poll(0 if self._wakes.has_heard else int(timeout_s * 1000)))
        if kernel and kernel.shell in ready:
            self.replies += kernel.receive(kernel.shell)
        if wake_fd in ready or self._wakes.has_heard:
            heard = self._wakes.drain()
            self._sort(heard)
            # Also if the hint itself got lost: looking costs little.
            self.woken |= not heard
        if kernel and kernel.iopub in ready:
            self.heard_at = time.monotonic()
            yield from kernel.published()

    def _sort(self, heard: Iterable[bytes]) -> None:
        for message in heard:
            if not message:
                self.woken = True
            elif message == OPENED:
                self.is_opened = True
            elif message.startswith(COMM):
                self.comms.append(message.removeprefix(COMM))
            else:
                self.questions.append(message)
