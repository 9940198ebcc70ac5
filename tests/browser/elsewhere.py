"""Somebody else's server, and what is written so that a page would call it or run a script."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from tests.support.processes import WebProcess

# It marks every window that it can reach.
JS = "window.__pwn=1;try{top.__pwn=1}catch(e){}try{parent.__pwn=1}catch(e){}"


@contextmanager
def somebody_elses_server() -> Iterator[socket.socket]:
    """Nobody may ever call it."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        server.setblocking(False)
        yield server


def armed(payload: Any, server: socket.socket) -> Any:
    """With the script wherever it says JS, and the server wherever it says URL."""
    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    return json.loads(json.dumps(payload).replace("JS", json.dumps(JS)[1:-1]).replace("URL", url))


def assert_nothing_left(asked: list[str], server: WebProcess, elsewhere: socket.socket) -> None:
    own = urlsplit(server.url).netloc
    assert {
        urlsplit(url).netloc for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")
    } <= {own}
    assert [said for said in heard_by(elsewhere) if said] == []


def heard_by(server: socket.socket) -> Iterator[bytes]:
    """What each caller said. Chromium connects ahead of a navigation that the policy then forbids, and says nothing."""
    with suppress(BlockingIOError):
        while True:
            caller, _ = server.accept()
            with caller:
                caller.setblocking(False)
                try:
                    yield caller.recv(500)
                except BlockingIOError:
                    yield b""
