from uuid import UUID

from django.db import transaction

from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.journal.record import append_events, audit
from apps.notebooks.checkpoints import CellThen, cells_then, differences, get_checkpoint, take_checkpoint
from apps.notebooks.commands.delete_cell import hide_cell
from apps.notebooks.commands.restore_cell import show_again
from apps.notebooks.events import CellConfigured
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell, Checkpoint, CheckpointReason, Notebook
from apps.notebooks.positions import arrange
from apps.notebooks.result_names import name_result
from apps.notebooks.texts import replace_text


@transaction.atomic
def restore_checkpoint(*, actor: Actor, notebook_id: UUID, checkpoint_id: UUID) -> None:
    """Make the cells what they were, by new edits: nothing that came since is lost to the history.

    Events: checkpoint_created, then those of each difference. Outputs, statuses and the title stay.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    checkpoint = get_checkpoint(notebook.id, checkpoint_id)
    then = cells_then(checkpoint)
    if not differences(notebook.id, then):
        return
    take_checkpoint(notebook, actor, CheckpointReason.RESTORE, _name_before(checkpoint))
    _hide_others(notebook, actor, then)
    if deleted := [each.cell for each in then if each.cell.deleted_at is not None]:
        show_again(notebook, deleted, actor)
    for each in then:
        _restore(notebook, actor, each)
    arrange(notebook, actor, [each.cell.id for each in then])
    audit(actor, "restore_checkpoint", notebook.id, checkpoint_id=str(checkpoint.id), name=checkpoint.name)


def _name_before(checkpoint: Checkpoint) -> str:
    if checkpoint.reason == CheckpointReason.RESTORE:
        return "Before restoring an earlier state again"
    return f"Before restoring “{checkpoint.name}”"


def _hide_others(notebook: Notebook, actor: Actor, then: list[CellThen]) -> None:
    live = Cell.objects.filter(notebook_id=notebook.id, deleted_at=None)
    for cell in live.exclude(id__in=[each.cell.id for each in then]).order_by("order_key"):
        hide_cell(notebook, cell, actor)


def _restore(notebook: Notebook, actor: Actor, then: CellThen) -> None:
    cell = then.cell
    if cell.kind != then.kind:
        cell.kind = then.kind
        name_result(notebook, cell)
        cell.save(update_fields=["kind", "result_name"])
        append_events(notebook, actor, CellConfigured.of(cell))
    replace_text(notebook, cell, actor, then.source)
