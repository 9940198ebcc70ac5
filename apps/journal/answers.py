"""Answers from one process to another, over Redis: to questions whose answer is worth nothing if it is late or lost.

Whoever asks makes a key and sends it with the question; whoever answers puts the answer there. No row is written.
"""

import logging
import time
from typing import Any
from uuid import uuid4

import orjson
import redis

from apps.base.text import storable
from apps.base.wire import dumps
from apps.journal.publish import connection

logger = logging.getLogger(__name__)

Json = dict[str, Any]

LONGEST_WAIT_S = 0.5
# Nobody waits for an answer so long after it was given.
EXPIRES_S = 5
MAX_BYTES = 2_000_000


def new_key() -> str:
    return f"tandem:answer:{uuid4()}"


def wait_for_answer(key: str, timeout_s: float) -> Json | None:
    """None if none came in time, or if it was None. RedisError."""
    deadline = time.monotonic() + timeout_s
    while True:
        left_s = deadline - time.monotonic()
        # Redis takes 0 for "without end", and its client gives up a connection that is silent for a second.
        answer: Any = connection().blpop([key], timeout=min(max(0.01, left_s), LONGEST_WAIT_S))
        if answer or left_s <= LONGEST_WAIT_S:
            return orjson.loads(answer[1]) if answer else None


def give_answer(key: str, content: Json | None) -> None:
    """Of anything but a dictionary of bounded size, None is told. Never raises for a Redis that is down."""
    # Code in a cell can change what its kernel replies.
    text = dumps(storable(content)).encode() if isinstance(content, dict) else b"null"
    if len(text) > MAX_BYTES:
        text = b"null"
    try:
        with connection().pipeline() as pipeline:
            pipeline.rpush(key, text)
            pipeline.expire(key, EXPIRES_S)
            pipeline.execute()
    except redis.RedisError as error:
        logger.warning("Could not pass on an answer: %s", error)
