"""A dataframe of five million rows in Chromium: until its first rows, and later pages of rows, are painted."""

import random

from playwright.sync_api import Page

from bench.client import new_notebook
from bench.measure import print_table, shown
from bench.page import TIMEOUT_MS, WINDOW, log_in, running_chromium
from bench.server import Server
from bench.tables import LIBRARIES, MADE, ROWS

RUNS, PAGES = 10, 40
# Another head each time tells the new table from the old one.
AGAIN = "table.rename(columns={'measure 0': f'turn {next(turns)}'})"

# How long until something is so, and the frame that shows it is painted; null after ten seconds.
PAINTED = """(place, isSo, began) => new Promise((done) => {
    const stop = setTimeout(() => done(null), 10_000);
    const look = () => {
        if (!isSo()) return;
        observer.disconnect();
        clearTimeout(stop);
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    };
    const observer = new MutationObserver(look);
    observer.observe(place, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
})"""
# From the click until the table with this head has rows.
RUN = """async (head) => {
    const cell = document.querySelectorAll("tandem-cell")[1], began = performance.now();
    cell.querySelector("[data-action=run]").click();
    return await (PAINTED)(cell, () => {
        const grid = cell.querySelector("tandem-outputs [role=grid]");
        return grid?.textContent.includes(head) && grid.querySelector("[role=gridcell]")?.textContent;
    }, began);
}""".replace("PAINTED", PAINTED)
# From a jump of the scrollbar until all rows in view are there.
JUMP = """async (where) => {
    const grid = document.querySelector("tandem-outputs [role=grid]");
    const rows = () => [...grid.querySelectorAll("[role=row][aria-rowindex]")];
    const last = () => rows().at(-1)?.ariaRowIndex;
    const before = last(), began = performance.now();
    grid.scrollTop = where * grid.scrollHeight;
    const isHere = () => last() !== before && rows().every((row) => row.dataset.state !== "loading");
    return await (PAINTED)(grid, isHere, began);
}""".replace("PAINTED", PAINTED)


def painted_tables(server: Server) -> None:
    notebook_id = new_notebook(
        server, f"{MADE}{LIBRARIES['pandas']}\ndel values, words\nturns = iter(range(1, 1000))", AGAIN
    )
    with running_chromium() as browser:
        page = browser.new_page(viewport=WINDOW)
        page.set_default_timeout(TIMEOUT_MS)
        log_in(page, server)
        page.goto(f"{server.url}/notebooks/{notebook_id}/")
        _run_first(page)
        first = [page.evaluate(RUN, f"turn {turn}") for turn in range(1, RUNS + 1)]
        places = random.Random(1)
        pages = [page.evaluate(JUMP, places.random()) for _ in range(PAGES)]
    print_table(
        f"{ROWS:,} rows × 10 columns of pandas in Chromium, from the click to the painted frame",
        ["Tandem"],
        [
            (f"first rows, {RUNS} runs, ms", [_shown(first)]),
            (f"a page of rows anywhere, {PAGES} times, ms", [_shown(pages)]),
        ],
    )


def _run_first(page: Page) -> None:
    """The cell that makes the table."""
    cell = page.locator("tandem-cell").first
    cell.get_by_role("button", name="Run this cell").click()
    page.wait_for_function("() => document.querySelector('tandem-cell').dataset.status === 'ok'")


def _shown(samples: list[float | None]) -> str:
    in_time = [sample for sample in samples if sample is not None]
    if not in_time:
        return "not in time"
    missed = len(samples) - len(in_time)
    return shown(in_time) + (f", and {missed} not in time" if missed else "")
