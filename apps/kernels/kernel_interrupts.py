"""Interrupts of the cell that runs, or of the code that a widget calls, and of nothing else. Imported by kernel_main.py
and where cells wait, and imports nothing of the server.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CoroutineType, FrameType
from typing import Any

# Until an interrupt is noticed that came in an unlucky moment.
SIGNAL_S = 0.1


def wait_until(is_over: Callable[[float], object]) -> None:
    """Call it until it says so; it waits itself, for the seconds that it is given.

    Never without end: a signal that comes in the moment in which a thread falls asleep does not wake it.
    """
    while not is_over(SIGNAL_S):
        pass


@dataclass(frozen=True, eq=False)
class Running:
    """A cell that runs, and the task that does it, which runs all cells."""

    task: "asyncio.Task[Any]"


class Interrupts:
    """`handle` is for `signal.signal`."""

    def __init__(self) -> None:
        self._is_in_call = False
        self._is_early = False
        self.running: Running | None = None
        """The cell that may be interrupted. To be set back by an assignment: an interrupt can come first in a call."""

    def expect(self) -> None:
        """The next cell is looked for. Once the control thread is told that it has begun, it may be interrupted."""
        self._is_early = False

    def begin(self, task: "asyncio.Task[Any]") -> None:
        """A cell runs in the task from now on. Raises KeyboardInterrupt if an interrupt came since it was expected."""
        self.running = Running(task)
        if self._is_early:
            raise KeyboardInterrupt

    @contextmanager
    def of_call(self) -> Iterator[None]:
        """Inside, an interrupt is a KeyboardInterrupt: plain code runs in this thread, and awaits nothing."""
        self._is_in_call = True
        try:
            yield
        finally:
            self._is_in_call = False

    def handle(self, signum: int, frame: FrameType | None) -> None:
        if self._is_in_call:
            raise KeyboardInterrupt
        running = self.running
        if running is None:
            self._is_early = True
            return
        coroutine = running.task.get_coro()
        assert isinstance(coroutine, CoroutineType)
        if coroutine.cr_running:
            raise KeyboardInterrupt
        # The cell awaits something, so there is nothing to raise this in. The loop may be asleep: this wakes it.
        running.task.get_loop().call_soon_threadsafe(self._cancel, running)

    def _cancel(self, running: Running) -> None:
        """Unless the cell has ended meanwhile."""
        if self.running is running:
            running.task.cancel()
