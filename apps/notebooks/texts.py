"""The one way a cell's text changes: change sets on the version they were made on, each logged as an edit.

For commands, which hold the notebook's lock.
"""

from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.base.errors import Conflict, Invalid, TooLarge
from apps.base.wire import dumps
from apps.editing.changes import ChangeSet, apply_all
from apps.editing.diff import diff
from apps.journal.record import append_events
from apps.notebooks.events import CellUpdated
from apps.notebooks.history import KEYFRAME_EVERY, text_at
from apps.notebooks.models import Cell, CellEdit, CellKeyframe, Notebook

_STORE = """
WITH edited AS (UPDATE notebooks_cell SET source = %(source)s, version = %(version)s WHERE id = %(cell)s)
INSERT INTO notebooks_celledit (cell_id, version, changes, client_id, actor_kind, actor_label, created_at)
SELECT %(cell)s, %(first)s + ordinality - 1, changes, %(client_id)s, %(kind)s, %(label)s, %(now)s
FROM jsonb_array_elements(%(changes)s::jsonb) WITH ORDINALITY AS new (changes)
"""


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


def store_changes(
    notebook: Notebook, cell: Cell, actor: Actor, changes: list[ChangeSet], *, client_id: str = ""
) -> None:
    """Apply the change sets one after the other, log each as an edit, and tell of all at once: cell_updated."""
    before, first = cell.source, cell.version + 1
    source = apply_all(before, changes)
    if len(source) > settings.MAX_SOURCE_CHARS:
        raise TooLarge(f"A cell holds at most {settings.MAX_SOURCE_CHARS:,} characters.")
    cell.source = source
    cell.version += len(changes)
    sections = [change_set.to_json() for change_set in changes]
    values: dict[str, Any] = {
        "cell": cell.id,
        "source": cell.source,
        "version": cell.version,
        "first": first,
        "changes": dumps(sections),
        "client_id": client_id,
        "kind": actor.kind,
        "label": actor.label,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
    _store_keyframe(cell, first - 1, before)
    updates = [{"client_id": client_id, "changes": each} for each in sections]
    append_events(notebook, actor, CellUpdated(cell_id=str(cell.id), version=cell.version, updates=updates))


def _store_keyframe(cell: Cell, version: int, before: str) -> None:
    """Keep the text at the multiple of KEYFRAME_EVERY that the cell has just left or passed, if any.

    `before` is the text at `version`, where it came from.
    """
    newest = (cell.version - 1) // KEYFRAME_EVERY * KEYFRAME_EVERY
    if newest < version:
        return
    if version == 0:
        _insert_keyframe(cell, 0, before)
    if newest > 0:
        _insert_keyframe(cell, newest, before if newest == version else text_at(cell, newest))


def _insert_keyframe(cell: Cell, version: int, source: str) -> None:
    keyframe = CellKeyframe(cell=cell, version=version, source=source)
    # Cells that are older than keyframes got one at the version they had then.
    CellKeyframe.objects.bulk_create([keyframe], ignore_conflicts=True)
