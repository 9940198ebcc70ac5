"""What people see of a turn while it goes on (docs/protocol.md, "Turns"): frames, counted, and at once.

The worker that does the turn owns its feed. Rows are written behind it: `blocks`, `offset` and `notice` are what is to
be stored of it, and `is_dirty` says whether they have changed since. A model may say a secret that it was not told, so
text is told, and counts as said, once it is known to be none.
"""

import time
from collections.abc import Container
from typing import Any
from uuid import UUID

from apps.assistant.models import CallStatus, ToolCall, Turn
from apps.assistant.redaction import redacted_keys, redacted_so_far
from apps.assistant.reply import Delta
from apps.assistant.shown import tool_json, writing_tool_json
from apps.base.ids import new_id
from apps.journal.publish import publish

Json = dict[str, Any]

# The first words go out at once; those that follow are gathered for so long, or frames would cost more than words.
GATHER_S = 0.025

# More frames than a worker can have shown and not stored when it died: it stores three times a second.
MAX_UNSTORED = 100_000


class TurnFeed:
    def __init__(self, turn: Turn) -> None:
        self._turn_id = turn.id
        self._notebook_id = turn.notebook_id
        self.offset = turn.offset
        self.notice = turn.notice
        self.blocks: list[Json] = []
        self.is_dirty = False
        self._places: dict[str, int] = {}
        self._base = 0
        self._untold = ""  # of the last block
        self._has_news = False
        self._sent_at = 0.0
        for call in turn.model_calls.filter(status=CallStatus.OK).order_by("id"):
            self.settle(call.shown)

    # What the model says

    def begin(self, turn: Turn, *, is_taken_over: bool) -> None:
        """What a call before this has said, and was not told to its end, goes."""
        if is_taken_over:
            # The earlier worker may have shown more than it stored: after a jump every page asks for what is stored.
            self.offset += MAX_UNSTORED
            self.is_dirty = True
        if turn.blocks:
            self.rewind()

    def take(self, delta: Delta) -> None:
        if delta.kind == "tool":
            self.flush()
            block = writing_tool_json(new_id(), delta.text)
            self.blocks.append(block)
            self.tell({"type": "tool_start", "block": self._last, "tool": block})
            return
        if not self.blocks or self.blocks[-1]["type"] != delta.kind:
            self.flush()
            self.blocks.append({"type": delta.kind, "text": ""})
        self._untold += delta.text
        self._has_news = True

    def tool_ids(self) -> list[UUID]:
        """Of the calls that the model has begun to write, in order."""
        return [UUID(block["id"]) for block in self.blocks if block["type"] == "tool"]

    def note(self, text: str) -> None:
        """Something that a person should know, and that stays."""
        self.flush()
        self.blocks.append({"type": "notice", "text": text})
        self.tell({"type": "note", "block": self._last, "text": text})

    def abandon_tools(self, made: Container[str] = ()) -> None:
        """The calls that the model began to write come to nothing, but for those that were made."""
        self.flush()
        for index, block in enumerate(self.blocks):
            if block["type"] == "tool" and block["id"] not in made:
                text = f"A call of {block['name']} was not finished, so it was not made."
                self.blocks[index] = {"type": "notice", "text": text}
                self.tell({"type": "note", "block": self._base + index, "text": text})

    def rewind(self) -> None:
        """What the call has said counts for nothing."""
        self._untold = ""
        self.blocks = []
        self.tell({"type": "rewind", "blocks": self._base})

    def settle(self, shown: list[Json]) -> None:
        """The call is stored, with what is shown of it; the next one's blocks come after."""
        for place, block in enumerate(shown, self._base):
            if block["type"] == "tool":
                self._places[block["id"]] = place
        self._base += len(shown)
        self.blocks = []

    # What becomes of it

    def tell_tool(self, kind: str, call: ToolCall) -> None:
        self.tell({"type": kind, "block": self._places[str(call.id)], "tool": tool_json(call)})

    def set_notice(self, text: str) -> None:
        if text != self.notice:
            self.notice = text
            self.tell({"type": "notice", "text": text})

    def tell(self, event: Json) -> None:
        self.flush()
        self._publish(event)

    def flush(self) -> None:
        """Tell what was gathered, to its end."""
        self._tell_text(redacted_keys(self._untold), "")

    def flush_if_due(self) -> float | None:
        """Tell what was gathered for long enough; seconds until there is something to tell, None if there is not."""
        if not self._has_news:
            return None
        left_s = self._sent_at + GATHER_S - time.monotonic()
        if left_s > 0:
            return left_s
        self._tell_text(*redacted_so_far(self._untold))
        return None

    def _tell_text(self, text: str, rest: str) -> None:
        self._untold, self._has_news = rest, False
        if text:
            self.blocks[-1]["text"] += text
            self._publish({"type": f"{self.blocks[-1]['type']}_delta", "block": self._last, "text": text})

    @property
    def _last(self) -> int:
        return self._base + len(self.blocks) - 1

    def _publish(self, event: Json) -> None:
        self._sent_at = time.monotonic()
        frame = {"type": "chat", "turn_id": str(self._turn_id), "offset": self.offset, "event": event}
        self.offset += 1
        self.is_dirty = True
        publish(self._notebook_id, frame)
