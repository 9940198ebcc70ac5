"""marimo's server as its own page drives it: control requests by HTTP, everything else by the socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect

from bench.peers import running_peer
from bench.sessions import SOCKET_OPTIONS, Finished, Frame, Run, frame_where

_FILE = """import marimo

app = marimo.App()

{cells}
if __name__ == "__main__":
    app.run()
"""
_CELL = """
@app.cell
def _():
{source}
    return

"""


class MarimoSession:
    def __init__(self, socket: ClientConnection, http: HTTPConnection, session_id: str) -> None:
        self._socket = socket
        self._http = http
        self._session_id = session_id

    async def start(self) -> None:
        """The cells as the server has them, none of them run."""
        ready, _ = await frame_where(self._socket, lambda frame: frame["op"] == "kernel-ready")
        self._cell_ids: list[str] = ready["data"]["cell_ids"]
        self._codes: list[str] = ready["data"]["codes"]
        await self._post("kernel/instantiate", objectIds=[], values=[], autoRun=False)
        await frame_where(self._socket, _is_completed)

    async def run(self, cells: Sequence[int]) -> Finished:
        run = Run()
        asked = self._ask_to_run(cells)

        def is_completed(frame: Frame) -> bool:
            if frame["op"] == "cell-op" and _shows(frame["data"]):
                run.show(frame["data"]["cell_id"])
            return _is_completed(frame)

        completed, _ = await frame_where(self._socket, is_completed)
        finished = run.finished()
        await asked
        if completed["data"]["outcome"] != "succeeded":
            raise SystemExit(f"marimo's run failed: {completed}")
        return finished

    async def edit(self, cell: int, source: str, name: str) -> tuple[float, int]:
        """Give the cell a new text and run it, as nothing less has it read.

        The milliseconds to the message that has the cell use `name`, and its size in bytes.
        """
        self._codes[cell] = source
        run = Run()
        asked = self._ask_to_run([cell])

        def is_told(frame: Frame) -> bool:
            return frame["op"] == "variables" and any(
                each["name"] == name and self._cell_ids[cell] in each["used_by"]
                for each in frame["data"]["variables"]
            )

        _, size = await frame_where(self._socket, is_told)
        told_ms = run.elapsed_ms()
        await frame_where(self._socket, _is_completed)
        await asked
        return told_ms, size

    async def end(self) -> None:
        await self._post("home/shutdown_session", sessionId=self._session_id)
        self._http.close()

    # Private

    def _ask_to_run(self, cells: Sequence[int]) -> asyncio.Task[None]:
        ids, codes = [self._cell_ids[cell] for cell in cells], [self._codes[cell] for cell in cells]
        return asyncio.create_task(self._post("kernel/run", cellIds=ids, codes=codes))

    async def _post(self, path: str, **body: Any) -> None:
        await asyncio.to_thread(self._post_now, path, body)

    def _post_now(self, path: str, body: Frame) -> None:
        headers = {"Marimo-Session-Id": self._session_id, "Content-Type": "application/json"}
        self._http.request("POST", f"/api/{path}", json.dumps(body).encode(), headers)
        response = self._http.getresponse()
        text = response.read()
        if response.status != 200:
            raise SystemExit(f"marimo refused {path}: {text!r}")


class Marimo:
    name = "marimo"

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._folder = folder

    def make(self, sources: Sequence[str]) -> str:
        cells = "".join(_CELL.format(source=_indented(source)) for source in sources)
        name = f"{uuid4().hex}.py"
        (self._folder / name).write_text(_FILE.format(cells=cells))
        return name

    @asynccontextmanager
    async def opened(self, notebook: str) -> AsyncIterator[MarimoSession]:
        session_id = f"s_{uuid4().hex[:6]}"
        url = f"ws://127.0.0.1:{self._port}/ws?session_id={session_id}&file={notebook}"
        async with connect(url, **SOCKET_OPTIONS) as socket:
            session = MarimoSession(socket, HTTPConnection("127.0.0.1", self._port), session_id)
            await session.start()
            yield session
            await session.end()


@contextmanager
def running_marimo() -> Iterator[Marimo]:
    options = ["--headless", "--no-token", "--no-skew-protection", "--no-sandbox", "--skip-update-check"]
    with running_peer("marimo", "edit", "--port", "{port}", *options, ".") as (port, folder, _):
        yield Marimo(port, folder)


def _is_completed(frame: Frame) -> bool:
    return bool(frame["op"] == "completed-run")


def _shows(cell: Frame) -> bool:
    return bool(cell["console"] or (cell["output"] and cell["output"]["data"]))


def _indented(source: str) -> str:
    return "\n".join(f"    {line}" for line in source.split("\n"))
