"""What is left of a deleted cell: a turn in a plan, variables in the kernel. Its lane looks after both."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from apps.execution.wake import wake_on_commit
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.signals import cell_hidden


@receiver(cell_hidden)
def _wake_lane(notebook_id: UUID, **_: Any) -> None:
    """Without a kernel there are neither."""
    if Kernel.objects.filter(pk=notebook_id, status=KernelStatus.IDLE).exists():
        wake_on_commit(notebook_id)
