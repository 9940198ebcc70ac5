"""Messages of pages to widgets, on their way to the kernel: in order, one at a time, between the plans.

They come over the channel of a lane's wake-ups and are no rows: what is lost is lost like a click on a page that hangs,
and the page is not told that it was handled. While a message waits, later values of the same model go into it, so a
slider that somebody drags while a cell runs is one message when it has ended.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from apps.kernels.connection import KernelConnection

Json = dict[str, Any]

# Beyond it the newest are dropped: nobody clicks so often while a cell runs.
MAX_WAITING = 500
MAX_WAITING_BYTES = 16 * 2**20


@dataclass
class CommMessage:
    comm_id: str
    data: Json
    buffers: list[bytes]
    message_ids: list[str]
    """All that went into it. The last is that of the request to the kernel."""
    cell_id: str = ""
    """Where the widget is that somebody used: what the code prints goes there."""
    size: int = 0
    is_again: bool = False
    """Whether a page sends it once more. The kernel may have had it, so it stays apart from what is new."""

    @property
    def is_update(self) -> bool:
        return self.data.get("method") == "update" and not (self.buffers or self.is_again)


@dataclass
class CommQueue:
    _waiting: deque[CommMessage] = field(default_factory=deque)
    _sent: CommMessage | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the kernel works at one."""
        return self._sent is not None

    def holds(self, message_id: str) -> bool:
        """Whether that message waits, or the kernel works at it."""
        held = [*([self._sent] if self._sent else []), *self._waiting]
        return any(message_id in message.message_ids for message in held)

    def add(self, message: CommMessage) -> bool:
        """False if there are too many."""
        earlier = self._earlier_update(message) if message.is_update else None
        if earlier is not None:
            earlier.data = earlier.data | {"state": earlier.data["state"] | message.data["state"]}
            earlier.message_ids += message.message_ids
            earlier.cell_id = message.cell_id or earlier.cell_id
            return True
        size = sum(each.size for each in self._waiting) + message.size
        if len(self._waiting) >= MAX_WAITING or size > MAX_WAITING_BYTES:
            return False
        self._waiting.append(message)
        return True

    def send_next(self, kernel: KernelConnection) -> CommMessage | None:
        """If the kernel works at none. The message that was sent."""
        if self._sent is not None or not self._waiting:
            return None
        message = self._sent = self._waiting.popleft()
        kernel.send_comm(message.message_ids, message.comm_id, message.data, message.buffers)
        return message

    def handled(self, request_id: str) -> list[str]:
        """The kernel is done with that; the messages that went into it."""
        sent = self._sent
        if sent is None or sent.message_ids[-1] != request_id:
            return []
        self._sent = None
        return sent.message_ids

    def clear(self) -> list[str]:
        """The kernel is gone: all messages that will not be handled."""
        dropped = [*([self._sent] if self._sent else []), *self._waiting]
        self._sent = None
        self._waiting.clear()
        return [message_id for message in dropped for message_id in message.message_ids]

    def _earlier_update(self, message: CommMessage) -> CommMessage | None:
        """One of the same model that waits, with no more than other values after it: order counts among clicks."""
        for earlier in reversed(self._waiting):
            if not earlier.is_update:
                return None
            if earlier.comm_id == message.comm_id:
                return earlier
        return None
