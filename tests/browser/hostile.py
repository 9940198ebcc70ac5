"""For tests of hostile payloads: another server, which is never to be called, and what is never in a page of ours."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.hostile_payloads import JS
from tests.support.processes import WebProcess

# Scripts, handlers and links that run something, which no element of our pages has.
FOUND = """() => {
    const places = [...document.querySelectorAll("body *")];
    const scripts = places.filter((each) => each.tagName === "SCRIPT" && !each.src && each.type !== "application/json");
    const handlers = places.filter((each) => [...each.attributes].some(({ name }) => name.startsWith("on")));
    const links = places.filter((each) => /^\\s*(javascript|data|vbscript):/i.test(each.getAttribute("href") ?? ""));
    return [...scripts, ...handlers, ...links].map((each) => each.outerHTML);
}"""


@pytest.fixture
def other_site() -> Iterator[socket.socket]:
    """Somebody else's server, which nobody may ever call."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def arm(other_site: socket.socket) -> Callable[[Any], Any]:
    """Puts the script and the server into a payload."""
    url = f"http://127.0.0.1:{other_site.getsockname()[1]}"
    return lambda payload: json.loads(
        json.dumps(payload).replace("JS", json.dumps(JS)[1:-1]).replace("URL", url)
    )


def assert_nothing_left(asked: list[str], server: WebProcess, other_site: socket.socket) -> None:
    own = urlsplit(server.url).netloc
    assert {
        urlsplit(url).netloc for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")
    } <= {own}
    assert [said for said in heard_by(other_site) if said] == []


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


def assert_nothing_ran(page: Page) -> None:
    assert page.evaluate("window.__pwn") is None
    assert page.evaluate(FOUND) == []
