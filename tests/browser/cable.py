"""A network cable between a browser and the web server, which can be cut without either of them being told."""

import selectors
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65536
LOOK_EVERY_S = 0.02


class Cable:
    """`url` leads to the server on `port`. While `to_server` or `to_browser` is cleared, bytes that way wait."""

    def __init__(self, port: int) -> None:
        self.to_server = threading.Event()
        self.to_browser = threading.Event()
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._peers: dict[socket.socket, socket.socket] = {}
        self._from_browser: set[socket.socket] = set()
        self._is_open = True
        self._thread = threading.Thread(target=self._forward, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        self.to_server.clear()
        self.to_browser.clear()

    def mend(self) -> None:
        self.to_server.set()
        self.to_browser.set()

    def __enter__(self) -> Self:
        self.mend()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        self._thread.join()
        for end in (self._listener, *self._peers):
            end.close()
        self._selector.close()

    # Private, in the thread

    def _forward(self) -> None:
        while self._is_open:
            waiting = False
            for key, _ in self._selector.select(LOOK_EVERY_S):
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if end is self._listener:
                    self._connect()
                elif end in self._peers:
                    waiting = not self._pass_on(end) or waiting
            if waiting:
                # What cannot go on stays readable: do not spin over it.
                threading.Event().wait(LOOK_EVERY_S)

    def _connect(self) -> None:
        browser, _ = self._listener.accept()
        server = socket.create_connection(("127.0.0.1", self._port))
        self._from_browser.add(browser)
        for end, other in ((browser, server), (server, browser)):
            self._peers[end] = other
            self._selector.register(end, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> bool:
        """Whether this way is open."""
        way = self.to_server if end in self._from_browser else self.to_browser
        if not way.is_set():
            return False
        try:
            data = end.recv(CHUNK_BYTES)
            if data:
                self._peers[end].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._hang_up(end)
        return True

    def _hang_up(self, end: socket.socket) -> None:
        other = self._peers[end]
        for each in (end, other):
            self._selector.unregister(each)
            del self._peers[each]
            self._from_browser.discard(each)
            each.close()
