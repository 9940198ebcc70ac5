"""A notebook socket for tests: the protocol of docs/protocol.md over a real WebSocket to a real server."""

import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from websockets.sync.client import connect

from tests.support.cast import Person
from tests.support.processes import WebProcess

DEADLINE_S = 30.0

Frame = dict[str, Any]


class NotebookSocket:
    """`received` is every frame in the order of arrival, `frames` those that nobody has asked for yet."""

    def __init__(self, server: WebProcess, notebook_id: UUID, person: Person) -> None:
        url = f"{server.socket_url}/ws/notebooks/{notebook_id}/"
        # Without a limit of its queue it answers pings also while the test looks elsewhere.
        self._connecting = connect(url, additional_headers=person.bearer, max_size=None, max_queue=None)
        self._last_id = 0
        self.frames: list[Frame] = []
        self.received: list[Frame] = []

    def __enter__(self) -> Self:
        self._socket = self._connecting.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connecting.__exit__(kind, error, trace)

    def stop_answering(self) -> None:
        """As if this machine were gone: nothing is closed, and the server's pings stay without an answer."""
        self._socket.protocol.send_frame = lambda frame: None  # type: ignore[method-assign]

    def send(self, type: str, **fields: Any) -> int:
        self._last_id += 1
        self._socket.send(json.dumps({"id": self._last_id, "type": type, **fields}))
        return self._last_id

    def call(self, type: str, **fields: Any) -> Frame:
        """The reply to one command."""
        request_id = self.send(type, **fields)
        return self.wait_for(lambda frame: frame["type"] == "reply" and frame["id"] == request_id)

    def result(self, type: str, **fields: Any) -> Frame:
        """The result of a command that succeeds."""
        reply = self.call(type, **fields)
        assert reply["ok"], reply["error"]
        result: Frame = reply["result"]
        return result

    def open(self) -> Frame:
        """The snapshot."""
        self.result("open")
        return self.wait_for(lambda frame: frame["type"] == "snapshot")

    def event(self, type: str, **fields: Any) -> Frame:
        """The next event of the type that has these fields."""

        def matches(frame: Frame) -> bool:
            if frame["type"] != "event" or frame["event"]["type"] != type:
                return False
            return all(frame["event"].get(name) == value for name, value in fields.items())

        event: Frame = self.wait_for(matches)["event"]
        return event

    def cell_status(self, **fields: Any) -> Frame:
        """The first entry with these fields in the next `cell_statuses` that has one."""

        def entry_of(frame: Frame) -> Frame | None:
            if frame["type"] != "event" or frame["event"]["type"] != "cell_statuses":
                return None
            entries: list[Frame] = frame["event"]["cells"]
            return next((entry for entry in entries if fields.items() <= entry.items()), None)

        entry = entry_of(self.wait_for(lambda frame: entry_of(frame) is not None))
        assert entry is not None
        return entry

    def wait_for(self, matches: Callable[[Frame], bool], deadline_s: float = DEADLINE_S) -> Frame:
        """The first frame that matches, taken out of `frames`."""
        deadline = time.monotonic() + deadline_s
        seen = 0
        while True:
            for index in range(seen, len(self.frames)):
                if matches(self.frames[index]):
                    return self.frames.pop(index)
            seen = len(self.frames)
            frame = json.loads(self._socket.recv(timeout=max(0.0, deadline - time.monotonic())))
            self.frames.append(frame)
            self.received.append(frame)
