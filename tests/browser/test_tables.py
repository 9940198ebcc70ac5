"""Dataframes in the grid, on a real kernel."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from apps.execution.commands import shutdown_kernel
from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]

LARGE = """
import numpy as np, pandas as pd
rows = 1_000_000
table = pd.DataFrame({
    "number": np.arange(rows) * 3 % 1_000_003, "share": np.linspace(0, 1, rows),
    "name": "name " + pd.Series(range(rows)).astype(str),
    "flag": np.arange(rows) % 2 == 0, "day": pd.date_range("2020-01-01", periods=rows, freq="min"),
})
table.loc[5, "share"] = None
table"""


def grid_of(tab: Tab, index: int = 0) -> Locator:
    return tab.outputs(index).get_by_role("grid", name="Table")


def cells_of(grid: Locator, row: int) -> Locator:
    """The cells of the row at this place of the view."""
    return grid.locator(f"[role=row][aria-rowindex='{row + 2}'] [role=gridcell]")


def head_of(grid: Locator, name: str) -> Locator:
    return grid.get_by_role("columnheader").filter(has=grid.page.get_by_text(name, exact=True))


def note_of(tab: Tab) -> Locator:
    return tab.outputs(0).locator(".table-note")


@pytest.fixture
def tab(open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook) -> Tab:
    """A page with a table of a million rows."""
    cell = add_cell(owner, notebook, LARGE)
    run_and_wait(owner, notebook, "cell", cell)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    expect(cells_of(grid_of(tab), 0).first).to_have_text("0")
    return tab


def test_a_million_rows(tab: Tab) -> None:
    grid = grid_of(tab)
    expect(tab.outputs(0)).to_contain_text("1,000,000 rows × 5 columns")
    expect(grid).to_have_attribute("aria-rowcount", "1000001")
    expect(cells_of(grid, 1)).to_have_text(["3", "1.000001e-06", "name 1", "False", "2020-01-01 00:01:00"])
    # What is known of the columns comes after.
    expect(head_of(grid, "number")).to_contain_text("int64")
    expect(head_of(grid, "share")).to_contain_text("<1 % null")
    expect(head_of(grid, "number").locator("svg.table-histogram rect")).to_have_count(20)

    # Anywhere by the scrollbar, then exactly by the wheel.
    grid.evaluate("(grid) => { grid.scrollTop = grid.scrollHeight / 2 }")
    expect(grid.get_by_role("rowheader").first).to_have_text(re.compile(r"^[45]\d{5}$"))
    expect(grid.locator("[role=row][data-state=loading]")).to_have_count(0)
    numbers = [int(text) for text in grid.get_by_role("rowheader").all_inner_texts()]
    assert 400_000 < numbers[0] < 600_000
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    grid.hover()
    grid.page.mouse.wheel(0, 56)
    expect(grid.get_by_role("rowheader").filter(has_text=str(numbers[-1] + 2))).to_be_visible()
    grid.evaluate("(grid) => { grid.scrollTop = grid.scrollHeight }")
    expect(cells_of(grid, 999_999).nth(2)).to_have_text("name 999999")


def test_sort_filter_and_search(tab: Tab) -> None:
    grid = grid_of(tab)
    head = head_of(grid, "number")
    head.click()
    head.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(cells_of(grid, 0).first).to_have_text("1000002")
    head.get_by_label("Sort and filter").click()
    card = tab.outputs(0).get_by_role("form", name="Sort and filter")
    card.get_by_label("Show rows where it").select_option("is at most")
    card.get_by_label("Value").fill("many")
    card.get_by_role("button", name="Filter", exact=True).click()
    expect(note_of(tab)).to_contain_text("“many” is no number")
    head.get_by_label("Sort and filter").click()
    card.get_by_label("Show rows where it").select_option("is at most")
    card.get_by_label("Value").fill("7")
    card.get_by_label("Value").press("Enter")
    expect(tab.outputs(0)).to_contain_text("8 of 1,000,000 rows")
    expect(cells_of(grid, 0).first).to_have_text("7")
    tab.outputs(0).get_by_label("Search in all columns").fill("NAME 2")
    expect(tab.outputs(0)).to_contain_text("1 of 1,000,000 rows")
    tab.outputs(0).get_by_label("Search in all columns").fill("nobody")
    expect(tab.outputs(0)).to_contain_text("No rows match.")
    tab.outputs(0).get_by_role("button", name="Show all").click()
    expect(cells_of(grid, 0).first).to_have_text("0")
    expect(head).to_have_attribute("aria-sort", "none")


def test_by_keyboard(tab: Tab) -> None:
    grid = grid_of(tab)
    keys = tab.page.keyboard
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    grid.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        keys.press(key)
    active = grid.locator("[data-active]")
    expect(active).to_have_text("name 1")
    assert grid.get_attribute("aria-activedescendant") == active.get_attribute("id")
    keys.press("Shift+ArrowDown")
    keys.press("Shift+ArrowLeft")
    expect(grid.locator("[aria-selected=true]")).to_have_count(4)
    keys.press("Control+c")
    copied = "() => navigator.clipboard.readText()"
    expect(note_of(tab)).to_contain_text("Copied 2 × 2 cells.")
    assert tab.page.evaluate(copied) == "1.000001000001e-06\tname 1\n2.000002000002e-06\tname 2"
    # More than is here.
    keys.press("Home")
    keys.press("Control+End")
    expect(active).to_have_text("2021-11-25 10:39:00")
    keys.press("Home")
    for _ in range(40):
        keys.press("Shift+PageUp")
    keys.press("Control+c")
    expect(note_of(tab)).to_contain_text("× 1 cells.")
    lines = tab.page.evaluate(copied).split("\n")
    assert lines[-1] == str(999_999 * 3 % 1_000_003)
    assert len(lines) > 300
    keys.press("Control+Home")
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(head_of(grid, "number")).to_have_attribute("aria-sort", "ascending")
    keys.press("Alt+ArrowDown")
    card = tab.outputs(0).get_by_role("form", name="Sort and filter")
    expect(card.get_by_label("Value")).to_be_focused()
    keys.press("Escape")
    expect(card).to_be_hidden()
    width = head_of(grid, "number").bounding_box()
    grid.focus()
    keys.press("Alt+ArrowRight")
    expect(head_of(grid, "number")).not_to_have_css("width", f"{width and width['width']}px")
    keys.press("Escape")
    expect(tab.cell(0)).to_be_focused()


def test_downloads(tab: Tab, tmp_path: Path) -> None:
    grid = grid_of(tab)
    head_of(grid, "number").get_by_label("Sort and filter").click()
    card = tab.outputs(0).get_by_role("form", name="Sort and filter")
    card.get_by_label("Show rows where it").select_option("is less than")
    card.get_by_label("Value").fill("300")
    card.get_by_label("Value").press("Enter")
    expect(tab.outputs(0)).to_contain_text("300 of 1,000,000 rows")
    with tab.page.expect_download() as started:
        tab.outputs(0).get_by_role("button", name="Download as CSV").click()
    content = Path(started.value.path()).read_text()
    rows = list(csv.DictReader(io.StringIO(content)))
    assert len(rows) == 300
    assert rows[1] == {
        **{"number": "3", "share": "1.000001000001e-06", "name": "name 1", "flag": "False"},
        "day": "2020-01-01 00:01:00",
    }
    with tab.page.expect_download() as started:
        tab.outputs(0).get_by_role("button", name="Download as Parquet").click()
    assert started.value.suggested_filename == "table.parquet"
    assert Path(started.value.path()).read_bytes()[:4] == b"PAR1"


def test_when_the_kernel_is_busy_and_when_it_is_gone(
    tab: Tab, owner: Person, viewer: Person, notebook: Notebook, open_tab: OpenTab
) -> None:
    grid = grid_of(tab)
    busy = add_cell(owner, notebook, "input()")
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    tab.expect_status(1, "running")
    grid.evaluate("(grid) => { grid.scrollTop = grid.scrollHeight }")
    expect(note_of(tab)).to_contain_text("The kernel is busy or off.")
    tab.cell(1).get_by_label("Answer to the cell").press("Enter")
    tab.expect_status(1, "ok")
    expect(cells_of(grid, 999_999).nth(2)).to_have_text("name 999999")
    assert busy.id

    # Those who may only read see it too.
    watching = open_tab(viewer)
    watching.open(f"/notebooks/{notebook.id}/")
    head_of(grid_of(watching), "number").click()
    head_of(grid_of(watching), "number").click()
    expect(cells_of(grid_of(watching), 0).first).to_have_text("1000002")

    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    expect(tab.page.locator("tandem-kernel")).to_have_attribute("data-status", "off")
    watching.page.reload()
    watching.wait_until_connected()
    expect(cells_of(grid_of(watching), 1).first).to_have_text("3")
    grid_of(watching).evaluate("(grid) => { grid.scrollTop = grid.scrollHeight / 2 }")
    expect(note_of(watching)).to_contain_text("The kernel is busy or off.")
    # Another kernel does not have it.
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, "1"))
    expect(note_of(watching)).to_contain_text("These are the first 50 rows.")
    expect(grid_of(watching)).to_have_attribute("aria-rowcount", "51")


HARD = """
import pandas as pd
hard = {"<b>html</b>": ["<img src=x onerror='window.__pwn = 1'>", None, "tab\\tline"], "long": ["x" * 3000, "y", "z"]}
pd.DataFrame(hard | {"a": [1.5, 2, None]} | {f"column {n}": [n] * 3 for n in range(600)})"""


def test_hard_cells_and_many_columns(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, HARD))
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    grid = grid_of(tab)
    expect(cells_of(grid, 0).first).to_have_text("<img src=x onerror='window.__pwn = 1'>")
    expect(cells_of(grid, 1).first).to_have_text("null")
    assert tab.page.evaluate("window.__pwn") is None
    expect(note_of(tab)).to_contain_text("The first 500 columns are shown.")
    assert cells_of(grid, 0).count() < 30
    cells_of(grid, 0).nth(1).dblclick()
    dialog = tab.outputs(0).get_by_role("dialog", name="Whole value")
    expect(dialog.locator("pre")).to_have_text("x" * 3000)
    dialog.get_by_role("button", name="Close").click()
    tab.page.keyboard.press("End")
    expect(grid.locator("[data-active]")).to_have_text("496")
    expect(head_of(grid, "column 496")).to_be_visible()
