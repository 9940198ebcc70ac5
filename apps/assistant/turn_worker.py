"""One thread of one worker that does a notebook's turns, one at a time and in order, while its lease lasts."""

import logging
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.assistant.crowding import a_place
from apps.assistant.events import TurnUpdated
from apps.assistant.lease import Lease, LeaseLost
from apps.assistant.models import UNFINISHED, Turn, TurnStatus
from apps.assistant.shown import turn_state
from apps.assistant.turn_end import WorkerStops
from apps.assistant.turn_run import TurnRun, assistant_actor
from apps.assistant.wake import kick
from apps.base.errors import NotFound
from apps.execution import worker
from apps.journal.record import append_events

logger = logging.getLogger(__name__)


def do_turns(notebook_id: UUID) -> None:
    """Until there is none to do. Returns at once if somebody else does them."""
    if worker.stops.is_set():
        return
    lease = Lease.acquire(notebook_id)
    if lease is None:
        return
    try:
        while not worker.stops.is_set() and (claimed := _claim(lease)) is not None:
            turn, is_taken_over = claimed
            TurnRun(lease, turn, is_taken_over=is_taken_over).run()
    except LeaseLost:
        logger.warning("The turns of %s are somebody else's now.", notebook_id)
    except WorkerStops:
        logger.info("The worker stops; the turns of %s are free.", notebook_id)
    except NotFound:
        logger.info("Notebook %s was deleted in the middle of a turn.", notebook_id)
    finally:
        _let_go(lease)


def _claim(lease: Lease) -> tuple[Turn, bool] | None:
    """The next turn, running, and whether another worker had begun it. One that waits holds up its conversation."""
    try:
        with a_place(), transaction.atomic():
            notebook = lease.fence()
            turn = _next_turn(notebook.id)
            if turn is None:
                return None
            is_taken_over = turn.status == TurnStatus.RUNNING
            if not is_taken_over:
                turn.status = TurnStatus.RUNNING
                turn.started_at = turn.started_at or timezone.now()
                turn.save(update_fields=["status", "started_at"])
                append_events(notebook, assistant_actor(turn), TurnUpdated(turn=turn_state(turn)))
            return turn, is_taken_over
    finally:
        connection.close()


def _next_turn(notebook_id: UUID) -> Turn | None:
    held_up = Turn.objects.filter(
        conversation=OuterRef("conversation"), number__lt=OuterRef("number"), status__in=UNFINISHED
    )
    ready = Turn.objects.filter(
        ~Exists(held_up), notebook=notebook_id, status__in=(TurnStatus.QUEUED, TurnStatus.RUNNING)
    )
    return ready.select_related("conversation").order_by("number").first()


def _let_go(lease: Lease) -> None:
    """What was asked in the moment before has to find another worker."""
    try:
        lease.release()
        if _next_turn(lease.notebook_id) is not None:
            kick(lease.notebook_id)
    finally:
        connection.close()
