"""Asking the workers for a notebook's turns. A message carries no more than that: what to do stands in the rows."""

import logging
from functools import partial
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

DO_TURNS = "apps.assistant.tasks.do_turns_of"
QUEUE = "assistant"

# A kick that no worker had time for by then is dropped: the sweep sends another.
KICK_EXPIRES_S = 30


def kick_on_commit(notebook_id: UUID) -> None:
    transaction.on_commit(partial(kick, notebook_id), robust=True)


def kick(notebook_id: UUID) -> None:
    """By name: the task's module imports the loop, which imports this one."""
    try:
        current_app.send_task(
            DO_TURNS, args=[str(notebook_id)], queue=QUEUE, retry=False, expires=KICK_EXPIRES_S
        )
    except OperationalError as error:
        logger.warning("Could not kick a worker for %s, the sweep will: %s", notebook_id, error)
