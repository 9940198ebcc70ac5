from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid
from apps.base.ids import new_id
from apps.editing.utf16 import cut, unit_count
from apps.journal.record import audit
from apps.notebooks.commands.create_cell import insert_cell
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell
from apps.notebooks.texts import replace_text, require_version


@transaction.atomic
def split_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID, version: int, position: int) -> Cell:
    """Cut the cell in two; the new one, of the same kind, with the text after `position` (UTF-16 units).

    A line feed at the cut goes. The outputs stay with the first. Events: cell_updated, cell_created. Conflict unless
    the cell is at `version`: the position is one in that text.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = get_cell(notebook, cell_id)
    require_version(cell, version, "The cell was not split")
    length = unit_count(cell.source)
    if not 0 <= position <= length:
        raise Invalid(f"position must be from 0 to {length}, the length of the text.", field="position")
    before, after = cut(cell.source, 0, position), cut(cell.source, position, length)
    if after.startswith("\n"):
        after = after[1:]
    else:
        before = before.removesuffix("\n")
    replace_text(notebook, cell, actor, before)
    new = Cell(id=new_id(), notebook=notebook, kind=cell.kind, source=after, attachments=cell.attachments)
    insert_cell(notebook, new, actor, cell.id)
    audit(actor, "split_cell", notebook.id, cell_id=str(cell.id), new_cell_id=str(new.id))
    return new
