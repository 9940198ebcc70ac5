"""Long notebooks in Chromium, as somebody sees them: Tandem and JupyterLab, with the same file."""

import base64
import json
import random
import re
import shutil
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, sync_playwright

from bench.client import rest
from bench.jupyter import Lab, running_lab
from bench.measure import print_table, shown
from bench.memory import browser_mb
from bench.server import Server

PROBE = (Path(__file__).parent / "page_probe.js").read_text()
WINDOW: ViewportSize = {"width": 1280, "height": 900}
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-precise-memory-info",
)
TIMEOUT_MS = 30_000
OPENINGS, KEYS = 3, 30
# Of all that is measured at one site: then what has been is what is shown.
BUDGET_S = 75
# In windows a frame: as somebody turns a wheel who looks for something, as a scrollbar is dragged, and as fast as
# Tandem still shows whole cells.
WHEEL, DRAG, READING = 0.12, 0.8, 0.4
WHEEL_MS, DRAG_MS, READING_MS = 3000, 20_000, 60_000


@dataclass(frozen=True)
class Site:
    """Where a notebook is shown, and what its parts are called there."""

    name: str
    address: Callable[[Page], str]
    """Logs in, and gives the address."""
    readable: str
    editor: str
    scroller: str


@dataclass
class Measured:
    readable_ms: list[float] = field(default_factory=list)
    usable_ms: list[float] = field(default_factory=list)
    opening_block_ms: list[float] = field(default_factory=list)
    wheel_block_ms: list[float] = field(default_factory=list)
    scroll_block_ms: list[float] = field(default_factory=list)
    scroll_ms: list[float] = field(default_factory=list)
    key_ms: list[float] = field(default_factory=list)
    opened_mb: list[float] = field(default_factory=list)
    read_mb: list[float] = field(default_factory=list)
    held_mb: list[float] = field(default_factory=list)
    heap_mb: list[float] = field(default_factory=list)


ROWS: list[tuple[str, Callable[[Measured], list[float]]]] = [
    ("first cells readable, ms", lambda each: each.readable_ms),
    ("usable: a key shows, ms", lambda each: each.usable_ms),
    ("longest block while it opens, ms", lambda each: each.opening_block_ms),
    ("longest block in three seconds of the wheel, ms", lambda each: each.wheel_block_ms),
    ("longest block while scrolling from end to end, ms", lambda each: each.scroll_block_ms),
    ("scrolled in, ms", lambda each: each.scroll_ms),
    ("a key to its frame, ms", lambda each: each.key_ms),
    ("memory of the browser once it is open, MB", lambda each: each.opened_mb),
    ("memory of the browser when all has been in view, MB", lambda each: each.read_mb),
    ("memory of the browser after the page's garbage is collected, MB", lambda each: each.held_mb),
    ("JavaScript heap of the page, MB", lambda each: each.heap_mb),
]


def long_page(server: Server, cells: int) -> None:
    """Open, type, scroll from end to end, look at everything. Takes five minutes at most, whatever the sites do."""
    content = long_notebook(cells)
    ours = _tandem(server, content)
    server.wait_until_calm()
    columns = {ours.name: _measured(ours)}
    with running_lab() as lab:
        theirs = _lab(lab, content)
        columns[theirs.name] = _measured(theirs)
    print_table(
        f"A page of {cells:,} cells with outputs, up to {OPENINGS} times",
        list(columns),
        [(name, [_shown(of(each)) for each in columns.values()]) for name, of in ROWS],
    )


def _shown(samples: list[float]) -> str:
    return shown(samples) if samples else "not in time"


def long_notebook(count: int) -> dict[str, Any]:
    """Text, images, tables and Markdown, as in notebooks that have grown."""
    numbers = random.Random(1)
    cells = [_cell(number, numbers) for number in range(count)]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": spec, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def log_in(page: Page, server: Server) -> None:
    link = re.search(r"/login/link/\S+", (server.data_dir / "up.log").read_text())
    assert link is not None
    page.goto(server.url + link[0])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{server.url}/")


def _tandem(server: Server, content: dict[str, Any]) -> Site:
    notebook = rest(server, "POST", "notebooks/import/", content)

    def address(page: Page) -> str:
        if not page.context.cookies():
            log_in(page, server)
        return f"{server.url}/notebooks/{notebook['id']}/"

    return Site(
        "Tandem", address, "tandem-cell [data-part=editor]", "tandem-cell[data-kind=python] .cm-content", ""
    )


def _lab(lab: Lab, content: dict[str, Any]) -> Site:
    address = lab.write("long.ipynb", json.dumps(content))
    return Site(
        "JupyterLab",
        lambda _: address,
        ".jp-Notebook .jp-Cell .jp-InputArea-editor",
        ".jp-Notebook .jp-CodeCell .cm-content",
        ".jp-WindowedPanel-outer",
    )


def _measured(site: Site) -> Measured:
    """In a browser of its own, whose memory is that of the site then."""
    with running_chromium() as browser:
        return _measured_in(browser, site)


