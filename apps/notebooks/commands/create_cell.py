from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.accounts.access import role_of
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Conflict, NotFound, TooLarge
from apps.base.ids import new_id
from apps.base.wire import JsonObject
from apps.journal.record import append_events, audit
from apps.notebooks.checks import (
    checked_cache_seconds,
    checked_kind,
    checked_metadata,
    checked_result_name,
    checked_source,
)
from apps.notebooks.events import CellCreated
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import END, Position, order_key_at
from apps.notebooks.queries import cell_json
from apps.notebooks.result_names import name_result


@transaction.atomic
def create_cell(
    *,
    actor: Actor,
    notebook_id: UUID,
    kind: str,
    source: str = "",
    after: Position = END,
    cell_id: UUID | None = None,
    metadata: JsonObject | None = None,
    is_disabled: bool = False,
    result_name: str = "",
    cache_seconds: int = 0,
    attachments_of: UUID | None = None,
) -> Cell:
    """A new cell at version 0. Event: cell_created.

    `cell_id` may be minted by the client; a resend of a creation that went through is a Conflict. The others are for
    copies of cells: see Cell. A cell of a kind whose result has a name gets one if `result_name` is empty.
    `attachments_of` is the cell whose attachments it gets, of any notebook that the actor may see; it may be deleted,
    as one that was cut is. NotFound if there is none.
    """
    notebook = lock_notebook_for(actor, notebook_id, Role.EDITOR)
    cell = Cell(
        id=cell_id or new_id(),
        notebook=notebook,
        kind=checked_kind(kind),
        source=checked_source(source),
        metadata=checked_metadata(metadata or {}),
        is_disabled=is_disabled,
        result_name=checked_result_name(result_name) if result_name else "",
        cache_seconds=checked_cache_seconds(cache_seconds),
    )
    if attachments_of is not None:
        cell.attachments = _attachments_for(actor, attachments_of)
    insert_cell(notebook, cell, actor, after)
    return cell


def insert_cell(notebook: Notebook, cell: Cell, actor: Actor, after: Position) -> None:
    """Store a new cell of the locked notebook, if there is room, and tell of it."""
    require_room(notebook)
    name_result(notebook, cell)
    cell.order_key = order_key_at(notebook, actor, after)
    try:
        with transaction.atomic():
            cell.save(force_insert=True)
    except IntegrityError:
        raise Conflict("There is a cell with this id already.", cell_id=str(cell.id)) from None
    append_events(notebook, actor, CellCreated(cell=cell_json(cell, [])))
    audit(actor, "create_cell", notebook.id, cell_id=str(cell.id), kind=cell.kind)


def require_room(notebook: Notebook, cells: int = 1) -> None:
    """TooLarge if the notebook cannot take so many more cells."""
    if Cell.objects.filter(notebook=notebook, deleted_at=None).count() + cells > settings.MAX_CELLS:
        raise TooLarge(f"A notebook holds at most {settings.MAX_CELLS:,} cells. Split it in two.")


def _attachments_for(actor: Actor, cell_id: UUID) -> JsonObject | None:
    original = Cell.objects.filter(id=cell_id).only("notebook_id", "attachments").first()
    if original is None or role_of(actor, original.notebook_id) is None:
        raise NotFound(f"There is no cell {cell_id} whose attachments you can see.")
    return original.attachments
