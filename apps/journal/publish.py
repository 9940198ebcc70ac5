"""To the browsers that watch a notebook, through the channel layer.

Delivery is at most once: clients detect what they missed by `seq` and `offset`, and the server's heartbeats.
"""

import functools
import logging
from typing import Any
from uuid import UUID

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.base.wire import dumps

logger = logging.getLogger(__name__)


def group_of(notebook_id: UUID) -> str:
    return f"notebook.{notebook_id.hex}"


def publish(notebook_id: UUID, *frames: dict[str, Any]) -> None:
    """Send frames of docs/protocol.md to all sockets of the notebook. Never raises for a Redis that is down.

    Written straight to the layer's Redis channel, in its own serialization: commands run in threads without an
    event loop, where `async_to_sync(group_send)` would open connections for every call (1 ms instead of 0.1 ms).
    """
    layer = get_channel_layer()
    channel = f"{settings.CHANNEL_LAYER_PREFIX}__group__{group_of(notebook_id)}"
    message = {"type": "notebook.frames", "texts": [dumps(frame) for frame in frames]}
    try:
        connection().publish(channel, layer.serialize(message))
    except redis.RedisError as error:
        logger.warning("Could not publish to notebook %s: %s", notebook_id, error)


@functools.cache
def connection() -> redis.Redis:
    """This process's Redis client: thread-safe, reconnecting, with bounded waits."""
    # Left to itself, redis-py tries four times with pauses between, also a Redis that hangs: up to ten seconds.
    retry = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=retry)
