"""The Celery tasks. A message is only a kick: turns are in the rows, and a kick too many does nothing."""

from uuid import UUID

from celery import shared_task
from django.db.models.functions import Now

from apps.assistant.models import Turn, TurnLease, TurnStatus
from apps.assistant.turn_worker import do_turns
from apps.assistant.wake import kick


@shared_task
def do_turns_of(notebook_id: str) -> None:
    do_turns(UUID(notebook_id))


@shared_task
def sweep_turns() -> None:
    """Kick every notebook with turns to do and no worker: its kick was lost, or its worker died."""
    turns = Turn.objects.filter(status__in=(TurnStatus.QUEUED, TurnStatus.RUNNING), notebook__deleted_at=None)
    waiting = set(turns.values_list("notebook_id", flat=True).distinct())
    living = TurnLease.objects.filter(notebook_id__in=waiting, expires_at__gt=Now())
    for notebook_id in waiting - set(living.values_list("notebook_id", flat=True)):
        kick(notebook_id)
