"""Where the sockets' database work runs: threads of their own, not the one thread that all sockets would share."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channels.db import database_sync_to_async

# Fewer than the connections of a process, so that pages get one too.
THREADS = 12

_executor = ThreadPoolExecutor(THREADS, thread_name_prefix="socket")


def in_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` to be awaited; its database connection goes back to the pool afterwards."""
    awaitable: Callable[..., Any] = database_sync_to_async(
        function, thread_sensitive=False, executor=_executor
    )
    return awaitable
