from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Membership, Role
from apps.base.errors import Forbidden
from apps.journal.record import append_events, audit
from apps.notebooks.checks import checked_title
from apps.notebooks.events import NotebookCreated
from apps.notebooks.models import Notebook


@transaction.atomic
def create_notebook(*, actor: Actor, title: str) -> Notebook:
    """A new empty notebook that the actor's user owns. Event: notebook_created."""
    return add_notebook(actor, Notebook(title=checked_title(title)), action="create_notebook")


def add_notebook(actor: Actor, notebook: Notebook, *, action: str, **details: object) -> Notebook:
    """Save a notebook that is not stored yet, with its owner, first event and audit row."""
    if actor.user_id is None:
        raise Forbidden("A notebook needs an owner: make it as a person or with a person's token.")
    notebook.save(force_insert=True)
    Membership.objects.create(notebook=notebook, user_id=actor.user_id, role=Role.OWNER)
    append_events(notebook, actor, NotebookCreated(title=notebook.title))
    audit(actor, action, notebook.id, title=notebook.title, **details)
    return notebook
