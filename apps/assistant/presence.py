"""Where in the notebook the assistant is, told like anybody's place (docs/protocol.md, "Presence"). Never stored."""

import time
from typing import Any
from uuid import UUID

from apps.accounts.actors import Actor
from apps.editing.changes import ChangeSet
from apps.editing.utf16 import Utf16Text
from apps.journal.publish import publish
from apps.notebooks.models import Cell, CellEdit

Json = dict[str, Any]

# A place that is not repeated is dropped by clients after 8 s.
REPEAT_S = 3.0


class AssistantPresence:
    """Of one turn. Nobody is locked out of the cell."""

    def __init__(self, notebook_id: UUID, turn_id: UUID, actor: Actor) -> None:
        self._notebook_id = notebook_id
        self._client_id = f"assistant-{turn_id.hex}"
        self._actor = actor
        self._cell_id: str | None = None
        self._selection: Json | None = None
        self._told_at = 0.0

    def show(self, cell_id: str | None) -> None:
        """It works on that cell now, or on none."""
        if cell_id != self._cell_id:
            self._cell_id, self._selection = cell_id, None
            self._tell()

    def show_change(self, change: Json) -> None:
        """It has done that (`changes.apply_change`): its cursor stands where somebody's would who had typed it."""
        selection = _after(change)
        self._cell_id, self._selection = change["cell_id"], selection
        self._tell()

    def repeat(self) -> None:
        """Called often; it tells when it is time."""
        if time.monotonic() - self._told_at >= REPEAT_S:
            self._tell()

    def leave(self) -> None:
        publish(self._notebook_id, {"type": "presence", "here": [], "gone": [self._client_id]})

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        entry = {"client_id": self._client_id, "actor": self._actor.as_json(), "cell_id": self._cell_id}
        here = [entry | {"selection": self._selection}]
        publish(self._notebook_id, {"type": "presence", "here": here, "gone": []})


def _after(change: Json) -> Json | None:
    """The selection behind what was written; None if no text was."""
    match change["kind"]:
        case "edited":
            edits = CellEdit.objects.filter(cell_id=change["cell_id"], version=change["version"])
            changes = edits.values_list("changes", flat=True).first()
            head = ChangeSet.from_json(changes).end if changes else None
        case "created":
            cells = Cell.objects.filter(id=change["cell_id"], version=0)
            source = cells.values_list("source", flat=True).first()
            head = None if source is None else len(Utf16Text(source))
        case _:
            head = None
    return None if head is None else {"version": change.get("version", 0), "anchor": head, "head": head}