def _measured_in(browser: Browser, site: Site) -> Measured:
    measured = Measured()
    context = browser.new_context(viewport=WINDOW)
    context.add_init_script(PROBE.replace("PROBE_READABLE", json.dumps(site.readable)))
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    address = site.address(page)
    deadline = time.monotonic() + BUDGET_S
    try:
        for _ in range(OPENINGS):
            _measure_opening(page, site, address, measured)
            # Another one takes about as long.
            if time.monotonic() + BUDGET_S / OPENINGS > deadline:
                break
        _measure_reading(page, site, measured)
    except TimeoutError as error:
        print(f"bench: {site.name}: {str(error).splitlines()[0]}", file=sys.stderr)
    context.close()
    return measured


def _measure_opening(page: Page, site: Site, address: str, measured: Measured) -> None:
    """Open the page anew; add what can be measured to `measured`, or raise a TimeoutError on the way."""
    page.goto(address, wait_until="commit")
    editor = page.locator(site.editor).first
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("#typed")
    page.wait_for_function(
        "(selector) => document.querySelector(selector)?.textContent.includes('#typed')",
        arg=site.editor,
        polling="raf",
    )
    measured.usable_ms.append(page.evaluate("performance.now()"))
    measured.readable_ms.append(page.evaluate("probe.readable_ms"))
    blocks = page.evaluate("probe.blocks_ms.map(([, length]) => length)")
    measured.opening_block_ms.append(max([0.0, *blocks]))
    page.keyboard.press("Control+Z")
    _settle(page)
    measured.key_ms += _typed(page)
    measured.opened_mb.append(browser_mb())
    wheeled = page.evaluate("(how) => probe.scroll(how)", [site.scroller, WHEEL, WHEEL_MS])
    measured.wheel_block_ms.append(wheeled["longest_ms"])
    scrolled = page.evaluate("(how) => probe.scroll(how)", [site.scroller, DRAG, DRAG_MS])
    measured.scroll_block_ms.append(scrolled["longest_ms"])
    if scrolled["is_at_end"]:
        measured.scroll_ms.append(scrolled["took_ms"])
    measured.heap_mb.append(_heap_mb(page))


def _measure_reading(page: Page, site: Site, measured: Measured) -> None:
    """All of it comes into view, as slowly as everything is shown. What then is far away need not be in memory."""
    read = page.evaluate("(how) => probe.scroll(how)", [site.scroller, READING, READING_MS])
    _settle(page)
    print(
        f"bench: {site.name}: {'read to its end' if read['is_at_end'] else 'not read to its end'}",
        file=sys.stderr,
    )
    measured.read_mb.append(browser_mb())
    _heap_mb(page)
    measured.held_mb.append(browser_mb())


def _settle(page: Page) -> None:
    """Until nothing has blocked the page for a second."""
    page.wait_for_function(
        "() => { const last = probe.blocks_ms.at(-1); return !last || performance.now() - last[0] - last[1] > 1000; }"
    )


def _typed(page: Page) -> list[float]:
    page.evaluate("probe.keys_ms.length = 0")
    for _ in range(KEYS):
        page.keyboard.press("x")
        time.sleep(0.05)  # as people type: a frame between two keys
    for _ in range(KEYS):
        page.keyboard.press("Backspace")
    page.wait_for_function("(count) => probe.keys_ms.length >= count", arg=2 * KEYS)
    keys: list[float] = page.evaluate("(count) => probe.keys_ms.slice(0, count)", KEYS)
    return keys


def _heap_mb(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return float(metrics["JSHeapUsedSize"]) / 2**20


@contextmanager
def running_chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("This scenario needs Chromium (on Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


def _cell(number: int, numbers: random.Random) -> dict[str, Any]:
    head: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
    if number % 8 == 7:
        text = "What the *numbers* say, with `code` and a [link](https://example.org).\n\n- one\n- two"
        source = f"## Part {number}\n\n{text}"
        return head | {"cell_type": "markdown", "source": source}
    lines = [f"value_{number} = load('file-{number}.csv')"]
    lines += [f"value_{number}[{line}] = transform(value_{number}, {line})" for line in range(number % 12)]
    return head | {
        "cell_type": "code",
        "execution_count": number + 1,
        "source": "\n".join([*lines, f"value_{number}"]),
        "outputs": [_output(number, numbers)],
    }


def _output(number: int, numbers: random.Random) -> dict[str, Any]:
    match number % 8:
        case 1 | 5:
            data: dict[str, str] = {"image/png": _png(400, 240, numbers), "text/plain": "<Figure>"}
        case 3:
            cells = "".join(f"<tr><th>{row}</th><td>{numbers.random()}</td></tr>" for row in range(10))
            data = {"text/html": f"<table>{cells}</table>", "text/plain": "a table"}
        case _:
            text = "".join(f"{line}: {numbers.random()}\n" for line in range(20))
            return {"output_type": "stream", "name": "stdout", "text": text}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _png(width: int, height: int, numbers: random.Random) -> str:
    """Of bars, about as large as a plot's."""
    row = b"\0" + b"".join(bytes(numbers.choices(range(256), k=3)) for _ in range(width))
    noise = [b"\0" + numbers.randbytes(width * 3) for _ in range(10)]
    content = zlib.compress(b"".join([*noise, *([row] * (height - 10))]))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", content), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(packed)).decode()
