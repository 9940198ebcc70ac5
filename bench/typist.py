"""A tab in which somebody types: what the browser's `Collaboration` does, in Python, with the clock beside it.

A key is pushed PUSH_DELAY_S after it was pressed, one push is in flight at a time, and after a conflict what was missed
is taken in and the rest is pushed again.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection

from apps.editing.changes import ChangeSet

PUSH_DELAY_S = 0.06

Frame = dict[str, Any]


class Clock:
    """What all typists of a run took down, in milliseconds; `complete` once each key was seen by all the others."""

    def __init__(self, sightings: int) -> None:
        self._sightings = sightings
        self.complete = asyncio.Event()
        self.pushes: list[float] = []
        self.conflicts = 0
        self.acknowledged: list[float] = []
        self.seen: list[float] = []
        self.pressed: defaultdict[str, list[float]] = defaultdict(list)
        """When each client pressed its keys: the nth update of a client id is its nth key."""

    def saw(self, client_id: str, key: int, at: float) -> None:
        self.seen.append((at - self.pressed[client_id][key] - PUSH_DELAY_S) * 1000)
        if len(self.seen) == self._sightings:
            self.complete.set()


class Typist:
    """A tab on a cell that is empty at first; the length of its text is all that typing takes."""

    def __init__(self, socket: ClientConnection, cell_id: str, clock: Clock, seed: int) -> None:
        self._socket = socket
        self._cell_id = cell_id
        self._clock = clock
        self._random = random.Random(seed)
        self._last_id = 0
        self._replies: dict[int, asyncio.Future[Frame]] = {}
        self._unsent: list[ChangeSet] = []
        self._acknowledged = 0
        self._seen: defaultdict[str, int] = defaultdict(int)
        self._heard: dict[int, Frame] = {}
        self._pushing: asyncio.Task[None] | None = None
        self._client_id = ""
        self.version = 0
        self.length = 0

    # Lifecycle

    async def listen(self) -> None:
        """Take in what the server sends, until the socket is closed."""
        async for text in self._socket:
            match orjson.loads(text):
                case {"type": "reply", "id": id} as reply:
                    self._replies.pop(id).set_result(reply)
                case {"type": "event", "event": {"type": "cell_updated"} as event}:
                    self._see(event)

    async def open(self) -> None:
        reply = await self._call("open")
        self._client_id = reply["result"]["client_id"]

    # Actions

    async def type(self, keys: int, interval_s: float) -> None:
        """Press the keys; returns when the last is due to be pushed."""
        loop = asyncio.get_running_loop()
        next_at = loop.time() + self._random.random() * interval_s
        for _ in range(keys):
            await asyncio.sleep(next_at - loop.time())
            next_at += interval_s
            self._press_a_key()
        await asyncio.sleep(PUSH_DELAY_S)

    # Private

    def _press_a_key(self) -> None:
        position = self._random.randint(0, self.length)
        key = ChangeSet.from_json([position, [0, self._random.choice("abc ")], self.length - position])
        self._unsent.append(key)
        self.length += 1
        self._clock.pressed[self._client_id].append(time.perf_counter())
        asyncio.get_running_loop().call_later(PUSH_DELAY_S, self._push_soon)

    def _push_soon(self) -> None:
        if self._pushing is None or self._pushing.done():
            self._pushing = asyncio.create_task(self._push_all())

    async def _push_all(self) -> None:
        while self._unsent:
            updates, version = list(self._unsent), self.version
            sent_at = time.perf_counter()
            reply = await self._call(
                "cell_push",
                cell_id=self._cell_id,
                version=version,
                client_id=self._client_id,
                updates=[update.to_json() for update in updates],
            )
            if reply["ok"]:
                self._take_acknowledgement(len(updates), sent_at)
                if self.version == version:  # else the event was faster
                    self._confirm(len(updates))
            elif reply["error"]["code"] == "conflict":
                self._clock.conflicts += 1
                missed = [
                    each for each in reply["error"]["details"]["updates"] if each["version"] > self.version
                ]
                self._take_in(missed)
            else:
                raise SystemExit(f"A push was refused: {reply['error']}")

    def _take_acknowledgement(self, count: int, sent_at: float) -> None:
        now = time.perf_counter()
        self._clock.pushes.append((now - sent_at) * 1000)
        pressed = self._clock.pressed[self._client_id]
        for pressed_at in pressed[self._acknowledged : self._acknowledged + count]:
            self._clock.acknowledged.append((now - pressed_at - PUSH_DELAY_S) * 1000)
        self._acknowledged += count

    def _see(self, event: Frame) -> None:
        now = time.perf_counter()
        for update in event["updates"]:
            author = update["client_id"]
            if author != self._client_id:
                self._clock.saw(author, self._seen[author], now)
                self._seen[author] += 1
        if event["cell_id"] == self._cell_id:
            first = event["version"] - len(event["updates"]) + 1
            self._heard |= dict(enumerate(event["updates"], first))
            self._take_in_order()

    def _take_in_order(self) -> None:
        """Two events may change places on their way: what comes early waits."""
        self._heard = {version: update for version, update in self._heard.items() if version > self.version}
        while self.version + 1 in self._heard:
            self._take_in([self._heard.pop(self.version + 1)])

    def _take_in(self, updates: Sequence[Frame]) -> None:
        """Our own come back confirmed, and first; over the others' ours are rebased."""
        for update in updates:
            if update["client_id"] == self._client_id:
                self._confirm(1)
                continue
            theirs = ChangeSet.from_json(update["changes"])
            for number, mine in enumerate(self._unsent):
                self._unsent[number] = mine.map(theirs)
                theirs = theirs.map(mine, before=True)
            self.length += theirs.new_length - theirs.length
            self.version += 1

    def _confirm(self, count: int) -> None:
        del self._unsent[:count]
        self.version += count

    async def _call(self, type: str, **fields: Any) -> Frame:
        self._last_id += 1
        reply: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._replies[self._last_id] = reply
        await self._socket.send(orjson.dumps({"id": self._last_id, "type": type, **fields}).decode())
        return await reply
