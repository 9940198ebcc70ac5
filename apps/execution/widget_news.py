"""What pages are told of widgets (docs/protocol.md, "Widgets"), gathered for a moment. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.base.wire import dumps
from apps.execution.widget_model import Update, Widget

Json = dict[str, Any]

# Of a frame: Redis gives up subscribers that are too far behind.
MAX_FRAME_CHARS = 2**20


@dataclass
class _Updated:
    comm_id: str
    update: Update
    parent_id: str
    is_echo: bool


class WidgetNews:
    """In order, but values of one model that nothing came between are one update."""

    def __init__(self) -> None:
        self._items: list[Json | _Updated] = []
        self._last: dict[str, _Updated] = {}  # by model, what a further update may go into

    def __bool__(self) -> bool:
        return bool(self._items)

    def opened(self, comm_id: str, widget: Widget) -> None:
        self._add(comm_id, {"kind": "opened", "comm_id": comm_id, "model": widget.as_json()})

    def updated(self, comm_id: str, update: Update, parent_id: str, *, is_echo: bool) -> None:
        last = self._last.get(comm_id)
        if last and (last.parent_id, last.is_echo) == (parent_id, is_echo):
            last.update = last.update.then(update)
            return
        self._last[comm_id] = item = _Updated(comm_id, update, parent_id, is_echo)
        self._items.append(item)

    def said(self, comm_id: str, content: Any, buffers: list[str]) -> None:
        """A message of the widget's own."""
        self._add(comm_id, {"kind": "said", "comm_id": comm_id, "content": content, "buffers": buffers})

    def closed(self, comm_id: str) -> None:
        self._add(comm_id, {"kind": "closed", "comm_id": comm_id})

    def handled(self, message_ids: list[str]) -> None:
        # What it caused comes before.
        self._last.clear()
        self._items.append({"kind": "handled", "message_ids": message_ids})

    def take(self) -> Iterator[list[Json]]:
        """All, as the items of frames."""
        items, self._items, self._last = self._items, [], {}
        frame: list[Json] = []
        chars = 0
        for item in items:
            told = _as_json(item) if isinstance(item, _Updated) else item
            size = len(dumps(told))
            if frame and chars + size > MAX_FRAME_CHARS:
                yield frame
                frame, chars = [], 0
            frame.append(told)
            chars += size
        if frame:
            yield frame

    def _add(self, comm_id: str, item: Json) -> None:
        self._last.pop(comm_id, None)
        self._items.append(item)


def _as_json(item: _Updated) -> Json:
    told = {"state": item.update.state, "buffers": item.update.buffers, "parent_id": item.parent_id}
    return {"kind": "updated", "comm_id": item.comm_id, "is_echo": item.is_echo, **told}
