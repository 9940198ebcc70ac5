"""Callers of execute/ that wait, each in a thread: for room, for a bounded time, and for the end of their code.

The rows are asked: a wake-up could get lost.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from apps.accounts.actors import Actor
from apps.base.errors import Unavailable
from apps.execution.code_sessions import call_result
from apps.execution.commands import execute_code
from apps.execution.commands.execute_code import Call, NoRoom

# Of one process; each takes a thread.
MAX_CALLERS = 100
# For one of the person's sessions.
ROOM_TIMEOUT_S = 30
# Besides the time that the code itself may take: for the kernel's start, calls before it, and a late interrupt.
SLACK_S = 90

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.01, 0.25

_callers = threading.BoundedSemaphore(MAX_CALLERS)


@contextmanager
def admitted(actor: Actor, wanted: dict[str, Any]) -> Iterator[Call]:
    """The call, queued. Unavailable if too many wait already, or if no session gets free in time."""
    if not _callers.acquire(blocking=False):
        raise Unavailable("Too many programs wait here for the end of their code. Try again soon.")
    try:
        yield _queued(actor, wanted)
    finally:
        _callers.release()


def awaited_result(call: Call) -> dict[str, Any]:
    """Of `call_result`. Unavailable if the code does not end in time."""
    deadline = time.monotonic() + call.timeout_s + SLACK_S
    for _ in _pauses(deadline):
        if result := call_result(call):
            return result
    raise Unavailable("The code did not end in time, or was not even started: all workers are busy.")


def _queued(actor: Actor, wanted: dict[str, Any]) -> Call:
    refusal: NoRoom | None = None
    for _ in _pauses(time.monotonic() + ROOM_TIMEOUT_S):
        try:
            return execute_code(actor=actor, **wanted)
        except NoRoom as error:
            refusal = error
    raise refusal or Unavailable("There was no time to run the code.")


def _pauses(deadline: float) -> Iterator[None]:
    """At once, and then after longer and longer pauses, until the deadline."""
    pause_s = FIRST_PAUSE_S
    yield
    while (left_s := deadline - time.monotonic()) > 0:
        # Back to the pool: callers that wait must not keep all connections from the others.
        connection.close()
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
        yield
