"""The DuckDB of an SQL cell. Imported by kernel_sql.py, and imports nothing of the server.

Each cell gets one of its own. To open and close one takes 15 ms, as long as many a query: that is done in a thread
beside the one that runs cells, when the result is shown.
"""

import os
import resource
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

# Of what the kernel may use; the rest is for the result, which is a dataframe then.
MEMORY_SHARE = 0.5

# Until a result is shown, if nobody wants another before.
SHOWN_S = 0.1

# One thread: what is closed gives its memory back before another is opened.
_beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="duckdb")
_numbers = count(1)
_is_wanted = threading.Event()
_ready: "Future[Any] | None" = None


@contextmanager
def new_database() -> Iterator[Any]:
    """One in memory that has nothing in it."""
    global _ready
    ready, _ready = _ready, None
    _is_wanted.set()
    database = ready.result() if ready else _opened()
    _is_wanted.clear()
    try:
        yield database
    finally:
        _ready = _beside.submit(_replaced, database)


def config() -> dict[str, Any]:
    """Also of databases that are files."""
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


def _replaced(database: Any) -> Any:
    _is_wanted.wait(SHOWN_S)
    database.close()
    return _opened()


def _opened() -> Any:
    import duckdb  # noqa: PLC0415  (it takes 50 ms, and most notebooks never need it)

    return duckdb.connect(config=config())
