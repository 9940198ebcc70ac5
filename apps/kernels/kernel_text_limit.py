"""How much text of a cell leaves the kernel: its head at once and its tail when the cell has ended.

Imported by kernel_main.py, from the folder that both lie in; it imports nothing of the server. What is between head and
tail is dropped here, so a cell that prints for ever costs nobody but its kernel.
"""

import threading
from collections import deque
from collections.abc import Iterator

# What is kept for the end: a tenth, because people watch the head while it is printed.
TAIL_SHARE = 10

# Cells whose threads may still print; a forgotten one begins anew, which bounds nothing less than a cell does.
MAX_REMEMBERED = 1000

# Neither a message nor a frame to a browser gets larger; in JSON a character takes at most six bytes.
PIECE_CHARS = 2**20

Piece = tuple[str, str]  # the name of the stream, and text


class TextLimit:
    """Of one cell."""

    def __init__(self, max_chars: int) -> None:
        self._tail_room = max_chars // TAIL_SHARE
        self._head_room = max_chars - self._tail_room
        self._tail: deque[Piece] = deque()
        self._tail_chars = 0
        self._dropped = 0

    def take(self, name: str, text: str) -> str:
        """What of the text goes out now."""
        head, rest = text[: self._head_room], text[self._head_room :]
        self._head_room -= len(head)
        if not rest:
            return head
        was_dropping = self._dropped > 0
        self._keep(name, rest)
        if self._dropped and not was_dropping:
            return head + self._note()
        return head

    def end(self) -> list[Piece]:
        """What was kept, and how much is missing before it. Of what comes later, nothing is kept."""
        tail, dropped = list(self._tail), self._dropped
        self._tail.clear()
        self._tail_chars = self._tail_room = 0
        if not (tail and dropped):
            return tail
        self._dropped = 1  # said once
        return [(tail[0][0], f"[{dropped:,} characters are left out here.]\n"), *tail]

    def _keep(self, name: str, text: str) -> None:
        self._tail.append((name, text))
        self._tail_chars += len(text)
        while self._tail_chars > self._tail_room:
            excess = self._tail_chars - self._tail_room
            name, text = self._tail.popleft()
            if len(text) > excess:
                self._tail.appendleft((name, text[excess:]))
            gone = min(len(text), excess)
            self._tail_chars -= gone
            self._dropped += gone

    def _note(self) -> str:
        if not self._tail_room:
            return "\n[The cell has put out too much text: what follows is left out.]\n"
        return (
            "\n[The cell puts out much text. Of what follows, the last "
            f"{self._tail_room:,} characters are shown when it has ended.]\n"
        )


class TextLimits:
    """Of all cells, by the id of the run. Any thread may print."""

    def __init__(self) -> None:
        self.max_chars = 0
        """Of one cell; 0: no limit."""
        self._lock = threading.Lock()
        self._limits: dict[str, TextLimit] = {}

    def take(self, cell_id: str, name: str, text: str) -> Iterator[str]:
        """What of the text goes out now, in pieces."""
        if self.max_chars:
            with self._lock:
                text = self._limit_of(cell_id).take(name, text)
        return in_pieces(text)

    def end(self, cell_id: str) -> list[Piece]:
        """The cell has printed all, or all that counts: what goes out now."""
        with self._lock:
            limit = self._limits.get(cell_id)
            return limit.end() if limit else []

    def clear(self, cell_id: str) -> None:
        """What the cell has put out is shown no more."""
        with self._lock:
            self._limits.pop(cell_id, None)

    def _limit_of(self, cell_id: str) -> TextLimit:
        if cell_id not in self._limits:
            self._limits[cell_id] = TextLimit(self.max_chars)
            if len(self._limits) > MAX_REMEMBERED:
                del self._limits[next(iter(self._limits))]
        return self._limits[cell_id]


def in_pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE_CHARS] for start in range(0, len(text), PIECE_CHARS))
