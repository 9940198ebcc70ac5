"""The first step of every command: the actor's rights, then the lock on the notebook's row, then on the cell's.

Lock order: notebook (FOR NO KEY UPDATE), then the lane, then cells by id. No lock is held across kernel or file I/O.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Membership, Role
from apps.base.errors import NotFound
from apps.notebooks.models import Cell, Notebook


def lock_notebook_for(actor: Actor, notebook_id: UUID, needed: Role) -> Notebook:
    """The locked notebook, in the caller's transaction. NotFound or Forbidden without the role."""
    allowed = [role for role in Role if role.allows(needed)]
    may = Membership.objects.filter(
        notebook_id=OuterRef("id"), user_id=actor.user_id, user__is_active=True, role__in=allowed
    )
    notebook = _lock(Notebook.objects.filter(Exists(may), id=notebook_id))
    if notebook is None:
        require_role(actor, notebook_id, needed)
        raise NotFound("This notebook was deleted.")
    return notebook


def lock_notebook(notebook_id: UUID) -> Notebook:
    """For the lane, which acts for whoever was allowed to ask. NotFound if the notebook was deleted."""
    notebook = _lock(Notebook.objects.filter(id=notebook_id))
    if notebook is None:
        raise NotFound("This notebook was deleted.")
    return notebook


def get_cell(notebook: Notebook, cell_id: UUID) -> Cell:
    """A live cell of a locked notebook: nobody else can change it until the transaction ends."""
    cell = Cell.objects.filter(notebook=notebook, id=cell_id, deleted_at=None).first()
    if cell is None:
        raise NotFound("There is no such cell in this notebook, or it was deleted.", cell_id=str(cell_id))
    return cell


def _lock(notebooks: QuerySet[Notebook]) -> Notebook | None:
    return notebooks.select_for_update(no_key=True, of=("self",)).filter(deleted_at=None).first()
