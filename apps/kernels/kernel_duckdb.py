"""The DuckDB of an SQL cell. Imported by kernel_sql.py, and imports nothing of the server.

It has a thread of its own. In the thread that runs cells, an interrupt would be lost: DuckDB swallows it while it
imports what it knows of Python, and looks for it only between parts of the work that fall to the thread that waits for
the answer, which may be none.

Each cell gets a database of its own. To open and close one takes 15 ms, as long as many a query: that is done when the
result is shown.
"""

import os
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any, TypeVar

from kernel_interrupts import wait_until

T = TypeVar("T")

# Of what the kernel may use; the rest is for the result, which is a dataframe then.
MEMORY_SHARE = 0.5

# Until a result is shown, if nobody wants another before.
SHOWN_S = 0.1

# Between two interrupts of a query: what begins after one, as its next statement does, knows nothing of it.
INTERRUPT_S = 0.05

# One thread: what is closed gives its memory back before another is opened.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="duckdb")
_numbers = count(1)
_is_wanted = threading.Event()
_ready: Any = None
"""The next cell's. Of the thread alone."""
_asked: Any = None
_asked_lock = threading.Lock()


def interruptible(ask: Callable[[], T]) -> T:
    """What it returns, which is called in DuckDB's thread. An interrupt ends it before it is raised."""
    answer: Future[T] = Future()
    _is_wanted.set()
    try:
        _thread.submit(_ask, ask, answer)
        wait_until(lambda timeout_s: wait([answer], timeout_s).done)
        return answer.result()
    finally:
        while not (answer.done() or answer.cancel()):
            with suppress(KeyboardInterrupt):  # one more
                _interrupt()
                wait([answer], INTERRUPT_S)


def _ask(ask: Callable[[], T], answer: "Future[T]") -> None:
    _is_wanted.clear()
    if answer.set_running_or_notify_cancel():
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)


def _interrupt() -> None:
    with _asked_lock:
        if _asked is not None:
            _asked.interrupt()


@contextmanager
def new_database() -> Iterator[Any]:
    """One in memory that has nothing in it. In DuckDB's thread, as the next."""
    global _ready
    database, _ready = _ready or _opened(":memory:"), None
    try:
        with _interruptible(database):
            yield database
    finally:
        _thread.submit(_replace, database)


@contextmanager
def file_database(place: str, *, is_read_only: bool) -> Iterator[Any]:
    with _opened(place, is_read_only=is_read_only) as database, _interruptible(database):
        yield database


@contextmanager
def _interruptible(database: Any) -> Iterator[None]:
    global _asked
    with _asked_lock:
        _asked = database
    try:
        yield
    finally:
        with _asked_lock:
            _asked = None


def _replace(database: Any) -> None:
    global _ready
    _is_wanted.wait(SHOWN_S)
    database.close()
    _ready = _opened(":memory:")


def _opened(place: str, *, is_read_only: bool = False) -> Any:
    import duckdb  # noqa: PLC0415  (it takes 50 ms, and most notebooks never need it)

    return duckdb.connect(place, read_only=is_read_only, config=_config())


def _config() -> dict[str, Any]:
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    options: dict[str, Any] = {
        "errors_as_json": True,  # they say where then
        "python_enable_replacements": False,  # names come from the notebook, not from the frames of this module
        # The sandbox has a /tmp of its own. Two that are open must not share a folder.
        "temp_directory": f"/tmp/duckdb-{os.getpid()}-{next(_numbers)}",  # noqa: S108
    }
    if limit != resource.RLIM_INFINITY:
        options["memory_limit"] = f"{int(limit * MEMORY_SHARE) // 2**20}MiB"
    return options
