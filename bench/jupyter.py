"""Jupyter Server: a kernel per notebook over its socket, and one request a cell."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import orjson
from websockets.asyncio.client import ClientConnection, connect

from bench.peers import running_peer
from bench.sessions import SOCKET_OPTIONS, Finished, Frame, Run, frame_where


class JupyterSession:
    def __init__(self, socket: ClientConnection, sources: Sequence[str]) -> None:
        self._socket = socket
        self._sources = sources

    async def run(self, cells: Sequence[int]) -> Finished:
        run = Run()
        unfinished = [await self._execute(self._sources[cell]) for cell in cells]

        def is_last(frame: Frame) -> bool:
            parent, content = frame["parent_header"].get("msg_id"), frame["content"]
            if parent not in unfinished:
                return False
            match frame["msg_type"]:
                case "stream" | "execute_result":
                    run.show(parent)
                case "error":
                    raise SystemExit(f"A cell failed in Jupyter: {content}")
                case "status" if content["execution_state"] == "idle":
                    unfinished.remove(parent)
            return not unfinished

        await frame_where(self._socket, is_last)
        return run.finished()

    async def _execute(self, source: str) -> str:
        message_id = uuid4().hex
        header = {
            "msg_id": message_id,
            "msg_type": "execute_request",
            "username": "",
            "session": "",
            "version": "5.3",
        }
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
        }
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        await self._socket.send(orjson.dumps(message | {"channel": "shell"}).decode())
        return message_id


class Jupyter:
    name = "Jupyter Server"

    def __init__(self, port: int, pid: int) -> None:
        self.pid = pid
        self._port = port
        self._notebooks: dict[str, Sequence[str]] = {}

    def make(self, sources: Sequence[str]) -> str:
        """Nothing is stored: its cells are the page's."""
        notebook = uuid4().hex
        self._notebooks[notebook] = sources
        return notebook

    @asynccontextmanager
    async def opened(self, notebook: str) -> AsyncIterator[JupyterSession]:
        kernel_id = (await asyncio.to_thread(self._call, "POST", "kernels"))["id"]
        url = f"ws://127.0.0.1:{self._port}/api/kernels/{kernel_id}/channels"
        async with connect(url, **SOCKET_OPTIONS) as socket:
            yield JupyterSession(socket, self._notebooks[notebook])
        await asyncio.to_thread(self._call, "DELETE", f"kernels/{kernel_id}")

    def _call(self, method: str, path: str) -> Frame:
        http = HTTPConnection("127.0.0.1", self._port)
        http.request(method, f"/api/{path}")
        response = http.getresponse()
        text = response.read()
        http.close()
        if response.status >= 300:
            raise SystemExit(f"Jupyter refused {path}: {text!r}")
        answer: Frame = orjson.loads(text) if text else {}
        return answer


class Lab:
    """JupyterLab's page, on a folder of files."""

    def __init__(self, port: int, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder

    def write(self, name: str, content: str) -> str:
        """The address of the file's page, without what was open before."""
        (self._folder / name).write_text(content)
        return f"{self.url}/lab/tree/{name}?reset"


OPEN_TO_US = [
    "--no-browser",
    "--IdentityProvider.token=",
    "--ServerApp.disable_check_xsrf=True",
    "--ServerApp.allow_root=True",
]


@contextmanager
def running_jupyter() -> Iterator[Jupyter]:
    with running_peer("jupyter-server", "--ServerApp.port={port}", *OPEN_TO_US) as (port, _, pid):
        yield Jupyter(port, pid)


@contextmanager
def running_lab() -> Iterator[Lab]:
    with running_peer("jupyter-lab", "--ServerApp.port={port}", *OPEN_TO_US) as (port, folder, _):
        yield Lab(port, folder)
