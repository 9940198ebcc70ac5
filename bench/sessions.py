"""What the reactive scenarios ask of a notebook server, ours or a peer's, and what they learn from it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from websockets.asyncio.client import ClientConnection

TIMEOUT_S = 60
# Everything is taken in at once, also while another server is measured: servers hang up on who does not read.
SOCKET_OPTIONS: dict[str, Any] = {
    "compression": None,
    "max_size": None,
    "max_queue": None,
    "open_timeout": TIMEOUT_S,
}

Frame = dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """A run: milliseconds from its request to its end as the client hears it, and how many cells showed something."""

    ms: float
    shown: int


class Session(Protocol):
    """One open notebook with a kernel of its own, which ends with it."""

    async def run(self, cells: Sequence[int]) -> Finished:
        """Run these cells, and where the server knows them those that depend on them."""


class NotebookServer(Protocol):
    name: str

    def make(self, sources: Sequence[str]) -> str:
        """Store a notebook; what to open it by."""

    def opened(self, notebook: str) -> AbstractAsyncContextManager[Session]:
        """Its kernel may not be ready yet: the first run tells."""


class Run:
    """Counts what arrives of one run, from its request on."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._shown: set[str] = set()

    def show(self, cell: str) -> None:
        self._shown.add(cell)

    def finished(self) -> Finished:
        return Finished(self.elapsed_ms(), len(self._shown))

    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self._began) * 1000


async def frame_where(socket: ClientConnection, is_it: Callable[[Frame], bool]) -> tuple[Frame, int]:
    """The next frame of which this is true, and its size in bytes; all before it are dropped."""
    async with asyncio.timeout(TIMEOUT_S):
        while True:
            text = await socket.recv()
            frame: Frame = orjson.loads(text)
            if is_it(frame):
                return frame, len(text)
