"""The yardstick of editing: the same frames through a bare `websockets` server, in a process of its own.

It compares versions and passes edits on, from memory: no rows, no permissions, no check of what is in a frame. So its
figures are what the wire, JSON and Python take by themselves.
"""

import asyncio
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import orjson
from websockets.asyncio.server import ServerConnection, broadcast, serve

Frame = dict[str, Any]


class Relay:
    def __init__(self) -> None:
        self._sockets: set[ServerConnection] = set()
        self._edits: defaultdict[str, list[Frame]] = defaultdict(list)

    async def handle(self, socket: ServerConnection) -> None:
        client_id = uuid4().hex
        self._sockets.add(socket)
        async for text in socket:
            frame = orjson.loads(text)
            if frame["type"] == "open":
                await self._send(
                    socket, type="reply", id=frame["id"], ok=True, result={"client_id": client_id}
                )
            else:
                await self._push(socket, frame)

    async def _push(self, socket: ServerConnection, frame: Frame) -> None:
        edits = self._edits[frame["cell_id"]]
        if frame["version"] != len(edits):
            details = {"updates": edits[frame["version"] :]}
            error = {"code": "conflict", "message": "", "details": details}
            await self._send(socket, type="reply", id=frame["id"], ok=False, error=error)
            return
        updates = [{"client_id": frame["client_id"], "changes": changes} for changes in frame["updates"]]
        edits += [{"version": version} | update for version, update in enumerate(updates, len(edits) + 1)]
        await self._send(socket, type="reply", id=frame["id"], ok=True, result={"version": len(edits)})
        event = {
            "type": "cell_updated",
            "cell_id": frame["cell_id"],
            "version": len(edits),
            "updates": updates,
        }
        broadcast(self._sockets, orjson.dumps({"type": "event", "event": event}).decode())

    async def _send(self, socket: ServerConnection, **frame: Any) -> None:
        await socket.send(orjson.dumps(frame).decode())


@contextmanager
def raw_relay() -> Iterator[str]:
    """Its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.raw_relay"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield f"ws://127.0.0.1:{process.stdout.readline().strip()}/"
        finally:
            process.terminate()


async def main() -> None:
    async with serve(Relay().handle, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
