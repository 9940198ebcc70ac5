from uuid import UUID

from django.db import transaction

from apps.accounts.access import role_of
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.events import NotebookRestored
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook


@transaction.atomic
def restore_notebook(*, actor: Actor, notebook_id: UUID) -> Notebook:
    """Bring a deleted notebook back, with everything. Event: notebook_restored, unless it is there. Owners only."""
    if role_of(actor, notebook_id, is_deleted=True) is not Role.OWNER:
        return lock_notebook_for(actor, notebook_id, Role.OWNER)
    locked = Notebook.objects.select_for_update(no_key=True)
    deleted = locked.filter(id=notebook_id, deleted_at__isnull=False).first()
    if deleted is None:  # somebody else has brought it back meanwhile
        return lock_notebook_for(actor, notebook_id, Role.OWNER)
    deleted.deleted_at = None
    deleted.save(update_fields=["deleted_at"])
    append_events(deleted, actor, NotebookRestored(title=deleted.title))
    audit(actor, "restore_notebook", deleted.id, title=deleted.title)
    return deleted
