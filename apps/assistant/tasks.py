"""The Celery tasks. A message is only a kick: turns are in the rows, and a kick too many does nothing."""

from importlib import import_module
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.db.models.functions import Now

from apps.assistant.models import Turn, TurnLease, TurnStatus
from apps.assistant.wake import QUEUE, kick
from apps.base.collector import keep_what_is_loaded
from apps.kernels.sandbox import sandbox_state

# What does them. Every process of ours loads this module, and only some need the two seconds of that one.
LOOP = "apps.assistant.turn_worker"
INLINE_CALL = "apps.assistant.inline_call"
MODEL_CLIENT = "apps.assistant.model_client"


@shared_task
def do_turns_of(notebook_id: str) -> None:
    import_module(LOOP).do_turns(UUID(notebook_id))


@shared_task
def complete_text(**place: Any) -> None:
    """See inline_completion.py."""
    import_module(INLINE_CALL).complete(**place)


@shared_task
def sweep_turns() -> None:
    """Kick every notebook with turns to do and no worker: its kick was lost, or its worker died."""
    turns = Turn.objects.filter(status__in=(TurnStatus.QUEUED, TurnStatus.RUNNING), notebook__deleted_at=None)
    waiting = set(turns.values_list("notebook_id", flat=True).distinct())
    living = TurnLease.objects.filter(notebook_id__in=waiting, expires_at__gt=Now())
    for notebook_id in waiting - set(living.values_list("notebook_id", flat=True)):
        kick(notebook_id)


@worker_ready.connect
def _load_loop(sender: Any, **_: Any) -> None:
    """Before the first turn, which shall not wait for it."""
    if QUEUE in sender.app.amqp.queues.consume_from:
        import_module(LOOP)
        import_module(INLINE_CALL)
        import_module(MODEL_CLIENT).prepare()
        sandbox_state()  # the model is told of it with the notebook
        keep_what_is_loaded()
