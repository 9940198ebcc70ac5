"""A turn of the assistant as server-sent events: what was told of it so far, then each thing as it happens.

The frames are those of the socket (docs/protocol.md, "Turns"), counted, so that a lost one is noticed here as there.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.http import StreamingHttpResponse

from apps.accounts.actors import Actor
from apps.assistant.conversations import turn_for
from apps.assistant.models import UNFINISHED
from apps.base.errors import DomainError
from apps.base.wire import dumps
from apps.journal.publish import group_of

Json = dict[str, Any]

MEDIA_TYPE = "text/event-stream"

# Without news for so long the row is looked at, and a line goes out that keeps the connection open.
QUIET_S = 10.0
# The last frames come right behind the event that says that the turn has ended.
LAST_WORDS_S = 1.0
# A row is at most so far behind its frames.
BEHIND_S = 0.35
MAX_LOOKS = 10


def turn_stream(actor: Actor, notebook_id: UUID, turn_id: UUID) -> StreamingHttpResponse:
    stream = _Follower(actor, notebook_id, turn_id).events()
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(stream, content_type=MEDIA_TYPE, headers=headers)


class _Follower:
    def __init__(self, actor: Actor, notebook_id: UUID, turn_id: UUID) -> None:
        self._place = {"actor": actor, "notebook_id": notebook_id, "turn_id": turn_id}
        self._turn_id = str(turn_id)
        self._group = group_of(notebook_id)
        self._layer = get_channel_layer()
        self._seen = 0
        self._status = ""
        self._is_told = False  # whether `done` went out

    async def events(self) -> AsyncIterator[bytes]:
        # Before the turn is read, so that nothing falls between.
        channel = await self._layer.new_channel("turn.")
        await self._layer.group_add(self._group, channel)
        try:
            yield await self._read()
            if self._has_ended():
                yield self._done()
                return
            while not self._is_told:
                texts = await self._receive(channel, LAST_WORDS_S if self._has_ended() else QUIET_S)
                for text in texts:
                    async for line in self._take(text):
                        yield line
                if not texts:
                    yield await self._look_again()
                    if self._has_ended():
                        yield self._done()
                        return
        except DomainError as error:
            yield _line("error", {"error": {"code": error.code, "message": error.message}})
        finally:
            with suppress(Exception):
                await self._layer.group_discard(self._group, channel)

    def _has_ended(self) -> bool:
        return self._status not in UNFINISHED

    async def _receive(self, channel: str, patience_s: float) -> list[str]:
        """The frames of the next message; none if there is none for so long."""
        try:
            async with asyncio.timeout(patience_s):
                message = await self._layer.receive(channel)
        except TimeoutError:
            return []
        texts: list[str] = message.get("texts", [""])
        return texts

    async def _take(self, text: str) -> AsyncIterator[bytes]:
        if self._turn_id not in text:
            return
        frame = orjson.loads(text)
        if frame["type"] == "event":
            turn = frame["event"].get("turn") or {}
            self._status = turn["status"] if turn.get("id") == self._turn_id else self._status
        if frame["type"] != "chat" or frame["turn_id"] != self._turn_id or frame["offset"] < self._seen:
            return
        if frame["offset"] > self._seen:
            yield await self._catch_up(frame["offset"])
            return
        self._seen += 1
        event = frame["event"]
        self._is_told = event["type"] == "done"
        rest = {name: value for name, value in event.items() if name != "type"}
        yield _line(event["type"], {"turn_id": self._turn_id, "offset": frame["offset"], **rest})

    async def _catch_up(self, offset: int) -> bytes:
        """The whole turn, once the row has what the frame told."""
        for _ in range(MAX_LOOKS):
            line = await self._read()
            if self._seen > offset:
                break
            await asyncio.sleep(BEHIND_S)
        return line

    async def _look_again(self) -> bytes:
        seen = self._seen
        line = await self._read()
        return line if self._seen > seen else b": still here\n\n"

    async def _read(self) -> bytes:
        turn: Json = await database_sync_to_async(turn_for, thread_sensitive=False)(**self._place)
        self._seen, self._status = turn["offset"], turn["status"]
        return _line("turn", {"turn": turn})

    def _done(self) -> bytes:
        return _line("done", {"turn_id": self._turn_id, "offset": self._seen, "status": self._status})


def _line(name: str, data: Json) -> bytes:
    return f"event: {name}\ndata: {dumps(data)}\n\n".encode()
