from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.checks import checked_mode
from apps.notebooks.events import NotebookConfigured
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook
from apps.notebooks.queries import language_of


@transaction.atomic
def configure_notebook(*, actor: Actor, notebook_id: UUID, mode: str) -> Notebook:
    """Say what running a cell also runs. Event: notebook_configured. Editors and owners."""
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    mode = checked_mode(mode)
    if mode == notebook.mode:
        return notebook
    audit(actor, "configure_notebook", notebook.id, mode=mode, old_mode=notebook.mode)
    notebook.mode = mode
    notebook.save(update_fields=["mode"])
    append_events(notebook, actor, NotebookConfigured(mode=mode, language=language_of(notebook)))
    return notebook
