"""Questions to a live kernel that change nothing: completions, what a name is, which variables there are.

Any process asks (`ask_kernel`); the lane that owns the kernel passes the question on and the answer back
(`KernelQuestions`). Both ways over Redis: an answer that is late or lost is worth nothing, so no row is written. Not by
a connection of the asker's own, because then every web server would need a way to every kernel, and its keys.

A lane hears questions on the channel of its wake-ups. One that is busy says so at once: the kernel would answer only
when its plan has run.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson
import redis

from apps.base.wire import dumps
from apps.execution.wake import kick, tell_lane
from apps.journal.answers import give_answer, new_key, wait_for_answer
from apps.kernels.connection import KernelConnection
from apps.kernels.messages import Message, request_id_of
from apps.kernels.models import Kernel, KernelStatus
from apps.kernels.usage import Usage

logger = logging.getLogger(__name__)

Json = dict[str, Any]

# The one question that is not for the kernel.
USAGE = "usage"

# Of one process. Each waits in a thread that sockets need too.
MAX_WAITING = 4
# Of one lane: what the kernel has not answered by then, it forgets, the oldest first.
MAX_PASSED_ON = 50
# How often to see whether a lane has started.
LANE_STARTS_S = 0.02
# A kick finds the lane taken while the one before it lets go.
KICK_AGAIN_S = 0.5

_waiting = threading.BoundedSemaphore(MAX_WAITING)


def ask_kernel(notebook_id: UUID, request: str, content: Json, *, timeout_s: float) -> Json | None:
    """The content of the kernel's reply to a `<request>_request` on its shell channel; of USAGE, its lane's.

    None if it does not answer in time: it is busy, not there, or too many ask. A kernel without a lane gets one.
    """
    if not _waiting.acquire(blocking=False):
        return None
    deadline = time.monotonic() + timeout_s
    key = new_key()
    question = dumps({"key": key, "request": request, "content": content}).encode()
    try:
        if not tell_living_lane(notebook_id, question, deadline):
            return None
        return wait_for_answer(key, deadline - time.monotonic())
    except redis.RedisError as error:
        logger.warning("Could not ask the kernel of %s: %s", notebook_id, error)
        return None
    finally:
        _waiting.release()


class KernelQuestions:
    """A lane's part. Not thread-safe, like the lane."""

    def __init__(self, usage: Callable[[], Usage | None]) -> None:
        """`usage`: what the kernel takes of the machine. The lane says it itself, also while the kernel is busy."""
        self._usage = usage
        self._keys: dict[str, str] = {}  # where the answer goes, by the id of the request

    def pass_on(self, questions: Iterable[bytes], kernel: KernelConnection | None, *, is_busy: bool) -> None:
        for question in questions:
            asked = orjson.loads(question)
            if asked["request"] == USAGE:
                usage = self._usage()
                give_answer(asked["key"], asdict(usage) if usage else None)
                continue
            if kernel is None or is_busy:
                give_answer(asked["key"], None)
                continue
            self._keys[kernel.ask(asked["request"], asked["content"])] = asked["key"]
            if len(self._keys) > MAX_PASSED_ON:
                del self._keys[next(iter(self._keys))]

    def take(self, replies: Iterable[Message]) -> None:
        """What the kernel replied on its shell channel, to these questions or to others."""
        for reply in replies:
            key = self._keys.pop(request_id_of(reply), None)
            if key is not None:
                give_answer(key, reply["content"])


def tell_living_lane(notebook_id: UUID, message: bytes, deadline: float) -> bool:
    """`tell_lane`; a kernel without a lane gets one by the deadline, on the monotonic clock. redis.RedisError."""
    return tell_lane(notebook_id, message) or _tell_new_lane(notebook_id, message, deadline)


def _tell_new_lane(notebook_id: UUID, question: bytes, deadline: float) -> bool:
    """If the kernel lives without a lane, because nobody used it for a while. Whether the lane heard the question."""
    if not Kernel.objects.filter(pk=notebook_id, status=KernelStatus.IDLE).exists():
        return False
    kick_at = 0.0
    while (now := time.monotonic()) < deadline:
        if now >= kick_at:
            kick(notebook_id)
            kick_at = now + KICK_AGAIN_S
        time.sleep(LANE_STARTS_S)
        if tell_lane(notebook_id, question):
            return True
    return False
