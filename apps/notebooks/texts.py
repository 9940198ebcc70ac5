"""The one way a cell's text changes: change sets on the version they were made on, each logged as an edit.

For commands, which hold the notebook's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.base.errors import Conflict, Invalid, TooLarge
from apps.base.wire import dumps
from apps.editing.changes import ChangeSet, apply_all
from apps.editing.diff import diff
from apps.journal.record import append_each
from apps.notebooks.events import CellUpdated
from apps.notebooks.history import KEYFRAME_EVERY, text_at
from apps.notebooks.models import Cell, CellEdit, CellKeyframe, Notebook

_STORE = """
WITH edited AS (
  UPDATE notebooks_cell cell SET source = new.source, version = new.version
  FROM unnest(%(cells)s::uuid[], %(sources)s::text[], %(versions)s::int[]) AS new (id, source, version)
  WHERE cell.id = new.id
)
INSERT INTO notebooks_celledit (cell_id, version, changes, client_id, actor_kind, actor_label, created_at)
SELECT cell_id, version, changes::jsonb, client_id, kind, label, %(now)s
FROM unnest(%(cell_of_each)s::uuid[], %(version_of_each)s::int[], %(changes)s::text[], %(client_ids)s::text[],
  %(kinds)s::text[], %(labels)s::text[]) AS new (cell_id, version, changes, client_id, kind, label)
"""


@dataclass(frozen=True)
class TextChange:
    """What somebody made of a cell's text, from `before` at version `first - 1`, a change set a version."""

    cell: Cell
    actor: Actor
    client_id: str
    before: str
    first: int
    changes: list[ChangeSet]

    @property
    def last(self) -> int:
        return self.first + len(self.changes) - 1

    @cached_property
    def updates(self) -> list[dict[str, Any]]:
        """As in docs/protocol.md."""
        return [{"client_id": self.client_id, "changes": each.to_json()} for each in self.changes]


def require_version(cell: Cell, expected_version: int, refusal: str) -> None:
    """Conflict, beginning with `refusal` and naming who edited, unless the cell is at `expected_version`."""
    if cell.version == expected_version:
        return
    if not 0 <= expected_version <= cell.version:
        raise Invalid(f"The cell never had version {expected_version}.")
    edits = CellEdit.objects.filter(cell=cell, version__gt=expected_version)
    edited_by = list(edits.order_by("actor_label").values_list("actor_label", flat=True).distinct())
    who = " and ".join(edited_by) or "Somebody"
    raise Conflict(
        f"{refusal}: {who} edited the cell since you read it. It is at version {cell.version} now, not "
        f"{expected_version}. Look at it again first.",
        cell_id=str(cell.id),
        version=cell.version,
        source=cell.source,
        edited_by=edited_by,
    )


def replace_text(notebook: Notebook, cell: Cell, actor: Actor, source: str) -> None:
    """Make `source` the cell's text, as one change set that keeps what is the same. Event: cell_updated, if any."""
    if source != cell.source:
        store_changes(notebook, cell, actor, [diff(cell.source, source)])


def store_changes(notebook: Notebook, cell: Cell, actor: Actor, changes: list[ChangeSet]) -> None:
    """Apply the change sets one after the other, log each as an edit, and tell of all at once: cell_updated."""
    store_texts(notebook, [change_text(cell, actor, changes)])


def change_text(cell: Cell, actor: Actor, changes: list[ChangeSet], *, client_id: str = "") -> TextChange:
    """Apply the change sets one after the other to the cell in memory; `store_texts` keeps it."""
    change = TextChange(cell, actor, client_id, cell.source, cell.version + 1, changes)
    source = apply_all(cell.source, changes)
    if len(source) > settings.MAX_SOURCE_CHARS:
        raise TooLarge(f"A cell holds at most {settings.MAX_SOURCE_CHARS:,} characters.")
    cell.source, cell.version = source, change.last
    return change


def store_texts(notebook: Notebook, changed: Sequence[TextChange]) -> None:
    """Keep the cells' texts, log each change set as an edit, and tell of them. Event for each change: cell_updated."""
    cells = list({change.cell.id: change.cell for change in changed}.values())
    edits = [
        (change, version, update["changes"])
        for change in changed
        for version, update in enumerate(change.updates, change.first)
    ]
    values: dict[str, Any] = {
        "cells": [cell.id for cell in cells],
        "sources": [cell.source for cell in cells],
        "versions": [cell.version for cell in cells],
        "cell_of_each": [change.cell.id for change, _, _ in edits],
        "version_of_each": [version for _, version, _ in edits],
        "changes": [dumps(sections) for _, _, sections in edits],
        "client_ids": [change.client_id for change, _, _ in edits],
        "kinds": [change.actor.kind for change, _, _ in edits],
        "labels": [change.actor.label for change, _, _ in edits],
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
    for change in changed:
        _store_keyframe(change)
    append_each(notebook, [(change.actor, _event_of(change)) for change in changed])


def _event_of(change: TextChange) -> CellUpdated:
    return CellUpdated(cell_id=str(change.cell.id), version=change.last, updates=change.updates)


def _store_keyframe(change: TextChange) -> None:
    """Keep the text at the multiple of KEYFRAME_EVERY that the cell has just left or passed, if any."""
    cell, version = change.cell, change.first - 1
    newest = (change.last - 1) // KEYFRAME_EVERY * KEYFRAME_EVERY
    if newest < version:
        return
    if version == 0:
        _insert_keyframe(cell, 0, change.before)
    if newest > 0:
        _insert_keyframe(cell, newest, change.before if newest == version else text_at(cell, newest))


def _insert_keyframe(cell: Cell, version: int, source: str) -> None:
    keyframe = CellKeyframe(cell=cell, version=version, source=source)
    # Cells that are older than keyframes got one at the version they had then.
    CellKeyframe.objects.bulk_create([keyframe], ignore_conflicts=True)
