from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.notebooks.commands.create_notebook import add_notebook
from apps.notebooks.exporting import parsed_cells
from apps.notebooks.file_store import share_files
from apps.notebooks.importing import insert_cells
from apps.notebooks.models import MAX_TITLE_CHARS, Notebook
from apps.notebooks.one_moment import one_moment
from apps.notebooks.queries import get_notebook_for
from apps.notebooks.widgets import metadata_with_widgets


def duplicate_notebook(*, actor: Actor, notebook_id: UUID) -> Notebook:
    """A new notebook of the actor's with the same cells and outputs. Event: notebook_created. Viewers too.

    Without history, members, conversations, files and what is in the kernel.
    """
    with one_moment():
        original = get_notebook_for(actor=actor, notebook_id=notebook_id, role=Role.VIEWER)
        cells = tuple(parsed_cells(original))
        metadata = metadata_with_widgets(original)
    copy = Notebook(
        title=f"Copy of {original.title}"[:MAX_TITLE_CHARS],
        mode=original.mode,
        metadata=metadata,
        nbformat_minor=original.nbformat_minor,
        tags=original.tags,
    )
    with transaction.atomic():
        add_notebook(actor, copy, action="duplicate_notebook", original=str(original.id), cells=len(cells))
        insert_cells(actor, copy, cells)
        share_files(original.id, copy.id)
    return copy
