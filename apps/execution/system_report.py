"""How the machinery is: sandbox, kernels, lanes, queues, workers and what failed lately. For administrators."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.execution.models import CellRun, CellRunStatus, Lane
from apps.journal import publish
from apps.kernels.cgroups import is_available
from apps.kernels.folders import pool_dir
from apps.kernels.models import Kernel, KernelStatus
from apps.kernels.sandbox import SandboxState, sandbox_state

# Workers answer within milliseconds, unless they are gone.
WORKERS_TIMEOUT_S = 0.5
QUEUES = ("execution", "assistant")

# Failures are looked for among so many of the newest events: the table has no index for them, and may be very long.
LATEST_EVENTS = 50_000
MAX_FAILURES = 20

_FAILURES = """
SELECT latest.notebook_id, notebook.title, latest.created_at, latest.payload ->> 'message'
FROM (SELECT * FROM journal_notebookevent ORDER BY id DESC LIMIT %s) AS latest
JOIN notebooks_notebook AS notebook ON notebook.id = latest.notebook_id
WHERE latest.payload ->> 'type' = 'kernel_status' AND latest.payload ->> 'status' = 'dead'
ORDER BY latest.id DESC LIMIT %s
"""


@dataclass(frozen=True)
class Failure:
    """A kernel that ended unasked."""

    notebook_id: UUID
    title: str
    at: datetime
    message: str


@dataclass(frozen=True)
class SystemReport:
    sandbox: SandboxState
    has_cgroups: bool
    kernels: Mapping[str, int]
    """By status; those that are off are not counted."""
    pooled: int
    """Warm kernels on the machine of this web server."""
    lanes: int
    """That are held now."""
    lanes_lost: int
    """Whose owner is gone although cells wait: the next sweep starts them again."""
    cells_running: int
    cells_queued: int
    messages: Mapping[str, int] | None
    """What waits for workers, by queue; None: Redis does not answer."""
    workers: Sequence[str]
    """The names of those that answer."""
    failures: Sequence[Failure]
    """Newest first."""


def system_report() -> SystemReport:
    """Whoever calls this has to be an administrator."""
    now = timezone.now()
    kernels = Kernel.objects.exclude(status=KernelStatus.OFF).values_list("status", flat=True)
    waiting = CellRun.objects.filter(status__in=(CellRunStatus.QUEUED, CellRunStatus.SENT))
    return SystemReport(
        sandbox=sandbox_state(),
        has_cgroups=is_available(settings.NOTEBOOK_DATA_DIR),
        kernels=dict(Counter(kernels)),
        pooled=_pooled(),
        lanes=Lane.objects.filter(expires_at__gt=now).count(),
        lanes_lost=Lane.objects.filter(
            expires_at__lte=now, notebook__in=waiting.values("notebook"), notebook__deleted_at=None
        ).count(),
        cells_running=CellRun.objects.filter(status=CellRunStatus.RUNNING).count(),
        cells_queued=waiting.count(),
        messages=_messages(),
        workers=_workers(),
        failures=_failures(),
    )


def _pooled() -> int:
    folder = pool_dir()
    return len(list(folder.iterdir())) if folder.exists() else 0


def _messages() -> Mapping[str, int] | None:
    try:
        with publish.connection().pipeline() as pipeline:
            for queue in QUEUES:
                pipeline.llen(queue)
            return dict(zip(QUEUES, pipeline.execute(), strict=True))
    except redis.RedisError:
        return None


def _workers() -> Sequence[str]:
    try:
        return sorted(current_app.control.inspect(timeout=WORKERS_TIMEOUT_S).ping() or ())
    except (OperationalError, OSError, redis.RedisError):
        return ()


def _failures() -> Sequence[Failure]:
    with connection.cursor() as cursor:
        cursor.execute(_FAILURES, [LATEST_EVENTS, MAX_FAILURES])
        return [Failure(*row) for row in cursor]
