"""Tandem as a program sees it: REST to make notebooks, the socket to run them."""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from bench.measure import CellTimes
from bench.server import TOKEN, Server

TIMEOUT_S = 120
Frame = dict[str, Any]


class Notebook:
    """An open notebook on one socket."""

    def __init__(self, socket: ClientConnection, snapshot: Frame) -> None:
        self._socket = socket
        self._last_id = 0
        self.cells: list[Frame] = snapshot["cells"]

    def run(self, cell: int = 0) -> CellTimes:
        """Run one cell; times are from the request, texts as they arrived."""
        cell_id = self.cells[cell]["id"]
        times = CellTimes()
        self._send("run", scope="cell", cell_id=cell_id)
        while True:
            frame = json.loads(self._socket.recv(timeout=TIMEOUT_S))
            match frame:
                case {"type": "output", "outputs": outputs}:
                    for output in outputs:
                        times.output(str(output.get("text", "")))
                case {"type": "event", "event": {"type": "run_finished", "status": "ok"}}:
                    times.finished()
                    return times
                case {"type": "event", "event": {"type": "run_finished"}}:
                    raise SystemExit(f"The cell failed: {frame}")

    def call(self, type: str, **fields: Any) -> tuple[Frame, float]:
        """The result of a command, and the milliseconds to its reply."""
        began = time.perf_counter()
        self._send(type, **fields)
        while (reply := json.loads(self._socket.recv(timeout=TIMEOUT_S)))["type"] != "reply":
            pass
        if not reply["ok"]:
            raise SystemExit(f"{type} was refused: {reply['error']}")
        return reply["result"], (time.perf_counter() - began) * 1000

    def _send(self, type: str, **fields: Any) -> None:
        self._last_id += 1
        self._socket.send(json.dumps({"id": self._last_id, "type": type, **fields}))


def new_notebook(server: Server, *sources: str) -> str:
    notebook_id: str = rest(server, "POST", "notebooks/", {"title": "bench"})["id"]
    for source in sources:
        rest(server, "POST", f"notebooks/{notebook_id}/cells/", {"kind": "python", "source": source})
    return notebook_id


@contextmanager
def opened(server: Server, notebook_id: str) -> Iterator[tuple[Notebook, float, int]]:
    """The notebook, the milliseconds from connecting to the whole snapshot, and its size in bytes."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    began = time.perf_counter()
    url = f"ws://127.0.0.1:{server.port}/ws/notebooks/{notebook_id}/"
    with connect(url, additional_headers=headers, max_size=None, compression=None) as socket:
        socket.send(json.dumps({"id": 0, "type": "open"}))
        while (text := str(socket.recv(timeout=TIMEOUT_S))) and '"type":"snapshot"' not in text[:40]:
            pass
        snapshot = json.loads(text)
        opened_ms = (time.perf_counter() - began) * 1000
        yield Notebook(socket, snapshot["notebook"]), opened_ms, len(text)


def rest(server: Server, method: str, path: str, body: Any = None) -> Frame:
    request = urllib.request.Request(
        f"{server.url}/api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
        answer: Frame = json.loads(response.read() or "{}")
        return answer
