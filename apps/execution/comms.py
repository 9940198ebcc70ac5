"""What somebody does to a widget, sent to the kernel that made it."""

import base64
import logging
import time
from typing import Any
from uuid import UUID

import redis

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, TooLarge, Unavailable
from apps.base.text import storable
from apps.base.wire import dumps
from apps.execution.kernel_questions import tell_living_lane
from apps.execution.wake import COMM
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.models import MAX_COMM_ID_CHARS

logger = logging.getLogger(__name__)

# Data and buffers, as JSON: Redis and the lane hold them for a moment.
MAX_MESSAGE_CHARS = 4 * 2**20
MAX_ID_CHARS = 100
METHODS = ("update", "custom")

# A kernel that nobody used for a while has no lane; on a busy machine its new one takes a moment.
LANE_STARTS_WITHIN_S = 5.0

OFF = "The kernel that made this widget is off. Run the cell again to use it."
NOT_HEARD = "The kernel could not be reached in time, so this had no effect. Do it again in a moment."


def send_comm(
    *,
    actor: Actor,
    notebook_id: UUID,
    comm_id: str,
    message_id: str,
    cell_id: UUID | None,
    data: Any,
    buffers: list[Any],
    is_again: bool = False,
) -> None:
    """Pass a message to the model in the kernel, as Jupyter's `comm_msg`. Editors. No row, no event.

    What comes of it is told as `widgets` frames, last that `message_id` was handled; what its code prints goes under
    the cell. Unavailable if the kernel is off or does not hear it.

    `is_again`: it was sent before. However often that is, the kernel does it once, and it is told each time.
    """
    require_role(actor, notebook_id, Role.EDITOR)
    if not 0 < len(comm_id) <= MAX_COMM_ID_CHARS or not 0 < len(message_id) <= MAX_ID_CHARS:
        raise Invalid("comm_id and message_id must be short ids.", field="comm_id")
    if not isinstance(data, dict) or data.get("method") not in METHODS:
        raise Invalid(f"data.method must be one of: {', '.join(METHODS)}.", field="data")
    if data["method"] == "update" and not isinstance(data.get("state"), dict):
        raise Invalid("data.state must be the fields that change.", field="data")
    size = len(dumps(data)) + sum(len(each) for each in buffers if isinstance(each, str))
    if size > MAX_MESSAGE_CHARS:
        limit = MAX_MESSAGE_CHARS // 2**20
        raise TooLarge(
            f"A widget takes at most {limit} MiB at once. Put large files into the notebook's folder."
        )
    _check_base64(buffers)
    if not Kernel.objects.filter(pk=notebook_id, status=KernelStatus.IDLE).exists():
        raise Unavailable(OFF)
    told = {
        "comm_id": comm_id,
        "message_id": message_id,
        "cell_id": str(cell_id) if cell_id else "",
        "data": storable(data),
        "buffers": buffers,
        "size": size,
        "is_again": is_again,
    }
    deadline = time.monotonic() + LANE_STARTS_WITHIN_S
    try:
        is_heard = tell_living_lane(notebook_id, COMM + dumps(told).encode(), deadline)
    except redis.RedisError as error:
        logger.warning("Could not pass on a message to a widget of %s: %s", notebook_id, error)
        is_heard = False
    if not is_heard:
        raise Unavailable(NOT_HEARD)


def _check_base64(buffers: list[Any]) -> None:
    try:
        for each in buffers:
            base64.b64decode(each, validate=True)
    except (TypeError, ValueError):
        raise Invalid("buffers must be an array of base64 texts.", field="buffers") from None
