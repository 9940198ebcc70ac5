from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.checks import checked_tags
from apps.notebooks.events import NotebookTagged
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook


@transaction.atomic
def tag_notebook(*, actor: Actor, notebook_id: UUID, tags: Iterable[str]) -> Notebook:
    """Give the notebook these tags, in place of those it has. Event: notebook_tagged. Editors and owners."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    checked = checked_tags(tags)
    if checked == notebook.tags:
        return notebook
    audit(actor, "tag_notebook", notebook.id, tags=checked, old_tags=notebook.tags)
    notebook.tags = checked
    notebook.save(update_fields=["tags"])
    append_events(notebook, actor, NotebookTagged(tags=checked))
    return notebook
