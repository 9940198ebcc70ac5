"""Who is where in a notebook, as the sockets of this process told. Pure; docs/protocol.md ("Presence") is the rule."""

from typing import Any

Entry = dict[str, Any]


class Presence:
    """Entries by client id, and which of them are news to the others."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._news: set[str] = set()
        self._gone: set[str] = set()

    def show(self, client_id: str, entry: Entry) -> None:
        self._entries[client_id] = {"client_id": client_id} | entry
        self._news.add(client_id)

    def hide(self, client_id: str) -> bool:
        """Whether the client had been shown."""
        self._news.discard(client_id)
        if self._entries.pop(client_id, None) is None:
            return False
        self._gone.add(client_id)
        return True

    def repeat_all(self) -> None:
        self._news.update(self._entries)

    def take_news(self) -> dict[str, Any] | None:
        """The `presence` frame of what changed since the last one, if anything."""
        if not self._news and not self._gone:
            return None
        here = [self._entries[client_id] for client_id in sorted(self._news)]
        frame = {"type": "presence", "here": here, "gone": sorted(self._gone)}
        self._news, self._gone = set(), set()
        return frame
