"""Several cells at once: selected with keys and mouse, and what is done with all of them."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from apps.notebooks.commands import configure_cell, create_cell, create_notebook
from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import Elsewhere, ask, connect
from tests.support.processes import WebProcess, WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
# What was copied, as if it were of another cell.
COPIED_OF = """id => {
    const key = "tandem-copied-cells";
    const text = localStorage.getItem(key).replace(/"attachments_of":"[^"]*"/, `"attachments_of":"${id}"`);
    localStorage.setItem(key, text);
}"""
SOURCES = ["a = 1", "b = 2", "c = 3", "d = 4", "e = 5"]


@pytest.fixture
def tab(open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook) -> Tab:
    for source in SOURCES:
        add_cell(owner, notebook, source)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    return tab


def stored_sources(notebook: Notebook) -> list[str]:
    cells = Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key")
    return list(cells.values_list("source", flat=True))


def press(tab: Tab, *keys: str) -> None:
    for key in keys:
        tab.page.keyboard.press(key)


def expect_texts(tab: Tab, *texts: str) -> None:
    expect(tab.page.locator("tandem-cell .cm-content")).to_have_text(list(texts))


def expect_selected(tab: Tab, *indexes: int) -> None:
    expect(tab.page.locator("tandem-cell[data-selected]")).to_have_count(len(indexes))
    for index in indexes:
        expect(tab.cell(index)).to_have_attribute("data-selected", "")


def gutter(tab: Tab, index: int) -> Locator:
    return tab.cell(index).locator("[data-part=prompt]")


def test_with_keys(tab: Tab) -> None:
    tab.cell(1).focus()
    press(tab, "Shift+ArrowDown", "Shift+J")
    expect_selected(tab, 1, 2, 3)
    expect(tab.cell(3)).to_be_focused()
    expect(tab.page.locator("#announcements")).to_have_text("3 cells selected")
    press(tab, "Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowUp")
    expect_selected(tab, 0, 1)
    press(tab, "Escape")
    expect_selected(tab)
    press(tab, "Control+a")
    expect_selected(tab, 0, 1, 2, 3, 4)
    press(tab, "ArrowDown")
    expect_selected(tab)


def test_with_the_mouse(tab: Tab) -> None:
    tab.cell(0).focus()
    tab.cell(2).locator(".cm-content").click(modifiers=["Shift"])
    expect_selected(tab, 0, 1, 2)
    gutter(tab, 4).click(modifiers=["Control"])
    expect_selected(tab, 0, 1, 2, 4)
    gutter(tab, 1).click(modifiers=["Control"])
    expect_selected(tab, 0, 2, 4)
    tab.cell(3).locator(".cm-content").click()
    expect_selected(tab)
    # In the text that one edits, Shift selects text.
    tab.cell(3).locator(".cm-content").click(modifiers=["Shift"], position={"x": 4, "y": 14})
    expect_selected(tab)


def test_delete_move_convert_and_undo(tab: Tab) -> None:
    tab.cell(0).focus()
    press(tab, "Shift+ArrowDown", "Alt+Shift+ArrowDown")
    expect_texts(tab, "c = 3", "a = 1", "b = 2", "d = 4", "e = 5")
    expect_selected(tab, 1, 2)
    press(tab, "Alt+Shift+ArrowDown", "Alt+Shift+ArrowDown", "Alt+Shift+ArrowUp")
    expect_texts(tab, "c = 3", "d = 4", "a = 1", "b = 2", "e = 5")
    press(tab, "Alt+Shift+ArrowUp")
    expect_texts(tab, "c = 3", "a = 1", "b = 2", "d = 4", "e = 5")
    press(tab, "r")
    for index in (1, 2):
        expect(tab.cell(index)).to_have_attribute("data-kind", "raw")
    press(tab, "d", "d")
    expect_texts(tab, "c = 3", "d = 4", "e = 5")
    expect(tab.page.locator(".toast").filter(has_text="2 cells deleted.")).to_be_visible()
    press(tab, "z")
    expect_texts(tab, "c = 3", "a = 1", "b = 2", "d = 4", "e = 5")
    press(tab, "z")
    for index in (1, 2):
        expect(tab.cell(index)).to_have_attribute("data-kind", "python")
    press(tab, "z", "z", "z", "z", "z")
    expect_texts(tab, *SOURCES)


def test_merge_and_run(tab: Tab, worker: WorkerProcess) -> None:
    tab.cell(0).focus()
    press(tab, "Shift+ArrowDown", "Control+Enter")
    for index in (0, 1):
        tab.expect_status(index, "ok")
    tab.expect_status(2, "idle")
    press(tab, "Shift+ArrowDown", "Shift+M")
    expect_texts(tab, "a = 1b = 2c = 3", "d = 4", "e = 5")
    press(tab, "z")
    expect_texts(tab, *SOURCES)


def test_cut_and_paste_within_and_between_notebooks(
    tab: Tab, owner: Person, notebook: Notebook, server: WebProcess
) -> None:
    tab.cell(0).focus()
    press(tab, "m")
    expect(tab.cell(0)).to_have_attribute("data-kind", "markdown")
    press(tab, "Shift+ArrowDown", "c")
    expect(tab.page.locator(".toast").filter(has_text="2 cells copied.")).to_be_visible()
    tab.cell(4).focus()
    press(tab, "v")
    expect(tab.page.locator("tandem-cell")).to_have_count(7)
    expect(tab.cell(5)).to_have_attribute("data-kind", "markdown")
    press(tab, "z")
    expect(tab.page.locator("tandem-cell")).to_have_count(5)
    tab.cell(2).focus()
    press(tab, "x")
    expect(tab.page.locator("tandem-cell")).to_have_count(4)

    second = create_notebook(actor=owner.actor, title="Another")
    add_cell(owner, second, "first")
    tab.open(f"/notebooks/{second.id}/")
    tab.cell(0).focus()
    press(tab, "Shift+V")
    expect_texts(tab, "c = 3", "first")
    assert stored_sources(second) == ["c = 3", "first"]


def test_pasted_cells_keep_their_settings(
    tab: Tab, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere)
    original = Cell.objects.get(notebook=notebook, source="c = 3")
    configure_cell(
        actor=owner.actor,
        notebook_id=notebook.id,
        cell_id=original.id,
        kind="sql",
        is_disabled=True,
        result_name="sales",
        cache_seconds=60,
        is_source_hidden=True,
        is_scrolled=True,
    )
    ask(owner, original, connection)
    expect(tab.cell(2)).to_have_attribute("data-kind", "sql")
    tab.cell(2).focus()
    press(tab, "c", "v")
    expect(tab.page.locator("tandem-cell")).to_have_count(6)

    def settings(of: Notebook) -> list[dict[str, Any]]:
        names = ("kind", "is_disabled", "result_name", "cache_seconds", "connection_id", "metadata")
        cells = Cell.objects.filter(notebook=of, deleted_at=None, source="c = 3").order_by("order_key")
        return [dict(each) for each in cells.values(*names)]

    wait_until(lambda: settings(notebook)[1]["connection_id"] is not None, "the copy is connected")
    first, copy = settings(notebook)
    assert copy == first
    assert (copy["result_name"], copy["connection_id"]) == ("sales", connection.id)
    assert copy["metadata"] == {"jupyter": {"source_hidden": True}, "scrolled": True}

    # Into a notebook that the connection is not shared with; a paste does not share it.
    second = create_notebook(actor=owner.actor, title="Another")
    add_cell(owner, second, "first")
    tab.open(f"/notebooks/{second.id}/")
    tab.cell(0).focus()
    press(tab, "v")
    expect(tab.page.locator(".toast").filter(has_text="not shared with this notebook")).to_be_visible()
    assert settings(second) == [copy | {"connection_id": None}]
    assert not connection.notebooks.filter(id=second.id).exists()


def test_pasted_cells_keep_their_images(
    tab: Tab, owner: Person, stranger: Person, notebook: Notebook
) -> None:
    text = "![dot](attachment:dot.png)"
    original = create_cell(actor=owner.actor, notebook_id=notebook.id, kind="markdown", source=text)
    Cell.objects.filter(id=original.id).update(attachments={"dot.png": {"image/png": PIXEL}})

    def expect_image(index: int) -> None:
        expect(tab.cell(index).locator("img[alt=dot]")).to_have_js_property("naturalWidth", 1)

    tab.page.reload()
    expect_image(5)
    tab.cell(5).focus()
    press(tab, "c", "v")
    expect(tab.page.locator("tandem-cell")).to_have_count(7)
    expect_image(6)
    tab.cell(5).focus()
    press(tab, "x")
    expect(tab.page.locator("tandem-cell")).to_have_count(6)
    second = create_notebook(actor=owner.actor, title="Another")
    add_cell(owner, second, "first")
    tab.open(f"/notebooks/{second.id}/")
    tab.cell(0).focus()
    press(tab, "v")
    expect_image(1)

    # Of a notebook that is not shared, only the text comes.
    secret = create_notebook(actor=stranger.actor, title="Secret")
    hidden = create_cell(actor=stranger.actor, notebook_id=secret.id, kind="markdown", source=text)
    Cell.objects.filter(id=hidden.id).update(attachments={"dot.png": {"image/png": PIXEL}})
    tab.page.evaluate(COPIED_OF, str(hidden.id))
    press(tab, "v")
    expect(tab.page.locator(".toast").filter(has_text="could not be copied")).to_be_visible()
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    assert stored_sources(second) == ["first", text, text]
    expect(tab.cell(2).locator("img[alt=dot]")).to_have_count(0)


def test_the_clipboard_has_cells_of_a_notebook_file(tab: Tab) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.cell(0).focus()
    press(tab, "Shift+ArrowDown", "Control+c")
    text = tab.page.evaluate("navigator.clipboard.readText()")
    assert '"nbformat":4' in text
    assert '"source":"a = 1"' in text
    tab.cell(4).focus()
    press(tab, "Control+v")
    expect(tab.page.locator("tandem-cell")).to_have_count(7)
    # What is no cell becomes one.
    tab.page.evaluate("navigator.clipboard.writeText('from elsewhere')")
    press(tab, "Control+v")
    expect(tab.cell(6).locator(".cm-content")).to_have_text("from elsewhere")


def drag(tab: Tab, index: int, to: int, *, below: bool = True) -> None:
    """By the number of one cell to another."""
    tab.cell(index).hover()
    start, end = gutter(tab, index).bounding_box(), tab.cell(to).bounding_box()
    assert start is not None
    assert end is not None
    x = start["x"] + start["width"] / 2
    tab.page.mouse.move(x, start["y"] + start["height"] / 2)
    tab.page.mouse.down()
    y = end["y"] + end["height"] * (0.8 if below else 0.2)
    tab.page.mouse.move(x + 20, (start["y"] + y) / 2)
    tab.page.mouse.move(x + 20, y)
    expect(tab.page.locator(".drop-line")).to_be_visible()


def test_dragging(tab: Tab) -> None:
    drag(tab, 0, 2)
    tab.page.mouse.up()
    expect_texts(tab, "b = 2", "c = 3", "a = 1", "d = 4", "e = 5")
    expect(tab.page.locator(".drop-line")).to_have_count(0)
    # Several together.
    tab.cell(0).focus()
    press(tab, "Shift+ArrowDown")
    drag(tab, 1, 4)
    tab.page.mouse.up()
    expect_texts(tab, "a = 1", "d = 4", "e = 5", "b = 2", "c = 3")
    expect_selected(tab, 3, 4)
    # Escape, or a click, is none.
    drag(tab, 0, 2)
    press(tab, "Escape")
    tab.page.mouse.up()
    expect(tab.page.locator(".drop-line")).to_have_count(0)
    expect_texts(tab, "a = 1", "d = 4", "e = 5", "b = 2", "c = 3")
    tab.cell(0).focus()
    press(tab, "z", "z")
    expect_texts(tab, *SOURCES)


def test_dragging_to_the_edge_scrolls(tab: Tab, owner: Person, notebook: Notebook) -> None:
    for number in range(30):
        add_cell(owner, notebook, f"more = {number}")
    expect(tab.page.locator("tandem-cell")).to_have_count(35)
    drag(tab, 0, 2)
    height = tab.page.viewport_size["height"] if tab.page.viewport_size else 0
    tab.page.mouse.move(300, height - 5)
    expect(tab.cell(34)).to_be_in_viewport()
    tab.page.mouse.move(301, height - 6)
    tab.page.mouse.up()
    wait_until(lambda: stored_sources(notebook)[-1] == "a = 1", "the cell is the last")
