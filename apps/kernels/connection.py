"""The ZeroMQ side of one kernel: send a request, receive what comes. Not thread-safe: a lane owns it."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, cast

import zmq
from django.conf import settings
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import KernelConnectionInfo

from apps.kernels.messages import Message, request_id_of
from apps.kernels.taken_over import TakenOver

logger = logging.getLogger(__name__)

# Its control thread answers within milliseconds, unless code in a cell holds Python's lock. Then the lane has to look
# after other things before it asks again.
WITHDRAW_TIMEOUT_S = 1

# How often to look up while the kernel does not answer.
TICK_S = 0.1

# When to ask again: a request waits for a kernel that does not listen yet, but a subscription may come too late.
ASK_AGAIN_S = 2.0
SUBSCRIBE_S = 0.01

# How often ZeroMQ tries to connect to a kernel that does not listen yet.
RECONNECT_MS = 5

# How often a kernel is told what it need not keep any more, besides with each plan.
STORED_AGAIN_S = 1.0

# Of a message's number; what has as many fits into a row.
MAX_DIGITS = 18

# After so many messages, or so much time, the lane shows and stores them, and renews its lease, before it takes more.
MAX_AT_ONCE = 10_000
MAX_S_AT_ONCE = 0.2

# Messages that wait in this process, of each kernel. More wait in the memory of the kernel, which has a limit of its
# own: nothing is dropped, and a lane that was held up finds all output.
MAX_WAITING = 100

_EMPTY: dict[str, Any] = {"plan_id": "", "cells": [], "clears": [], "keeps": [], "restores": []}


class KernelConnection:
    """Shell, control and IOPub sockets of a kernel."""

    def __init__(self, connection_info: dict[str, Any]) -> None:
        client = BlockingKernelClient(context=_context())
        client.load_connection_info(cast("KernelConnectionInfo", connection_info))
        self.session = client.session
        self.session.digest_history_size = 0  # what a kernel publishes again has the signature that it had
        self.heard = 0
        """The number of the last message that `published` gave."""
        self.stored = 0
        """Up to which number everything is in rows, as the lane says."""
        self._last_before = 0  # the number of the last message before `take_over`
        self._told = 0  # what the kernel knows of `stored`
        self._tell_at = 0.0  # on the monotonic clock
        self.iopub = client.connect_iopub()
        self.shell = client.connect_shell(identity=self.session.bsession)
        self.control = client.connect_control(identity=self.session.bsession)

    def close(self) -> None:
        for socket in (self.iopub, self.shell, self.control):
            socket.close(linger=0)

    def execute_plan(self, plan: dict[str, Any]) -> str:
        """Send a plan (kernel_main.py); the request's message id. What a cell causes has the cell's id as parent."""
        self._told = self.stored
        return self._send(self.shell, "execute_plan_request", plan | {"stored": self.stored})

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

    def send_comm(
        self, message_ids: list[str], comm_id: str, data: dict[str, Any], buffers: list[bytes]
    ) -> None:
        """To a widget: what was sent under all these ids. A kernel that has had them does nothing.

        What this causes has the last of `message_ids` as parent; the last of it is `comm_handled`.
        """
        header = self.session.msg_header("comm_msg")
        header["msg_id"] = message_ids[-1]
        content = {"comm_id": comm_id, "data": data}
        metadata = {"message_ids": message_ids}
        self.session.send(self.shell, "comm_msg", content, header=header, metadata=metadata, buffers=buffers)

    def answer_input(self, request_id: str, value: str) -> None:
        """What somebody answered to `input()`."""
        self._send(self.control, "input_reply", {"id": request_id, "value": value})

    def answer_query(self, query_id: str, reply: dict[str, Any]) -> None:
        """What a database answered (kernel_query.py)."""
        self._send(self.control, "query_reply", {"id": query_id} | reply)

    def wait_until_ready(self, timeout_s: float, *, keep_waiting: Callable[[], bool]) -> bool:
        """Whether the kernel, which is new, is ready to run cells within the time; `keep_waiting` as below."""
        deadline = time.monotonic() + timeout_s
        return self._is_answered(self.shell, lambda: time.monotonic() < deadline and keep_waiting())

    def take_over(
        self, fence: int, cell_ids: list[str], stored: int, *, keep_waiting: Callable[[], bool]
    ) -> TakenOver | None:
        """Become the connection of the lane's new owner (kernel_main.py); None if the kernel does not answer.

        `published` begins with what follows number `stored`, whoever heard it before. `keep_waiting` is asked several
        times a second: a kernel that computes may take its time.
        """
        # Not on the shell socket, which a cell that runs keeps waiting.
        if not self._is_answered(self.control, keep_waiting):
            return None
        self.heard = self.stored = self._told = stored
        content = {"fence": fence, "ids": cell_ids, "stored": stored}
        request_id = self._send(self.control, "take_over_request", content)
        while keep_waiting():
            self.iopub.poll(int(TICK_S * 1000))
            for message in self.receive(self.iopub):
                if message["header"]["msg_type"] == "taken_over" and request_id_of(message) == request_id:
                    taken_over = TakenOver.of(message["content"])
                    self._last_before = taken_over.last
                    return taken_over
        return None

    def published(self) -> Iterator[Message]:
        """What has arrived on IOPub, in the order of its numbers and each message once; so many at a time.

        A message has `is_after_gap`: whether the kernel could not keep all that was published before it.
        """
        deadline = time.monotonic() + MAX_S_AT_ONCE
        for message in islice(self._published(), MAX_AT_ONCE):
            yield message
            if time.monotonic() > deadline:
                return

    def tell_stored(self) -> None:
        """Tell the kernel, once in a while, what it need not keep any more."""
        if self.stored > self._told and time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + STORED_AGAIN_S
            self._told = self.stored
            self._send(self.control, "stored_request", {"stored": self.stored})

    def receive(self, socket: "zmq.Socket[bytes]") -> Iterator[Message]:
        """All messages that have arrived on the socket, without the malformed and those not signed with its key."""
        return (message for _, message in self._received(socket))

    def _published(self) -> Iterator[Message]:
        for number, message in self._received(self.iopub):
            if number > self.heard:
                message["is_after_gap"] = self.heard < self._last_before and number > self.heard + 1
                self.heard = number
                yield message

    def _received(self, socket: "zmq.Socket[bytes]") -> Iterator[tuple[int, Message]]:
        """The messages with their numbers; 0: it has none."""
        while True:
            try:
                frames, message = self.session.recv(socket, mode=zmq.NOBLOCK)
            except (ValueError, TypeError, KeyError) as error:
                logger.warning("Dropped a message that no kernel should send: %r", error)
                continue
            if message is None:
                return
            yield _number(frames), message

    def _is_answered(self, socket: "zmq.Socket[bytes]", keep_waiting: Callable[[], bool]) -> bool:
        """Whether the kernel answers, on IOPub too.

        A subscription takes effect a moment after it is made: until the kernel's busy and idle messages of our
        own request have been seen, output could be missed.
        """
        asked: set[str] = set()
        heard = {socket: False, self.iopub: False}
        ask_at = 0.0
        while keep_waiting():
            if (now := time.monotonic()) >= ask_at:
                asked.add(self._send(socket, "kernel_info_request", {}))
                ask_at = now + (SUBSCRIBE_S if heard[socket] else ASK_AGAIN_S)
            self._poll(heard, min(TICK_S, ask_at - now))
            for each in heard:
                heard[each] |= any(request_id_of(message) in asked for message in self.receive(each))
            if all(heard.values()):
                return True
            if heard[socket]:
                ask_at = min(ask_at, time.monotonic() + SUBSCRIBE_S)
        return False

    def _send(self, socket: "zmq.Socket[bytes]", msg_type: str, content: dict[str, Any]) -> str:
        message_id: str = self.session.send(socket, msg_type, content)["header"]["msg_id"]
        return message_id

    def _poll(self, sockets: Iterable["zmq.Socket[bytes]"], timeout_s: float) -> None:
        """Until something has arrived, or the time is over."""
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        poller.poll(int(max(0.0, timeout_s) * 1000))


def _number(frames: list[bytes] | None) -> int:
    """Code in a cell can send any frames; what is no number of a message counts as none."""
    first = frames[0] if frames else b""
    return int(first) if first.isdigit() and len(first) <= MAX_DIGITS else 0


@cache
def _context() -> "zmq.Context[zmq.Socket[bytes]]":
    """This process's ZeroMQ context. What a kernel sends can fill neither this process's memory nor get lost."""
    context = zmq.Context()
    context.setsockopt(zmq.RCVHWM, MAX_WAITING)
    # Kernels keep to half of it (kernel_journal.py). On one that code in a cell has changed, ZeroMQ hangs up.
    context.setsockopt(zmq.MAXMSGSIZE, 2 * settings.MAX_MESSAGE_BYTES)
    context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
    return context
