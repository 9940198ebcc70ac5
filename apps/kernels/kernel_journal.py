"""What a kernel process has published and its server may not have stored yet, so that no end of a worker loses it.

Imported by kernel_main.py, from the folder that both lie in; it imports nothing of the server.

Each message gets a number, as a frame before all others. An owner of the lane says up to which number everything is in
rows; a new one has the rest published again, from the first message that is not, and tells by the number what it has
heard before. It is kept in memory: a file would outlive the kernel, but so would nothing else that a lane could go on
with, and each message would cost a write. What a kernel says last, with no lane to hear it, goes with it.

Code in cells can reach all of this. That spoils the output of its own notebook, and nothing else.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ipykernel.iostream import CHILD, IOPubThread
from jupyter_client.session import Session

# Beyond it the oldest go: their output is then missing if the worker dies, which the next one says. Many times what a
# cell prints before it is stored.
MAX_BYTES = 64 * 2**20

# What Python needs for a message besides its bytes.
ENTRY_BYTES = 500

DELIMITER = b"<IDS|MSG>"

# What they say of themselves is of no use to anybody later.
UNNUMBERED = b".status"
# How cells and plans ended: small, and never let go before it is stored. Without it nobody could go on.
ENDS = (b".cell_reply", b".plan_reply")

NO_NUMBER = b""

Frames = Sequence[bytes]


class Entry(NamedTuple):
    number: int
    frames: Frames
    size: int


class Journal:
    """Belongs to the thread that publishes; any thread may set `stored`."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.number = 0
        """Of the message published last."""
        self.stored = 0
        """Up to this number nothing is needed any more."""
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: deque[Entry] = deque()
        self._ends: deque[Entry] = deque()  # what was kept of the oldest when they had to go

    def add(self, frames: Frames) -> Frames:
        """The message with its number, to be published now."""
        if frames[0].endswith(UNNUMBERED):
            return [NO_NUMBER, *frames]
        # Buffers may be views of what code in a cell changes later.
        kept = [bytes(frame) for frame in frames]
        size = ENTRY_BYTES + sum(map(len, kept))
        self.number += 1
        number = b"%d" % self.number
        self._entries.append(Entry(self.number, [number, *kept], size))
        self._bytes += size
        self._let_go()
        return [number, *frames]

    def unstored(self) -> Iterator[Frames]:
        """The messages that are needed, in order, as far as they are still there."""
        self._let_go()
        for entry in (*self._ends, *self._entries):
            yield entry.frames

    def _let_go(self) -> None:
        while self._ends and self._ends[0].number <= self.stored:
            self._ends.popleft()
        while self._entries and (self._entries[0].number <= self.stored or self._bytes > self._max_bytes):
            entry = self._entries.popleft()
            self._bytes -= entry.size
            if entry.number > self.stored and entry.frames[1].endswith(ENDS):
                self._ends.append(entry)


class PublishingThread(IOPubThread):
    """ipykernel's, with a journal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.journal = Journal()
        self.max_message_bytes = 0
        """What is larger is replaced by a note; 0: nothing is."""
        self._is_woken = False

    def schedule(self, event: Callable[[], Any]) -> None:
        """Without waking the thread for each of many messages, which takes longer than making them."""
        if not self.thread.is_alive():
            event()
            return
        self._events.append(event)
        if self._is_woken:
            return
        try:
            self._is_woken = True
            self._event_pipe.send(b"")
        except BaseException:
            # An interrupt can come between the two. Once too often does no harm, once too rarely would be for ever.
            self._is_woken = False
            raise

    def _handle_event(self, msg: Frames) -> None:
        # First, so that what comes from now on wakes it again.
        self._is_woken = False
        super()._handle_event(msg)  # type: ignore[no-untyped-call]

    def publish_again(self, msg_type: str, content: dict[str, Any], parent: dict[str, Any]) -> None:
        """A message with this content and the `last` number there is, then all that is not stored, then what is new."""
        self.schedule(lambda: self._publish_again(msg_type, content, parent))

    def _publish_again(self, msg_type: str, content: dict[str, Any], parent: dict[str, Any]) -> None:
        first = self.session.msg(msg_type, content | {"last": self.journal.number}, parent)
        for frames in ([NO_NUMBER, *self.session.serialize(first)], *self.journal.unstored()):
            self.socket.send_multipart(frames)

    def _really_send(self, msg: Frames, *args: Any, **kwargs: Any) -> None:
        """Every message passes here. Those of a forked process do so twice: there, and where the socket is."""
        is_child = self._check_mp_mode() == CHILD  # type: ignore[no-untyped-call]
        msg = within_limit(msg, self.session, self.max_message_bytes)
        frames = msg if is_child else self.journal.add(msg)
        super()._really_send(frames, *args, **kwargs)  # type: ignore[no-untyped-call]


def within_limit(frames: Frames, session: Session, max_bytes: int) -> Frames:
    """The message, or a note in its place: the server hangs up on kernels that send more than it has memory for.

    `max_bytes`: 0 for no limit.
    """
    size = sum(map(len, frames))
    if not max_bytes or size <= max_bytes or DELIMITER not in frames:
        return frames
    parent = json.loads(frames[list(frames).index(DELIMITER) + 3])
    text = f"[An output of {size / 2**20:,.1f} MiB is left out: it is too large to be shown.]\n"
    note = session.msg("stream", {"name": "stderr", "text": text}, parent)
    return [b"stream.stderr", *session.serialize(note)]
