"""The ZeroMQ side of one kernel: send a request, receive what comes. Not thread-safe: a lane owns it."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import KernelConnectionInfo

from apps.kernels.messages import Message, request_id_of

logger = logging.getLogger(__name__)

# How long to wait for an answer before asking again: a request sent before the kernel listens is lost.
READY_RETRY_S = 0.1

# Its control thread answers within milliseconds, unless code in a cell holds Python's lock.
WITHDRAW_TIMEOUT_S = 5

_EMPTY: dict[str, Any] = {"plan_id": "", "cells": [], "clears": [], "keeps": [], "restores": []}


class KernelConnection:
    """Shell, control and IOPub sockets of a kernel."""

    def __init__(self, connection_info: dict[str, Any]) -> None:
        client = BlockingKernelClient(context=_context())
        client.load_connection_info(cast("KernelConnectionInfo", connection_info))
        self.session = client.session
        self.iopub = client.connect_iopub()
        self.shell = client.connect_shell(identity=self.session.bsession)
        self.control = client.connect_control(identity=self.session.bsession)

    def close(self) -> None:
        for socket in (self.iopub, self.shell, self.control):
            socket.close(linger=0)

    def execute_plan(self, plan: dict[str, Any]) -> str:
        """Send a plan (kernel_main.py); the request's message id. What a cell causes has the cell's id as parent."""
        return self._send(self.shell, "execute_plan_request", plan)

    def restore(self, plan_id: str, names: list[str], fence: int) -> None:
        """The end of a plan that was cut off: these names get back what they had before it."""
        self.execute_plan(_EMPTY | {"plan_id": plan_id, "fence": fence, "restores": names})

    def forget(self, names: list[str], fence: int) -> None:
        """Remove the names."""
        self.execute_plan(_EMPTY | {"fence": fence, "clears": names})

    def withdraw(self, fence: int, cell_ids: list[str]) -> set[str] | None:
        """Those of the cells that have begun; the others will not. None if the kernel does not answer."""
        request_id = self._send(self.control, "withdraw_request", {"fence": fence, "ids": cell_ids})
        deadline = time.monotonic() + WITHDRAW_TIMEOUT_S
        while (left_s := deadline - time.monotonic()) > 0:
            self.control.poll(int(left_s * 1000))
            for reply in self.receive(self.control):
                if request_id_of(reply) == request_id:
                    return {str(cell_id) for cell_id in reply["content"].get("begun", ())}
        return None

    def ask(self, request: str, content: dict[str, Any]) -> str:
        """Send a `<request>_request`; the id of the message. The reply comes on the shell socket."""
        return self._send(self.shell, f"{request}_request", content)

    def answer_input(self, request_id: str, value: str) -> None:
        """What somebody answered to `input()`."""
        self._send(self.control, "input_reply", {"id": request_id, "value": value})

    def wait_until_ready(self, timeout_s: float, *, keep_waiting: Callable[[], bool]) -> bool:
        """Whether the kernel answers on both sockets within the time; `keep_waiting` is asked several times a second.

        A subscription takes effect a moment after it is made: until the kernel's busy and idle messages of our
        own request have been seen, output could be missed.
        """
        deadline = time.monotonic() + timeout_s
        asked: set[str] = set()
        heard = {self.shell: False, self.iopub: False}
        while time.monotonic() < deadline and keep_waiting():
            asked.add(self._send(self.shell, "kernel_info_request", {}))
            retry_at = time.monotonic() + READY_RETRY_S
            while not all(heard.values()) and self._poll(retry_at - time.monotonic()):
                for socket in heard:
                    heard[socket] |= any(request_id_of(message) in asked for message in self.receive(socket))
            if all(heard.values()):
                return True
        return False

    def receive(self, socket: "zmq.Socket[bytes]") -> Iterator[Message]:
        """All messages that have arrived on the socket, without the malformed and those not signed with its key."""
        while True:
            try:
                _, message = self.session.recv(socket, mode=zmq.NOBLOCK)
            except (ValueError, TypeError, KeyError) as error:
                logger.warning("Dropped a message that no kernel should send: %r", error)
                continue
            if message is None:
                return
            yield message

    def _send(self, socket: "zmq.Socket[bytes]", msg_type: str, content: dict[str, Any]) -> str:
        message_id: str = self.session.send(socket, msg_type, content)["header"]["msg_id"]
        return message_id

    def _poll(self, timeout_s: float) -> bool:
        """Whether something has arrived; False once the time is over."""
        poller = zmq.Poller()
        poller.register(self.shell, zmq.POLLIN)
        poller.register(self.iopub, zmq.POLLIN)
        return bool(poller.poll(int(max(0.0, timeout_s) * 1000)))


@cache
def _context() -> "zmq.Context[zmq.Socket[bytes]]":
    """This process's ZeroMQ context. Its sockets drop nothing: a lane that was held up must find all output."""
    context = zmq.Context()
    context.setsockopt(zmq.RCVHWM, 0)
    return context
