"""Where in the notebook the assistant is, told like anybody's place (docs/protocol.md, "Presence"). Never stored."""

import time
from uuid import UUID

from apps.accounts.actors import Actor
from apps.journal.publish import publish

# A place that is not repeated is dropped by clients after 8 s.
REPEAT_S = 3.0


class AssistantPresence:
    """Of one turn. Nobody is locked out of the cell."""

    def __init__(self, notebook_id: UUID, turn_id: UUID, actor: Actor) -> None:
        self._notebook_id = notebook_id
        self._client_id = f"assistant-{turn_id.hex}"
        self._actor = actor
        self._cell_id: str | None = None
        self._told_at = 0.0

    def show(self, cell_id: str | None) -> None:
        """It works on that cell now, or on none."""
        if cell_id != self._cell_id:
            self._cell_id = cell_id
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
        publish(self._notebook_id, {"type": "presence", "here": [entry | {"selection": None}], "gone": []})
