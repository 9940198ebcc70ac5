"""The notebook socket (docs/protocol.md): answers commands, opens with a snapshot, hands on what its room hears."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import orjson
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.utils import await_many_dispatch

from apps.accounts.access import require_role, role_of
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.accounts.preferences import preferences_of
from apps.base.errors import DomainError, Invalid, NotFound, Unauthenticated
from apps.base.wire import dumps
from apps.execution.commands import prepare_kernel
from apps.execution.queries import running_offsets, snapshot
from apps.journal.queries import events_since, seq_of
from apps.live.authentication import Credential
from apps.live.commands import COMMANDS, Client, Frame, Result
from apps.live.commands.frames import presence_of, push_of
from apps.live.rooms import Room, join, leave
from apps.live.threads import in_thread

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[Frame]]
Send = Callable[[Frame], Awaitable[None]]

HEARTBEAT_S = 10

LOG_IN = 4401
NOT_FOUND = 4404
TRY_AGAIN = 1011


class NotebookConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One socket. It never writes a row: commands do."""

    def __init__(self) -> None:
        super().__init__()
        self.client_id = uuid4().hex
        self._heartbeat: asyncio.Task[None] | None = None
        self._room: Room | None = None

    # Lifecycle

    async def __call__(self, scope: Frame, receive: Receive, send: Send) -> None:
        """Channels' own, without a channel for each socket (a room has one), and with an end however it ends.

        daphne cancels a consumer whose client is gone while a command takes long: then `disconnect` is never called.
        """
        self.scope, self.base_send = scope, send
        try:
            await await_many_dispatch([receive], self.dispatch)
        except StopConsumer:
            pass
        finally:
            self._leave()

    async def dispatch(self, message: Frame) -> None:
        """Without Channels' care for database connections, a detour by another thread: `in_thread` does that."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        await self.accept()
        self._credential: Credential | None = self.scope["credential"]
        actor: Actor | None = await in_thread(self._credential.actor)() if self._credential else None
        if actor is None:
            await self.close(LOG_IN)
            return
        notebook_id: UUID = self.scope["url_route"]["kwargs"]["notebook_id"]
        self._client = Client(actor, notebook_id, self.client_id)
        if await in_thread(role_of)(actor, notebook_id) is None:
            await self.close(NOT_FOUND)
            return
        # Before any snapshot is read, so that nothing falls between.
        self._room = await join(notebook_id, self)
        self._heartbeat = asyncio.create_task(self._beat())

    # Actions

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        room = self._room
        if room is None:
            return
        request_id = None
        try:
            frame = _parse(text_data if text_data is not None else bytes_data)
            request_id = frame.get("id")
            await self._answer(frame, room)
        except DomainError as error:
            await self._send(_failure(request_id, error.as_json()))
        except Exception:
            log_id = uuid4().hex[:12]
            logger.exception("A socket command failed (%s).", log_id)
            message = f"Something went wrong here. The server's log has it under {log_id}."
            await self._send(_failure(request_id, {"code": "internal", "message": message, "details": {}}))

    async def send_text(self, text: str) -> None:
        """What was published to the notebook goes out as it is."""
        await self.base_send({"type": "websocket.send", "text": text})

    # Private

    def _leave(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        if self._room is not None:
            leave(self._client.notebook_id, self)

    async def _answer(self, frame: Frame, room: Room) -> None:
        match frame.get("type"):
            case "open":
                return await self._open(frame, room)
            case "presence":
                return self._show_presence(frame, room)
            case "cell_push":
                version = await room.pushes.push(push_of(self._client, frame))
                return await self._send(_success(frame, {"version": version}))
        command = COMMANDS.get(str(frame.get("type")))
        if command is None:
            raise Invalid(f"There is no command {str(frame.get('type'))[:50]!r}. See docs/protocol.md.")
        result = await in_thread(command)(self._client, frame)
        await self._send(_success(frame, result))

    async def _open(self, frame: Frame, room: Room) -> None:
        events, opened = await in_thread(_opened)(self._client, frame.get("since_seq"))
        await self._send(_success(frame, {key: opened[key] for key in ("seq", "role", "client_id")}))
        if events is None:
            await self._send({"type": "snapshot", "seq": opened["seq"], "notebook": opened["notebook"]})
        for event in events or ():
            await self._send(event)
        if "since_seq" not in frame:  # a page that comes back may have been left alone for days
            await in_thread(prepare_kernel)(**self._client.place)
        if whole := room.dependencies.whole():
            await self.send_text(whole)
        else:
            room.dependencies.refresh()
        self._show_presence({}, room)
        room.ask_for_presence()

    def _show_presence(self, frame: Frame, room: Room) -> None:
        room.show(self, {"actor": self._client.actor.as_json()} | presence_of(frame))

    async def _beat(self) -> None:
        """Tell the newest seq and offsets, so that a client knows what it missed; close when access is withdrawn."""
        # Each at a pace of its own, or those who came together would all beat at once.
        pace_s = HEARTBEAT_S * (0.6 + 0.4 * int(self.client_id[:2], 16) / 255)
        while True:
            await asyncio.sleep(pace_s)
            try:
                beat = await in_thread(_heartbeat)(self._credential, self._client)
            except DomainError as error:
                await self.close(NOT_FOUND if isinstance(error, NotFound) else LOG_IN)
                return
            except Exception:
                # Nobody stays connected whose access cannot be checked.
                logger.exception("A heartbeat failed.")
                await self.close(TRY_AGAIN)
                return
            await self._send(beat)

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(text_data=dumps(message))


def _parse(text: str | bytes | None) -> Frame:
    try:
        frame = orjson.loads(text or b"")
    except orjson.JSONDecodeError as error:
        raise Invalid(f"A frame is one JSON object ({error}).") from None
    if not isinstance(frame, dict):
        raise Invalid("A frame is one JSON object.")
    return frame


def _opened(client: Client, since_seq: object) -> tuple[list[Frame] | None, dict[str, Any]]:
    """The events after `since_seq`, or None and a snapshot if they are too many or that seq is not one of ours."""
    if not isinstance(since_seq, int) or isinstance(since_seq, bool):
        since_seq = None
    if since_seq is not None:
        role = require_role(client.actor, client.notebook_id, Role.VIEWER)
        seq = seq_of(client.notebook_id)
        events = events_since(client.notebook_id, since_seq) if 0 <= since_seq <= seq else None
        if events is not None:
            return events, {"seq": seq, "role": role, "client_id": client.client_id}
    taken = snapshot(actor=client.actor, notebook_id=client.notebook_id)
    return None, taken | {"client_id": client.client_id}


def _heartbeat(credential: Credential, client: Client) -> dict[str, Any]:
    """The frame. NotFound or Unauthenticated if the client may not see the notebook any more."""
    if credential.actor() is None:
        raise Unauthenticated("Log in again.")
    require_role(client.actor, client.notebook_id, Role.VIEWER)
    offsets = running_offsets(client.notebook_id)
    preferences = preferences_of(client.actor)
    return {
        "type": "heartbeat",
        "seq": seq_of(client.notebook_id),
        "offsets": offsets,
        "preferences": preferences,
    }


def _success(frame: Frame, result: Result) -> dict[str, Any]:
    return {"type": "reply", "id": frame.get("id"), "ok": True, "result": result}


def _failure(request_id: object, error: dict[str, Any]) -> dict[str, Any]:
    return {"type": "reply", "id": request_id, "ok": False, "error": error}
