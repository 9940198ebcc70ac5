"""The sockets of a notebook in this process: one subscription to its group, whose frames go to each of them.

Without it every socket would take every frame through a queue, a copy and a dispatch of its own, which costs more than
all the rest of an edit once twenty people watch. Nothing here touches the database but `dependencies`, in a thread.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

from channels.layers import get_channel_layer

from apps.base.wire import dumps
from apps.journal.publish import group_of
from apps.live.dependency_feed import DependencyFeed
from apps.live.presence import Presence
from apps.live.push_queue import PushQueue

logger = logging.getLogger(__name__)

# Several people's cursors move in one frame, at most twenty times a second.
PRESENCE_DELAY_S = 0.05
PRESENCE_REPEAT_S = 3
# A Redis that hangs must not gather what would be published.
PUBLISH_TIMEOUT_S = 1

Frame = dict[str, Any]


class Member(Protocol):
    """A socket in a room."""

    client_id: str

    async def send_text(self, text: str) -> None: ...


class Room:
    """Made by `join`. `members` are who is in it, `presence` what they last told of themselves."""

    def __init__(self, notebook_id: UUID) -> None:
        self.members: dict[str, Member] = {}
        self._group = group_of(notebook_id)
        self._layer = get_channel_layer()
        self._presence = Presence()
        self._opening = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._announcement: asyncio.TimerHandle | None = None
        self.dependencies = DependencyFeed(notebook_id, self._send_to_all)
        self.pushes = PushQueue(notebook_id)

    # Lifecycle

    async def open(self) -> None:
        """Resolves when frames published from now on will arrive; raises if Redis cannot be reached."""
        async with self._opening:
            if not self._tasks or self._tasks[0].done():
                self.close()
                channel = await self._subscribe()
                self._tasks = [
                    asyncio.create_task(self._listen(channel)),
                    asyncio.create_task(self._repeat()),
                ]

    def close(self) -> None:
        self.dependencies.close()
        for task in self._tasks:
            task.cancel()

    # Actions

    def show(self, member: Member, entry: Frame) -> None:
        """What one of the members wants the others to know of where they are."""
        self._presence.show(member.client_id, entry)
        self._announce_soon()

    def hide(self, member: Member) -> None:
        if self._presence.hide(member.client_id):
            self._announce_soon()

    def ask_for_presence(self) -> None:
        """All rooms of this notebook, in all processes, tell who is in them."""
        self._publish_soon({"type": "presence.asked"})

    # Private

    async def _subscribe(self) -> str:
        channel: str = await self._layer.new_channel("room.")
        try:
            await self._layer.group_add(self._group, channel)
        except BaseException:
            # The layer has noted the channel already, and would fill its queue for ever.
            with suppress(Exception):
                await self._layer.group_discard(self._group, channel)
            raise
        return channel

    async def _listen(self, channel: str) -> None:
        try:
            while True:
                message = await self._layer.receive(channel)
                if message["type"] == "presence.asked":
                    self._presence.repeat_all()
                    self._announce_soon()
                for text in message.get("texts", ()):
                    self.dependencies.hear(text)
                    await self._send_to_all(text)
        finally:
            await self._layer.group_discard(self._group, channel)

    async def _send_to_all(self, text: str) -> None:
        for member in list(self.members.values()):
            try:
                await member.send_text(text)
            except Exception:
                # One broken socket takes nothing from the others; it will notice by itself.
                logger.exception("A frame could not be sent.")

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(PRESENCE_REPEAT_S)
            self._presence.repeat_all()
            self._announce_soon()

    def _announce_soon(self) -> None:
        if self._announcement is None:
            loop = asyncio.get_running_loop()
            self._announcement = loop.call_later(PRESENCE_DELAY_S, self._announce)

    def _announce(self) -> None:
        self._announcement = None
        frame = self._presence.take_news()
        if frame is not None:
            self._publish_soon({"type": "notebook.frames", "texts": [dumps(frame)]})

    def _publish_soon(self, message: Frame) -> None:
        """Nobody waits for a hint."""
        task = asyncio.create_task(self._publish(message))
        _running.add(task)
        task.add_done_callback(_running.discard)

    async def _publish(self, message: Frame) -> None:
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await self._layer.group_send(self._group, message)
        except Exception as error:  # whatever the layer's Redis raises: presence is repeated soon
            logger.warning("Presence could not be published: %s", error)


# asyncio keeps no task alive by itself.
_running: set[asyncio.Task[None]] = set()
_rooms: dict[UUID, Room] = {}


async def join(notebook_id: UUID, member: Member) -> Room:
    """The notebook's room, with the member in it; frames published after this arrive."""
    room = _rooms.get(notebook_id)
    if room is None:
        room = _rooms[notebook_id] = Room(notebook_id)
    room.members[member.client_id] = member
    try:
        await room.open()
    except BaseException:
        leave(notebook_id, member)
        raise
    return room


def leave(notebook_id: UUID, member: Member) -> None:
    """The last one closes the room."""
    room = _rooms.get(notebook_id)
    if room is None or room.members.pop(member.client_id, None) is None:
        return
    room.hide(member)
    if not room.members:
        del _rooms[notebook_id]
        room.close()
