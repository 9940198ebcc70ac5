from uuid import UUID

from apps.accounts.access import role_of
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.execution.wake import open_lane
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.models import RUNNABLE_KINDS, Cell, Notebook
from apps.notebooks.queries import language_of


def prepare_kernel(*, actor: Actor, notebook_id: UUID) -> None:
    """The actor has opened the notebook: if they may run cells, its kernel starts before they do.

    Only a hint, which changes no row: where it gets lost, the first run starts the kernel. One that died is left as it
    is, so that people see why.
    """
    role = role_of(actor, notebook_id)
    if role is None or not role.allows(Role.EDITOR):
        return
    if Kernel.objects.filter(pk=notebook_id).exclude(status=KernelStatus.OFF).exists():
        return
    if _may_run_python(notebook_id):
        open_lane(notebook_id)


def _may_run_python(notebook_id: UUID) -> bool:
    """An empty notebook is about to get a cell."""
    notebook = Notebook.objects.get(pk=notebook_id)
    kinds = set(
        Cell.objects.filter(notebook=notebook, deleted_at=None).values_list("kind", flat=True).distinct()
    )
    return language_of(notebook) == "python" and (not kinds or not kinds.isdisjoint(RUNNABLE_KINDS))
