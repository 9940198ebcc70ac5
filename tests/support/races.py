"""Doing things at the same time, each on a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(count: int, action: Callable[[int], Result]) -> list[Result | Exception]:
    """`action(0)` … `action(count - 1)` in threads that start together; results or exceptions, in that order."""
    barrier = threading.Barrier(count)

    def act(number: int) -> Result | Exception:
        barrier.wait(timeout=10)
        try:
            return action(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(act, range(count)))
