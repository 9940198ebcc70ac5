from django.db import transaction

from apps.accounts.actors import Actor
from apps.notebooks.commands.create_cell import create_cell
from apps.notebooks.commands.create_notebook import create_notebook
from apps.notebooks.models import Notebook
from apps.notebooks.tour import CELLS, TITLE


@transaction.atomic
def create_tour(*, actor: Actor) -> Notebook:
    """A new notebook of the actor's that shows what notebooks do. Events: those of making it by hand."""
    notebook = create_notebook(actor=actor, title=TITLE)
    for kind, source in CELLS:
        create_cell(actor=actor, notebook_id=notebook.id, kind=kind, source=source)
    return notebook
