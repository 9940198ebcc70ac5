"""End kernels that nobody has used for long: their memory is wanted elsewhere."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from apps.accounts.actors import SYSTEM
from apps.execution.models import Lane, LaneCommand, Run
from apps.execution.wake import wake_on_commit
from apps.journal.record import audit
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.models import Notebook


def cull_idle_kernels() -> list[UUID]:
    """Ask the lanes of all that were idle for KERNEL_IDLE_S to end them; which those are."""
    before = now() - timedelta(seconds=settings.KERNEL_IDLE_S)
    found = list(_idle(before).values_list("pk", flat=True))
    return [notebook_id for notebook_id in found if _cull(notebook_id, before)]


@transaction.atomic
def _cull(notebook_id: UUID, before: datetime) -> bool:
    """Unless somebody has asked for a run in the meantime: that needs the lock too."""
    notebook = Notebook.objects.select_for_update(no_key=True).filter(id=notebook_id, deleted_at=None).first()
    if notebook is None or not _idle(before).filter(pk=notebook_id).exists():
        return False
    # A command that is there already comes first.
    Lane.objects.filter(notebook=notebook, command=LaneCommand.NONE).update(command=LaneCommand.CULL)
    audit(SYSTEM, "cull_kernel", notebook_id)
    wake_on_commit(notebook_id)
    return True


def _idle(before: datetime) -> QuerySet[Kernel]:
    """The kernels that were started before this time, and have run nothing since."""
    runs = Run.objects.filter(Q(finished_at=None) | Q(finished_at__gte=before), notebook_id=OuterRef("pk"))
    return Kernel.objects.filter(
        ~Exists(runs), status=KernelStatus.IDLE, started_at__lt=before, notebook__deleted_at=None
    )
