"""The Celery tasks. A message is only a kick: the queue is in the rows, and a kick too many does nothing."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.db import connection
from django.db.models.functions import Now

from apps.base.collector import keep_what_is_loaded
from apps.execution import worker
from apps.execution.commands import cull_idle_kernels, cull_sessions, remove_ended_sessions
from apps.execution.lane import LaneWorker
from apps.execution.models import UNFINISHED, CellRun, Lane, LaneCommand
from apps.execution.wake import kick
from apps.kernels import pool
from apps.kernels.models import LIVING, Kernel
from apps.kernels.processes import KernelProcess

# Of the workers that run cells.
QUEUE = "execution"


@shared_task
def drain_lane(notebook_id: str, is_opened: bool = False) -> None:
    """Work the notebook's queue and kernel, unless another worker does. `is_opened`: by an editor, a moment ago."""
    LaneWorker(UUID(notebook_id), is_opened=is_opened).run()


@shared_task
def sweep_lanes() -> None:
    """Kick every notebook that has work and no living lane: its kick was lost, or its worker died.

    To end the kernel of a deleted notebook is work too, and so is to say that a kernel has died.
    """
    unfinished = CellRun.objects.filter(status__in=UNFINISHED, notebook__deleted_at=None)
    waiting = set(unfinished.values_list("notebook_id", flat=True).distinct())
    waiting |= set(
        Lane.objects.exclude(command=LaneCommand.NONE)
        .filter(notebook__deleted_at=None)
        .values_list("notebook_id", flat=True)
    )
    orphans = Kernel.objects.filter(notebook__deleted_at__isnull=False).exclude(provisioner_info={})
    waiting |= set(orphans.values_list("pk", flat=True))
    living = set(Lane.objects.filter(expires_at__gt=Now()).values_list("notebook_id", flat=True))
    unwatched = Kernel.objects.filter(status__in=LIVING).exclude(pk__in=living | waiting)
    waiting |= {kernel.pk for kernel in unwatched if KernelProcess.has_ended(kernel)}
    for notebook_id in waiting - living:
        kick(notebook_id)


@shared_task
def cull_kernels() -> None:
    cull_idle_kernels()
    cull_sessions()
    remove_ended_sessions()


@worker_ready.connect
def _look_after_kernels(sender: Any, **_: Any) -> None:
    """Find the kernels that outlived the last worker, and say of the others that they are gone. Warm up new ones."""
    if QUEUE not in sender.app.amqp.queues.consume_from:
        return  # this worker runs no cells
    worker.threads = sender.pool.limit
    for notebook_id in Kernel.objects.filter(status__in=LIVING).values_list("pk", flat=True):
        kick(notebook_id)
    connection.close()
    pool.start()
    keep_what_is_loaded()


@worker_shutting_down.connect
def _stop_lanes(**_: Any) -> None:
    worker.stops.set()
    pool.stop()
