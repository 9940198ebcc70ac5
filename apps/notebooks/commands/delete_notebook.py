from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.events import NotebookDeleted
from apps.notebooks.locking import lock_notebook_for


@transaction.atomic
def delete_notebook(*, actor: Actor, notebook_id: UUID) -> None:
    """Hide the notebook from everybody; its rows stay. Event: notebook_deleted. Owners only."""
    notebook = lock_notebook_for(actor, notebook_id, Role.OWNER)
    notebook.deleted_at = timezone.now()
    notebook.save(update_fields=["deleted_at"])
    append_events(notebook, actor, NotebookDeleted())
    audit(actor, "delete_notebook", notebook.id, title=notebook.title)
