from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict
from apps.journal.record import audit
from apps.notebooks.checkpoints import take_checkpoint
from apps.notebooks.commands.delete_cell import hide_cell
from apps.notebooks.locking import get_cell, lock_notebook_for
from apps.notebooks.models import Cell, CheckpointReason
from apps.notebooks.positions import is_at
from apps.notebooks.texts import replace_text, require_version


@transaction.atomic
def merge_cells(
    *, actor: Actor, notebook_id: UUID, cell_id: UUID, version: int, next_cell_id: UUID, next_version: int
) -> Cell:
    """Append the next cell's text after a line feed, and hide the next cell; the outputs of the first stay.

    Events: checkpoint_created, cell_updated, cell_deleted. Conflict unless both are at the versions given and the one
    still follows the other.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell, following = get_cell(notebook, cell_id), get_cell(notebook, next_cell_id)
    refusal = "The cells were not merged"
    require_version(cell, version, refusal)
    require_version(following, next_version, refusal)
    if not is_at(following, cell.id):
        raise Conflict(
            f"{refusal}: somebody moved one of them, or put another between. Look again first.",
            cell_id=str(cell.id),
            version=cell.version,
            source=cell.source,
            edited_by=[],
        )
    take_checkpoint(notebook, actor, CheckpointReason.MERGE)
    replace_text(notebook, cell, actor, f"{cell.source}\n{following.source}")
    if following.attachments:
        cell.attachments = {**following.attachments, **(cell.attachments or {})}
        cell.save(update_fields=["attachments"])
    hide_cell(notebook, following, actor)
    audit(actor, "merge_cells", notebook.id, cell_id=str(cell.id), next_cell_id=str(following.id))
    return cell
