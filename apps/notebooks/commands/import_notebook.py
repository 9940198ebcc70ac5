from django.db import transaction

from apps.accounts.actors import Actor
from apps.notebooks.commands.create_notebook import add_notebook
from apps.notebooks.importing import insert_cells, keep_files, parse_ipynb, title_of
from apps.notebooks.models import Notebook


def import_notebook(*, actor: Actor, content: bytes, filename: str = "") -> Notebook:
    """A new notebook with the file's cells and outputs, owned by the actor's user. Event: notebook_created.

    All of it or, with Invalid or TooLarge and the place in the file, nothing. Nobody can watch a notebook before
    it exists, so its cells need no events: clients start with a snapshot.
    """
    parsed = parse_ipynb(content)
    notebook = Notebook(
        title=title_of(filename, parsed.metadata),
        metadata=parsed.metadata,
        nbformat_minor=parsed.nbformat_minor,
    )
    cells = keep_files(notebook, parsed.cells)
    with transaction.atomic():
        add_notebook(actor, notebook, action="import_notebook", cells=len(cells))
        insert_cells(actor, notebook, cells)
    return notebook
