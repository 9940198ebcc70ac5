"""Where a cell goes: after another one, at the top, or at the end. Order keys are fractional indices."""

from enum import Enum
from uuid import UUID

from fractional_indexing import generate_key_between

from apps.base.errors import NotFound
from apps.notebooks.models import Cell


class Edge(Enum):
    START = "start"
    END = "end"


START, END = Edge.START, Edge.END
Position = UUID | Edge


def order_key_at(notebook_id: UUID, after: Position, *, moving: UUID | None = None) -> str:
    """A key between the cell `after` and the next one; `moving` is not looked at. The notebook is locked."""
    cells = Cell.objects.filter(notebook_id=notebook_id, deleted_at=None).order_by("order_key")
    keys = [pair for pair in cells.values_list("id", "order_key") if pair[0] != moving]
    index = _index_at([cell_id for cell_id, _ in keys], after)
    before_key = keys[index - 1][1] if index > 0 else None
    after_key = keys[index][1] if index < len(keys) else None
    key: str = generate_key_between(before_key, after_key)
    return key


def _index_at(cell_ids: list[UUID], after: Position) -> int:
    match after:
        case Edge.START:
            return 0
        case Edge.END:
            return len(cell_ids)
        case UUID():
            if after not in cell_ids:
                raise NotFound("The cell to put it after is not there any more.", cell_id=str(after))
            return cell_ids.index(after) + 1


def is_at(cell: Cell, after: Position) -> bool:
    """Whether the cell of a locked notebook is at that place already."""
    live = Cell.objects.filter(notebook_id=cell.notebook_id, deleted_at=None)
    match after:
        case Edge.END:
            return not live.filter(order_key__gt=cell.order_key).exists()
        case Edge.START:
            return not live.filter(order_key__lt=cell.order_key).exists()
        case UUID():
            before = live.filter(order_key__lt=cell.order_key).order_by("-order_key").first()
            return before is not None and before.id == after
