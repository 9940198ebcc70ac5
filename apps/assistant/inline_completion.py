"""How somebody's text may go on, said by the model while they type. Asked for by editors that have it switched on.

A worker of the assistant asks the model (`inline_call.py`): the answer comes back over Redis, and a late one is worth
nothing. What was asked and said is a `ModelCall` without a turn, so it is in the record and counts for the day.
"""

import threading
from typing import Any
from uuid import UUID

import redis
from celery import current_app
from kombu.exceptions import OperationalError

from apps.accounts.actors import Actor
from apps.assistant.conversations import problem_of
from apps.assistant.limits import LimitReached, check_day, seconds_left_today
from apps.assistant.wake import QUEUE
from apps.base.errors import TooMany, Unavailable
from apps.execution.code_help import Place
from apps.journal.answers import new_key, wait_for_answer
from apps.notebooks.queries import get_cell_for

COMPLETE = "apps.assistant.tasks.complete_text"
# Whoever types has gone on by then.
TIMEOUT_S = 6.0
# Around the cursor; the model needs no more to go on for a few lines.
MAX_BEFORE_CHARS = 8_000
MAX_AFTER_CHARS = 2_000
# Of one process: each waits in a thread that sockets need too.
MAX_WAITING = 3

_waiting = threading.BoundedSemaphore(MAX_WAITING)


def suggestion(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, source: str, position: int
) -> dict[str, Any]:
    """`{text}`: what could be inserted at the position (UTF-16 units); empty if nothing was said in time.

    Unavailable without a model, TooMany if the person has used up their day.
    """
    place = Place.of(actor, notebook_id, cell_id, source, position)
    if problem := problem_of(notebook_id):
        raise Unavailable(problem)
    try:
        check_day(actor.user_id)
    except LimitReached as reached:
        raise TooMany(str(reached), retry_after_s=seconds_left_today()) from None
    cell = get_cell_for(actor=actor, notebook_id=notebook_id, cell_id=cell_id)
    wanted = {
        "notebook_id": str(notebook_id),
        "cell_id": str(cell.id),
        "user_id": actor.user_id,
        "before": source[: place.position][-MAX_BEFORE_CHARS:],
        "after": source[place.position :][:MAX_AFTER_CHARS],
    }
    return _ask_worker(wanted) or {"text": ""}


def _ask_worker(wanted: dict[str, Any]) -> dict[str, Any] | None:
    if not _waiting.acquire(blocking=False):
        return None
    key = new_key()
    try:
        current_app.send_task(
            COMPLETE, kwargs={"key": key, **wanted}, queue=QUEUE, retry=False, expires=TIMEOUT_S
        )
        return wait_for_answer(key, TIMEOUT_S)
    except (OperationalError, redis.RedisError):
        return None  # a banner says that the server has no Redis
    finally:
        _waiting.release()
