"""Completions and explanations by the text of a notebook, for when its kernel cannot be asked.

In a process of its own (source_help_main.py), because the analysis takes long, holds Python's lock, and may never end.
One for each process of the server, started when it is needed first; it ends with the pipe to it.
"""

import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("source_help_main.py")

# The first questions about a large package are not answered by then; what is learned for them serves the next.
TIMEOUT_S = 3.0
# Each waits in a thread that sockets need too.
MAX_WAITING = 3
# Of everything above the cell, the nearest: what is further up is rarely what somebody types.
MAX_SOURCE_CHARS = 200_000

Json = dict[str, Any]


class SourceHelp:
    """`ask` is all there is to call, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MAX_WAITING)
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = self._heard = 0  # the numbers of the last question, and of the last answer
        self._unread = b""

    def ask(self, request: str, source: str, position: int) -> Json | None:
        """What the program answers about a place in the text, in characters; None if not in time, or too many ask."""
        deadline = time.monotonic() + TIMEOUT_S
        source, position = _nearest(source, position)
        before = source[:position]
        line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1)
        question = {"request": request, "source": source, "line": line, "column": column}
        if not self._room.acquire(blocking=False):
            return None
        try:
            with self._lock:
                return self._answer(question, deadline)
        finally:
            self._room.release()

    def _answer(self, question: Json, deadline: float) -> Json | None:
        process = self._running()
        try:
            # It may still be at a question that took too long: what it learns then, it knows for the next.
            if self._wait_for(process, self._asked, deadline) is None:
                return None
            self._asked += 1
            assert process.stdin is not None
            process.stdin.write(json.dumps(question | {"number": self._asked}).encode() + b"\n")
            process.stdin.flush()
            return self._wait_for(process, self._asked, deadline)
        except OSError as error:
            logger.warning("The analysis of a notebook's text failed: %s", error)
            self._end(process)
            return None

    def _wait_for(self, process: "subprocess.Popen[bytes]", number: int, deadline: float) -> Json | None:
        """The answer with this number, empty if it was heard before; None if it does not come in time."""
        answer: Json = {}
        while self._heard < number and (line := self._line(process, deadline)):
            answer = json.loads(line)
            self._heard = answer.pop("number")
        return answer if self._heard == number else None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._unread, self._heard = b"", self._asked
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
            )
        return self._process

    def _line(self, process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
        """The next line of the program's; empty if the deadline passes, OSError if it ends."""
        assert process.stdout is not None
        while b"\n" not in self._unread:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([process.stdout], [], [], left_s)[0]:
                return b""
            piece = os.read(process.stdout.fileno(), 65536)
            if not piece:
                raise BrokenPipeError("its program has ended")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        process.communicate()
        self._process = None


def _nearest(source: str, position: int) -> tuple[str, int]:
    """The text without the lines furthest above the place, if it is long."""
    cut = source.find("\n", max(0, position - MAX_SOURCE_CHARS)) + 1 if position > MAX_SOURCE_CHARS else 0
    return source[cut : position + MAX_SOURCE_CHARS], position - cut


source_help = SourceHelp()
