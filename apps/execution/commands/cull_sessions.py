"""End the sessions of `execute/` that nobody uses any more, and remove what ended ones leave."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.actors import SYSTEM
from apps.execution.commands.execute_code import end
from apps.execution.models import CodeSession, Lane, Run
from apps.kernels.folders import folders_of
from apps.kernels.models import Kernel
from apps.notebooks.models import Notebook

# Whoever called last reads the result after its session may have given way.
RESULT_KEPT_S = 60


def cull_sessions() -> int:
    """How many were ended."""
    before = timezone.now() - timedelta(seconds=settings.CODE_SESSION_IDLE_S)
    runs = Run.objects.filter(Q(finished_at=None) | Q(finished_at__gte=before), notebook_id=OuterRef("pk"))
    idle = CodeSession.objects.filter(~Exists(runs), ended_at=None, used_at__lt=before)
    return sum(_end(session) for session in idle)


def remove_ended_sessions(*, min_age_s: float = RESULT_KEPT_S) -> int:
    """How many were removed, with their notebooks, workspaces and outputs. The audit log keeps what was asked."""
    kernels = Kernel.objects.filter(pk=OuterRef("pk")).exclude(provisioner_info={})
    lanes = Lane.objects.filter(pk=OuterRef("pk"), expires_at__gt=Now())
    before = timezone.now() - timedelta(seconds=min_age_s)
    gone = CodeSession.objects.filter(~Exists(kernels), ~Exists(lanes), ended_at__lte=before)
    removed = 0
    for notebook_id in list(gone.values_list("pk", flat=True)):
        Notebook.objects.filter(pk=notebook_id).delete()
        folders_of(notebook_id).remove()
        removed += 1
    return removed


@transaction.atomic
def _end(session: CodeSession) -> bool:
    """Unless it is used again in this moment: that needs the lock too."""
    Notebook.objects.select_for_update(no_key=True).get(pk=session.notebook_id)
    if Run.objects.filter(notebook=session.notebook_id, finished_at=None).exists():
        return False
    return end(SYSTEM, session)
