"""What arrives at a lane: output and replies of the kernel, and wake-ups. Not thread-safe, like the lane."""

import time
from typing import Any
from uuid import UUID

import zmq

from apps.execution.output_router import OutputRouter
from apps.execution.sinks import OutputSink
from apps.execution.wake import WakeListener
from apps.kernels.connection import KernelConnection
from apps.kernels.messages import request_id_of

Reply = dict[str, Any]


class Intake:
    def __init__(self, notebook_id: UUID) -> None:
        self.outputs = OutputRouter(notebook_id)
        self.output_at = 0.0  # when output came last, on the monotonic clock
        self._wakes = WakeListener(notebook_id)
        self._replies: dict[str, Reply] = {}
        self._published: set[str] = set()  # requests whose output has all come

    def close(self) -> None:
        self._wakes.close()

    def expect(self, request_id: str, sink: OutputSink) -> None:
        """From here on the request's output goes to the sink, and its reply is waited for."""
        self._replies.clear()
        self._published.clear()
        self.outputs.expect(request_id, sink)

    def wait(self, kernel: KernelConnection | None, timeout_s: float) -> bool:
        """Wait until something arrives and take it in. Whether somebody woke the lane."""
        poller = zmq.Poller()
        if (wake_fd := self._wakes.fileno()) is not None:
            poller.register(wake_fd, zmq.POLLIN)
        if kernel:
            poller.register(kernel.iopub, zmq.POLLIN)
            poller.register(kernel.shell, zmq.POLLIN)
        ready = dict(poller.poll(int(timeout_s * 1000)))
        if kernel and kernel.iopub in ready:
            self._published |= self.outputs.route(kernel.receive(kernel.iopub))
            if self.outputs.is_dirty:
                self.output_at = time.monotonic()
        if kernel and kernel.shell in ready:
            self._replies |= {
                request_id_of(reply): reply["content"] for reply in kernel.receive(kernel.shell)
            }
        if wake_fd in ready:
            self._wakes.drain()
            return True
        return False

    def reply_to(self, request_id: str) -> Reply | None:
        """The reply, once everything else that the request caused has arrived too."""
        return self._replies.get(request_id) if request_id in self._published else None
