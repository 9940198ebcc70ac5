"""Where a cell goes: after another one, at the top, or at the end. Order keys are fractional indices.

For commands, which hold the notebook's lock.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from itertools import groupby, zip_longest
from uuid import UUID

from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat
from fractional_indexing import generate_key_between, generate_n_keys_between

from apps.accounts.actors import Actor
from apps.base.errors import NotFound
from apps.journal.record import append_events
from apps.notebooks.events import CellMoved
from apps.notebooks.models import Cell, Notebook

# Keys grow by a character for every few cells put at the same place. PostgreSQL's index takes 2,700 bytes.
MAX_KEY_CHARS = 200


class Edge(Enum):
    START = "start"
    END = "end"


START, END = Edge.START, Edge.END
Position = UUID | Edge


def order_key_at(notebook: Notebook, actor: Actor, after: Position, *, moving: UUID | None = None) -> str:
    """A key between the cell `after` and the next one; `moving` is not looked at. The notebook is locked.

    Events: cell_moved for all cells, if the keys at that place had grown so long that all got new ones.
    """
    keys = [pair for pair in _order(notebook) if pair[0] != moving]
    index = _index_at([cell_id for cell_id, _ in keys], after)
    before_key = keys[index - 1][1] if index > 0 else None
    after_key = keys[index][1] if index < len(keys) else None
    key: str = generate_key_between(before_key, after_key)
    if len(key) <= MAX_KEY_CHARS:
        return key
    _respread(notebook, actor)
    return order_key_at(notebook, actor, after, moving=moving)


def order_keys_near(notebook: Notebook, actor: Actor, wanted: Sequence[str]) -> list[str]:
    """A key for each wanted one: that key or, if another cell has it meanwhile, one right after it.

    Events: cell_moved for all cells, if a key had grown so long that all got new ones.
    """
    order = _order(notebook)
    keys = keys_near([key for _, key in order], wanted)
    if all(len(key) <= MAX_KEY_CHARS for key in keys):
        return keys
    everyone = sorted([*(key for _, key in order), *keys])
    short = dict(zip(everyone, generate_n_keys_between(None, None, len(everyone)), strict=True))
    _assign_keys(notebook, actor, {cell_id: short[key] for cell_id, key in order})
    return [short[key] for key in keys]


def keys_near(taken: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """For each wanted key that key or, if it is taken or was wanted before, one right after it. Pure."""
    claims = [*taken, *wanted]
    rivals = Counter(claims)
    places = sorted(rivals)
    keys = {
        place: iter([place, *generate_n_keys_between(place, after, rivals[place] - 1)])
        for place, after in zip_longest(places, places[1:])
    }
    return [next(keys[claim]) for claim in claims][len(taken) :]


def arrange(notebook: Notebook, actor: Actor, wanted: Sequence[UUID]) -> None:
    """Put all cells of the locked notebook into the wanted order, moving as few as possible. Events: cell_moved."""
    order = _order(notebook)
    old_keys = dict(order)
    staying = unmoved([cell_id for cell_id, _ in order], wanted)
    new_keys: dict[UUID, str] = {}
    before_key = None
    end = 0
    for stays, group in groupby(wanted, key=staying.__contains__):
        cell_ids = list(group)
        end += len(cell_ids)
        if stays:
            before_key = old_keys[cell_ids[-1]]
            continue
        after_key = old_keys[wanted[end]] if end < len(wanted) else None
        keys = generate_n_keys_between(before_key, after_key, len(cell_ids))
        new_keys.update(zip(cell_ids, keys, strict=True))
    if new_keys:
        _assign_keys(notebook, actor, new_keys)
    if any(len(key) > MAX_KEY_CHARS for key in new_keys.values()):
        _respread(notebook, actor)


def unmoved(before: Sequence[UUID], after: Sequence[UUID]) -> set[UUID]:
    """The most cells that are in the same order in both (a longest increasing subsequence). Pure."""
    places = {cell_id: place for place, cell_id in enumerate(after)}
    ends: list[int] = []  # ends[n]: the smallest place that ends a run of n + 1 cells
    previous: dict[UUID, UUID | None] = {}
    for cell_id in (each for each in before if each in places):
        length = bisect_left(ends, places[cell_id])
        previous[cell_id] = after[ends[length - 1]] if length else None
        ends[length : length + 1] = [places[cell_id]]
    longest: set[UUID] = set()
    cell: UUID | None = after[ends[-1]] if ends else None
    while cell is not None:
        longest.add(cell)
        cell = previous[cell]
    return longest


def _order(notebook: Notebook) -> list[tuple[UUID, str]]:
    cells = Cell.objects.filter(notebook_id=notebook.id, deleted_at=None).order_by("order_key")
    return list(cells.values_list("id", "order_key"))


def _respread(notebook: Notebook, actor: Actor) -> None:
    """Give all cells short keys, in the order they have."""
    cell_ids = [cell_id for cell_id, _ in _order(notebook)]
    keys = generate_n_keys_between(None, None, len(cell_ids))
    _assign_keys(notebook, actor, dict(zip(cell_ids, keys, strict=True)))


def _assign_keys(notebook: Notebook, actor: Actor, keys: dict[UUID, str]) -> None:
    # Old and new keys may be equal, and no two live cells may share one even for a moment.
    Cell.objects.filter(id__in=keys).update(order_key=Concat(Value("~"), Cast("id", TextField())))
    Cell.objects.bulk_update(
        [Cell(id=cell_id, order_key=key) for cell_id, key in keys.items()], ["order_key"]
    )
    moved = (CellMoved(cell_id=str(cell_id), order_key=key) for cell_id, key in keys.items())
    append_events(notebook, actor, *moved)


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
