"""Questions to databases whose first rows are wanted at once, by a request or a tool of the assistant.

They are read-only, whatever the connection allows. What cells ask, with all its rows, is in answering.py.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from apps.base.errors import TooMany
from apps.data.databases.database import Answer, Session
from apps.data.databases.kinds import database_kind
from apps.data.models import Connection
from apps.data.one_query import OneQuery
from apps.data.query_slots import query_slot
from apps.data.targets import target_of

# Of one process: each holds a thread that requests need too.
MAX_AT_ONCE = 4
# Until one of the connection's queries has ended, if there are as many as it allows.
SLOT_WAIT_S = 5.0

Row = tuple[Any, ...]

_places = threading.BoundedSemaphore(MAX_AT_ONCE)


@dataclass(frozen=True)
class SmallAnswer:
    """`columns` are pyarrow fields, the values of `rows` those of their types in Python."""

    columns: list[Any]
    rows: list[Row]
    is_complete: bool


def small_answer(
    connection: Connection,
    ask: Callable[[Session], Answer],
    *,
    timeout_s: int,
    max_rows: int,
    query: OneQuery | None = None,
) -> SmallAnswer:
    """The first rows of what is asked, none of which stays behind. `query`: for whoever wants to cancel it.

    DatabaseError; Invalid or Unavailable if there is no way there; TooMany if too much is asked already.
    """
    query = query or OneQuery()
    until = time.monotonic() + SLOT_WAIT_S
    target = replace(target_of(connection), is_read_only=True, timeout_s=min(timeout_s, connection.timeout_s))
    with (
        _place(),
        query_slot(connection, lambda: not query.is_cancelled and time.monotonic() < until),
        query.asked(database_kind(connection.kind), target, ask) as answer,
    ):
        rows = list(islice(_rows(answer), max_rows + 1))
        query.end()
        return SmallAnswer(list(answer.schema), rows[:max_rows], len(rows) <= max_rows)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise TooMany("Several databases are being asked now. Try again in a moment.", retry_after_s=5)
    try:
        yield
    finally:
        _places.release()


def _rows(answer: Answer) -> Iterator[Row]:
    for batch in answer.batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
