from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid
from apps.execution.commands.control_kernel import shutdown_kernel
from apps.journal.record import append_events, audit
from apps.kernels.models import LIVING, Kernel
from apps.kernels.specs import kernel_specs
from apps.notebooks.events import NotebookConfigured
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook
from apps.notebooks.queries import language_of


def choose_kernel(*, actor: Actor, notebook_id: UUID, name: str) -> Notebook:
    """Say what runs the notebook's cells, and end the kernel that did. Event: notebook_configured. Editors.

    It is kept where Jupyter keeps it, so a file has it too. Invalid if there is no kernel of that name.
    """
    # Gateways are asked: not while the notebook is locked.
    specs = kernel_specs()
    spec = specs.get(name)
    if spec is None:
        raise Invalid(
            f"There is no kernel {name!r} here, only: {', '.join(specs) or 'none'}.", field="kernelspec"
        )
    with transaction.atomic():
        notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
        chosen = {"name": spec.name, "display_name": spec.display_name, "language": spec.language}
        if notebook.metadata.get("kernelspec") == chosen:
            return notebook
        audit(actor, "choose_kernel", notebook.id, kernelspec=spec.name)
        notebook.metadata |= {"kernelspec": chosen, "language_info": {"name": spec.language}}
        notebook.save(update_fields=["metadata"])
        event = NotebookConfigured(mode=notebook.mode, language=language_of(notebook))
        append_events(notebook, actor, event)
        if Kernel.objects.filter(pk=notebook.id, status__in=LIVING).exists():
            shutdown_kernel(actor=actor, notebook_id=notebook.id)
    return notebook
