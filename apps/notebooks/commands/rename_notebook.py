from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.checks import checked_title
from apps.notebooks.events import NotebookRenamed
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook


@transaction.atomic
def rename_notebook(*, actor: Actor, notebook_id: UUID, title: str) -> Notebook:
    """Event: notebook_renamed. Editors and owners."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    title = checked_title(title)
    if title == notebook.title:
        return notebook
    audit(actor, "rename_notebook", notebook.id, title=title, old_title=notebook.title)
    notebook.title = title
    notebook.save(update_fields=["title"])
    append_events(notebook, actor, NotebookRenamed(title=title))
    return notebook
