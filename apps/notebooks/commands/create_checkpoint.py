from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import TooLarge
from apps.journal.record import audit
from apps.notebooks.checkpoints import take_checkpoint
from apps.notebooks.checks import checked_title
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Checkpoint, CheckpointReason

# With the automatic ones no more than one answer lists.
MAX_MANUAL = 400


@transaction.atomic
def create_checkpoint(*, actor: Actor, notebook_id: UUID, name: str) -> Checkpoint:
    """Remember the notebook as it is now, under a name. Event: checkpoint_created."""
    name = checked_title(name, field="name")
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    manual = Checkpoint.objects.filter(notebook=notebook, reason=CheckpointReason.MANUAL)
    if manual.count() >= MAX_MANUAL:
        raise TooLarge(f"A notebook has at most {MAX_MANUAL:,} named checkpoints.")
    checkpoint = take_checkpoint(notebook, actor, CheckpointReason.MANUAL, name)
    audit(actor, "create_checkpoint", notebook.id, checkpoint_id=str(checkpoint.id), name=name)
    return checkpoint
