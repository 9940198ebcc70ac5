"""Work on tables, beside the thread that runs cells: sorting millions of rows takes seconds, and the text of a value
may run any code. Imported by kernel_tables.py alone.

A job that takes too long is ended by an exception in its thread. One that takes no notice loses its thread; after a few
of them there are no more.
"""

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from kernel_table_cells import Refused

# Of all that wait.
MAX_JOBS = 20
# After the exception.
GRACE_S = 2.0
MAX_LOST_THREADS = 3


class TookTooLong(BaseException):
    """In the thread of a job. Not an Exception, which code of somebody else's class might catch."""


class Jobs:
    """One after the other in a thread of its own."""

    def __init__(self, name: str, time_limit_s: float) -> None:
        self._name = name
        self._time_limit_s = time_limit_s
        self._lost = 0
        self._worker: _Worker | None = None

    def submit(self, work: Callable[[], Any]) -> "Future[Any]":
        """Refused if too many wait, or threads were lost."""
        if self._worker is not None and self._worker.is_lost:
            self._worker, self._lost = None, self._lost + 1
        if self._lost > MAX_LOST_THREADS:
            raise Refused(
                "Showing values of this kernel takes without end. Restart the kernel to look at tables."
            )
        if self._worker is None:
            self._worker = _Worker(self._name, self._time_limit_s)
        if self._worker.queue.qsize() >= MAX_JOBS:
            raise Refused("Too much is asked at once. Try again in a moment.")
        future: Future[Any] = Future()
        self._worker.queue.put((work, future))
        return future


class _Worker:
    def __init__(self, name: str, time_limit_s: float) -> None:
        self.queue: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self.is_lost = False
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._running: Future[Any] | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self.is_lost:
            try:
                work, future = self.queue.get()
                self._do(work, future)
            except TookTooLong:
                continue  # it came a moment late

    def _do(self, work: Callable[[], Any], future: "Future[Any]") -> None:
        timer = threading.Timer(self._time_limit_s, self._end, [future])
        timer.daemon = True
        self._running = future
        timer.start()
        try:
            result = work()
        except TookTooLong:
            _settle(future, error=Refused("This takes too long for so large a table."))
        except Exception as error:
            _settle(future, error=error)
        else:
            _settle(future, result=result)
        finally:
            with self._lock:
                self._running = None
            timer.cancel()

    def _end(self, future: "Future[Any]") -> None:
        with self._lock:
            if self._running is not future:
                return
            identity = ctypes.c_ulong(self._thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(TookTooLong))
        timer = threading.Timer(GRACE_S, self._give_up, [future])
        timer.daemon = True
        timer.start()

    def _give_up(self, future: "Future[Any]") -> None:
        with self._lock:
            self.is_lost = self._running is future
        if self.is_lost:
            _settle(future, error=Refused("A value of this table takes without end to be shown."))


def _settle(future: "Future[Any]", *, result: Any = None, error: Exception | None = None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
