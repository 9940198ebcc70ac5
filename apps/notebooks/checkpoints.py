"""Checkpoints: which cells the notebook had, at which version each, and how that differs from now."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import NotFound
from apps.journal.record import append_events
from apps.notebooks.events import CheckpointCreated
from apps.notebooks.history import text_at
from apps.notebooks.models import MAX_TITLE_CHARS, Cell, Checkpoint, CheckpointReason, Notebook
from apps.notebooks.one_moment import one_moment
from apps.notebooks.positions import unmoved

MAX_LISTED = 500
MAX_AUTOMATIC = 100
# Somebody who deletes several cells clears out: the first checkpoint of the series has all of them.
SERIES = timedelta(seconds=60)


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"
    MOVED_AND_CHANGED = "moved_and_changed"


@dataclass(frozen=True)
class CellThen:
    """A cell as it was at a checkpoint; `cell` is its row as it is now, deleted or not."""

    cell: Cell
    kind: str
    source: str
    order_key: str


def checkpoint_json(checkpoint: Checkpoint) -> dict[str, Any]:
    """As in docs/protocol.md."""
    return {
        "id": str(checkpoint.id),
        "name": checkpoint.name,
        "reason": checkpoint.reason,
        "actor": {"kind": checkpoint.actor_kind, "label": checkpoint.actor_label},
        "created_at": checkpoint.created_at.isoformat(),
        "cell_count": checkpoint.cell_count,
    }


def checkpoints(*, actor: Actor, notebook_id: UUID) -> list[dict[str, Any]]:
    """The newest 500, newest first, as in docs/protocol.md."""
    require_role(actor, notebook_id, Role.VIEWER)
    rows = Checkpoint.objects.filter(notebook_id=notebook_id).order_by("-created_at", "-id").defer("cells")
    return [checkpoint_json(row) for row in rows[:MAX_LISTED]]


def checkpoint_diff(*, actor: Actor, notebook_id: UUID, checkpoint_id: UUID) -> list[dict[str, Any]]:
    """The differences from the checkpoint to now, in document order, as in docs/protocol.md."""
    with one_moment():
        require_role(actor, notebook_id, Role.VIEWER)
        checkpoint = get_checkpoint(notebook_id, checkpoint_id)
        return differences(notebook_id, cells_then(checkpoint))


def get_checkpoint(notebook_id: UUID, checkpoint_id: UUID) -> Checkpoint:
    checkpoint = Checkpoint.objects.filter(notebook_id=notebook_id, id=checkpoint_id).first()
    if checkpoint is None:
        raise NotFound("There is no such checkpoint of this notebook.")
    return checkpoint


def take_checkpoint(notebook: Notebook, actor: Actor, reason: CheckpointReason, name: str = "") -> Checkpoint:
    """Of the locked notebook as it is now. Event: checkpoint_created. Of the automatic ones the newest 100 are kept."""
    cells = Cell.objects.filter(notebook_id=notebook.id, deleted_at=None).order_by("order_key")
    entries = [
        {"cell_id": str(cell_id), "version": version, "kind": kind, "order_key": order_key}
        for cell_id, version, kind, order_key in cells.values_list("id", "version", "kind", "order_key")
    ]
    checkpoint = Checkpoint.objects.create(
        notebook=notebook,
        name=(name or reason.label.capitalize())[:MAX_TITLE_CHARS],
        reason=reason,
        cells=entries,
        cell_count=len(entries),
        actor_kind=actor.kind,
        actor_label=actor.label,
    )
    append_events(notebook, actor, CheckpointCreated(checkpoint=checkpoint_json(checkpoint)))
    if reason != CheckpointReason.MANUAL:
        _forget_oldest(notebook)
    return checkpoint


def take_checkpoint_before_deleting(notebook: Notebook, actor: Actor) -> None:
    """One for each series of deletions by one actor."""
    series = Checkpoint.objects.filter(
        notebook_id=notebook.id,
        reason=CheckpointReason.DELETE,
        actor_kind=actor.kind,
        actor_label=actor.label,
        created_at__gt=timezone.now() - SERIES,
    )
    if not series.exists():
        take_checkpoint(notebook, actor, CheckpointReason.DELETE)


def cells_then(checkpoint: Checkpoint) -> list[CellThen]:
    """The cells of the checkpoint, in its order."""
    rows = Cell.objects.in_bulk([entry["cell_id"] for entry in checkpoint.cells])
    then = ((rows[UUID(entry["cell_id"])], entry) for entry in checkpoint.cells)
    return [
        CellThen(cell, entry["kind"], text_at(cell, entry["version"]), entry["order_key"])
        for cell, entry in then
    ]


def differences(notebook_id: UUID, then: list[CellThen]) -> list[dict[str, Any]]:
    """`[difference]` to now, in document order, as in docs/protocol.md."""
    now = list(Cell.objects.filter(notebook_id=notebook_id, deleted_at=None).order_by("order_key"))
    staying = unmoved([each.cell.id for each in then], [cell.id for cell in now])
    before = {each.cell.id: each for each in then}
    after = {cell.id: cell for cell in now}
    places = {each.cell.id: each.order_key for each in then} | {cell.id: cell.order_key for cell in now}
    found = (
        _difference(cell_id, before.get(cell_id), after.get(cell_id), cell_id in staying)
        for cell_id in sorted(places, key=places.__getitem__)
    )
    return [each for each in found if each]


def _difference(cell_id: UUID, then: CellThen | None, now: Cell | None, stays: bool) -> dict[str, Any] | None:
    before = {"kind": then.kind, "source": then.source} if then else None
    after = {"kind": now.kind, "source": now.source} if now else None
    if before == after and stays:
        return None
    return {
        "cell_id": str(cell_id),
        "change": _change(before, after, stays),
        "before": before,
        "after": after,
    }


def _change(before: object, after: object, stays: bool) -> Change:
    if before is None:
        return Change.ADDED
    if after is None:
        return Change.REMOVED
    if stays:
        return Change.CHANGED
    return Change.MOVED if before == after else Change.MOVED_AND_CHANGED


def _forget_oldest(notebook: Notebook) -> None:
    automatic = Checkpoint.objects.filter(notebook_id=notebook.id).exclude(reason=CheckpointReason.MANUAL)
    kept = automatic.order_by("-created_at", "-id").values("id")[:MAX_AUTOMATIC]
    automatic.exclude(id__in=list(kept.values_list("id", flat=True))).delete()
