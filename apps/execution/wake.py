"""Waking the lane of a notebook. Redis carries only the hint "look"; what to do stands in the rows.

A lane that runs hears it on its channel. If nobody hears it, Celery gets a kick that starts a lane; if that is lost
too, the sweep finds the queue.
"""

import logging
import time
from functools import partial
from uuid import UUID

import redis
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.journal.publish import connection

logger = logging.getLogger(__name__)

# How often a lane without Redis tries to get its ear back.
RESUBSCRIBE_S = 1.0

# How long a lane that goes waits for Redis to say that nobody's message is on its way any more.
HANG_UP_S = 1.0

# A kick that no worker had time for by then is dropped: the sweep sends another.
KICK_EXPIRES_S = 30

# No question, which is JSON, and no wake-up, which is empty.
OPENED = b"opened"
# A message to a widget begins with it (comm_queue.py).
COMM = b"comm"

DRAIN_LANE = "apps.execution.tasks.drain_lane"


def wake_on_commit(notebook_id: UUID) -> None:
    transaction.on_commit(partial(wake, notebook_id), robust=True)


def wake(notebook_id: UUID) -> None:
    try:
        heard = connection().publish(_channel(notebook_id), b"")
    except redis.RedisError as error:
        logger.warning("Could not wake the lane of %s, the sweep will: %s", notebook_id, error)
        return
    if not heard:
        kick(notebook_id)


def open_lane(notebook_id: UUID) -> None:
    """An editor has opened the notebook: the lane starts a kernel if it has none. If this gets lost, a run does."""
    try:
        if tell_lane(notebook_id, OPENED):
            return
    except redis.RedisError as error:
        logger.warning("Could not tell the lane of %s that it was opened: %s", notebook_id, error)
        return
    kick(notebook_id, is_opened=True)


def tell_lane(notebook_id: UUID, question: bytes) -> bool:
    """OPENED, a message to a widget (COMM) or a question (kernel_questions.py), for the lane that runs.

    Whether one heard it. redis.RedisError without Redis.
    """
    return connection().publish(_channel(notebook_id), question) > 0


def kick(notebook_id: UUID, *, is_opened: bool = False) -> None:
    """Ask the workers for a lane. By name: the task's module imports the lane, which imports this one."""
    arguments = [str(notebook_id), is_opened]
    try:
        current_app.send_task(DRAIN_LANE, args=arguments, retry=False, expires=KICK_EXPIRES_S)
    except OperationalError as error:
        logger.warning("Could not kick a worker for %s, the sweep will: %s", notebook_id, error)


class WakeListener:
    """A lane's ear. Its file descriptor becomes readable when somebody calls `wake` or `tell_lane`."""

    def __init__(self, notebook_id: UUID) -> None:
        self._channel = _channel(notebook_id)
        self._heard: list[bytes] = []  # that nobody has drained
        self._pubsub = connection().pubsub()
        self.subscribe()

    def subscribe(self) -> None:
        self._subscribe_at = time.monotonic() + RESUBSCRIBE_S
        try:
            self._pubsub.subscribe(self._channel)
            # The confirmation: from here on every wake is heard. What comes right after it may be read with it, and
            # the descriptor says nothing of that any more.
            self._heard += self._received(timeout_s=1.0)
        except redis.RedisError as error:
            logger.warning("Could not subscribe to wake-ups, will try again: %s", error)
            self._pubsub.reset()

    def fileno(self) -> int | None:
        """None while Redis is away; the lane then lives on its regular look at the rows."""
        if self._pubsub.connection is None and time.monotonic() >= self._subscribe_at:
            self.subscribe()
        sock = getattr(self._pubsub.connection, "_sock", None)
        return sock.fileno() if sock is not None else None

    @property
    def has_heard(self) -> bool:
        """Whether something is to be drained of which the descriptor does not tell."""
        return bool(self._heard)

    def drain(self) -> list[bytes]:
        """Read what has come, so that the descriptor is quiet again. Wake-ups are empty messages."""
        heard, self._heard = self._heard, []
        try:
            heard += self._received()
        except redis.RedisError as error:
            logger.warning("Lost the wake-up channel, will subscribe again: %s", error)
            self._pubsub.reset()
        return heard

    def hang_up(self) -> list[bytes]:
        """Listen no more; what came before. Whoever wakes the lane from now on is told that nobody hears."""
        heard, self._heard = self._heard, []
        deadline = time.monotonic() + HANG_UP_S
        try:
            self._pubsub.unsubscribe(self._channel)
            while self._pubsub.subscribed and time.monotonic() < deadline:
                heard += self._received(timeout_s=HANG_UP_S)
        except redis.RedisError as error:
            logger.warning("Could not leave the wake-up channel: %s", error)
            self._pubsub.reset()
        return heard

    def _received(self, *, timeout_s: float = 0.0) -> list[bytes]:
        """All that is there, but for Redis' own words; the timeout is for the first."""
        received: list[bytes] = []
        while (message := self._pubsub.get_message(timeout=timeout_s)) is not None:
            if message["type"] == "message":
                received.append(message["data"])
            timeout_s = 0.0
        return received

    def close(self) -> None:
        self._pubsub.close()


def _channel(notebook_id: UUID) -> str:
    return f"tandem:lane:{notebook_id.hex}"
