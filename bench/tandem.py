"""Tandem as the reactive scenarios drive it: the socket for everything but making a notebook and ending its kernel."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect

from bench.client import rest
from bench.server import TOKEN, Server
from bench.sessions import SOCKET_OPTIONS, Finished, Frame, Run, frame_where


class TandemSession:
    """One socket of an open notebook. Of the frames that arrive only those of the call under way are looked at."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last_id = 0

    async def start(self) -> None:
        self.client_id: str = (await self.call("open"))["client_id"]
        snapshot, _ = await frame_where(self._socket, lambda frame: frame["type"] == "snapshot")
        self.cells: list[Frame] = snapshot["notebook"]["cells"]

    async def run(self, cells: Sequence[int]) -> Finished:
        """One cell, or those from a cell to the end of the notebook."""
        run = Run()
        cell_id = self.cells[cells[0]]["id"]
        if len(cells) == 1:
            request_id = await self._send("run", scope="cell", cell_id=cell_id)
        else:
            assert cells[-1] == len(self.cells) - 1
            request_id = await self._send("run", scope="below", cell_id=cell_id)

        def is_finished(frame: Frame) -> bool:
            match frame:
                case {"type": "output", "outputs": outputs}:
                    if outputs:
                        run.show(frame["cell_id"])
                case {"type": "reply", "id": id, "ok": False} if id == request_id:
                    raise SystemExit(f"The run was refused: {frame['error']}")
            return bool(frame["type"] == "event" and frame["event"]["type"] == "run_finished")

        frame, _ = await frame_where(self._socket, is_finished)
        finished = run.finished()
        if frame["event"]["status"] != "ok":
            raise SystemExit(f"The run failed: {frame}")
        return finished

    async def call(self, type: str, **fields: Any) -> Frame:
        request_id = await self._send(type, **fields)
        reply, _ = await frame_where(
            self._socket, lambda frame: frame["type"] == "reply" and frame["id"] == request_id
        )
        if not reply["ok"]:
            raise SystemExit(f"{type} was refused: {reply['error']}")
        result: Frame = reply["result"]
        return result

    async def hear_of_read(self, cell: int, name: str) -> tuple[float, int]:
        """When the dependencies came in which the cell reads this name, and the size of their frame."""
        cell_id = self.cells[cell]["id"]

        def tells(frame: Frame) -> bool:
            if frame["type"] != "dependencies":
                return False
            dependencies = frame["cells"].get(cell_id)
            return bool(dependencies and name in dependencies["reads"])

        _, size = await frame_where(self._socket, tells)
        return time.perf_counter(), size

    async def _send(self, type: str, **fields: Any) -> int:
        self._last_id += 1
        await self._socket.send(orjson.dumps({"id": self._last_id, "type": type, **fields}).decode())
        return self._last_id


class Tandem:
    name = "Tandem"

    def __init__(self, server: Server) -> None:
        self._server = server

    def make(self, sources: Sequence[str]) -> str:
        cells: list[Frame] = [
            {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "execution_count": None}
            | {"source": source, "outputs": []}
            for number, source in enumerate(sources)
        ]
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
        return str(rest(self._server, "POST", "notebooks/import/", notebook)["id"])

    @asynccontextmanager
    async def opened(self, notebook: str) -> AsyncIterator[TandemSession]:
        async with self.seen(notebook) as session:
            yield session
        await asyncio.to_thread(rest, self._server, "POST", f"notebooks/{notebook}/kernel/shutdown/", {})

    @asynccontextmanager
    async def seen(self, notebook: str) -> AsyncIterator[TandemSession]:
        """The same, and the kernel stays."""
        url = f"ws://127.0.0.1:{self._server.port}/ws/notebooks/{notebook}/"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with connect(url, additional_headers=headers, **SOCKET_OPTIONS) as socket:
            session = TandemSession(socket)
            await session.start()
            yield session
