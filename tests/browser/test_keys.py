"""Keys as in Jupyter, on real servers: each does what it says, and none is eaten where people type."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]


@pytest.fixture
def tab(open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook) -> Tab:
    """The owner's, on three cells, none of which has the focus."""
    for source in ("a = 1", "b = 2", "c = 3"):
        add_cell(owner, notebook, source)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    return tab


def press(tab: Tab, *keys: str) -> None:
    for key in keys:
        tab.page.keyboard.press(key)


def expect_texts(tab: Tab, *texts: str) -> None:
    """What the editors show, one after the other."""
    expect(tab.page.locator("tandem-cell .cm-content")).to_have_text(list(texts))


def stored(notebook: Notebook) -> list[tuple[str, str]]:
    cells = Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key")
    return list(cells.values_list("kind", "source"))


def expect_focus_on(tab: Tab, index: int) -> None:
    expect(tab.cell(index)).to_be_focused()


def test_between_text_and_cell(tab: Tab) -> None:
    tab.cell(0).focus()
    press(tab, "Enter")
    expect(tab.cell(0).locator(".cm-content")).to_be_focused()
    tab.page.keyboard.type("ab")
    expect_texts(tab, "aba = 1", "b = 2", "c = 3")
    press(tab, "Escape")
    expect_focus_on(tab, 0)
    press(tab, "j")
    expect_focus_on(tab, 1)
    press(tab, "ArrowDown")
    expect_focus_on(tab, 2)
    press(tab, "k", "ArrowUp")
    expect_focus_on(tab, 0)


def test_cells_are_made_changed_and_deleted_and_all_of_it_undone(tab: Tab, notebook: Notebook) -> None:
    tab.cell(1).focus()
    press(tab, "b")
    expect(tab.cell(2).locator(".cm-content")).to_be_focused()
    press(tab, "Escape")
    expect_focus_on(tab, 2)
    press(tab, "m")
    expect(tab.cell(2)).to_have_attribute("data-kind", "markdown")
    press(tab, "r")
    expect(tab.cell(2)).to_have_attribute("data-kind", "raw")
    press(tab, "y")
    expect(tab.cell(2)).to_have_attribute("data-kind", "python")
    press(tab, "d", "x")  # one d and another key is no deletion
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    expect_focus_on(tab, 2)
    press(tab, "z")
    expect(tab.page.locator("tandem-cell")).to_have_count(4)
    expect_focus_on(tab, 2)
    press(tab, "d", "d")
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    expect_focus_on(tab, 2)
    for kind in ("python", "raw", "markdown", "python"):
        press(tab, "z")
        expect(tab.cell(2)).to_have_attribute("data-kind", kind)
        expect(tab.page.locator("tandem-cell")).to_have_count(4)
    press(tab, "z")
    expect_texts(tab, "a = 1", "b = 2", "c = 3")
    press(tab, "Shift+Z")
    expect(tab.page.locator("tandem-cell")).to_have_count(4)
    wait_until(lambda: len(stored(notebook)) == 4, "the cell is back")


def test_moving(tab: Tab, notebook: Notebook) -> None:
    tab.cell(0).focus()
    press(tab, "Alt+Shift+ArrowDown")
    expect_texts(tab, "b = 2", "a = 1", "c = 3")
    expect_focus_on(tab, 1)
    press(tab, "Control+Shift+ArrowDown")
    expect_texts(tab, "b = 2", "c = 3", "a = 1")
    press(tab, "z", "z")
    expect_texts(tab, "a = 1", "b = 2", "c = 3")
    expect_focus_on(tab, 0)


def test_split_and_merge_are_undone_to_the_character(tab: Tab, notebook: Notebook) -> None:
    tab.cell(1).locator(".cm-content").click()
    press(tab, "Home", "ArrowRight", "ArrowRight", "Control+Shift+_")
    expect_texts(tab, "a = 1", "b ", "= 2", "c = 3")
    expect(tab.cell(2).locator(".cm-content")).to_be_focused()
    press(tab, "Escape", "z")
    expect_texts(tab, "a = 1", "b = 2", "c = 3")
    expect_focus_on(tab, 1)
    press(tab, "Shift+M")
    expect_texts(tab, "a = 1", "b = 2c = 3")  # a line each; the text of an element has no line feed
    press(tab, "z")
    expect_texts(tab, "a = 1", "b = 2", "c = 3")
    press(tab, "Shift+Z")
    expect_texts(tab, "a = 1", "b = 2c = 3")
    assert stored(notebook) == [("python", "a = 1"), ("python", "b = 2\nc = 3")]


def test_what_others_typed_since_survives_an_undo(
    open_tab: OpenTab, tab: Tab, editor: Person, notebook: Notebook
) -> None:
    other = open_tab(editor)
    other.open(f"/notebooks/{notebook.id}/")
    tab.cell(1).locator(".cm-content").click()
    press(tab, "Home", "ArrowRight", "ArrowRight", "Control+Shift+_")
    expect_texts(tab, "a = 1", "b ", "= 2", "c = 3")
    other.type_at_end(2, "0")
    expect_texts(tab, "a = 1", "b ", "= 20", "c = 3")
    press(tab, "Escape", "z")  # the second part was written in: it is not thrown away, but joined
    expect_texts(tab, "a = 1", "b = 20", "c = 3")
    tab.cell(0).focus()
    press(tab, "m")
    expect(other.cell(0)).to_have_attribute("data-kind", "markdown")
    other.cell(0).focus()
    press(other, "r")
    expect(tab.cell(0)).to_have_attribute("data-kind", "raw")
    press(tab, "z")
    expect(tab.page.locator(".toast").filter(has_text="somebody changed the cell since")).to_be_visible()
    expect(tab.cell(0)).to_have_attribute("data-kind", "raw")


def test_running(tab: Tab, worker: WorkerProcess) -> None:
    tab.cell(0).focus()
    press(tab, "Control+Enter")
    tab.expect_status(0, "ok")
    expect_focus_on(tab, 0)
    press(tab, "Shift+Enter")
    expect_focus_on(tab, 1)
    press(tab, "Enter", "Control+Enter")
    tab.expect_status(1, "ok")
    expect(tab.cell(1).locator(".cm-content")).to_be_focused()
    press(tab, "Alt+Enter")
    expect(tab.cell(2).locator(".cm-content")).to_be_focused()
    expect(tab.page.locator("tandem-cell")).to_have_count(4)


def test_no_key_is_eaten_where_people_type(tab: Tab) -> None:
    letters = "abxcvzdmyjkoh?"
    title = tab.page.get_by_label("Title of the notebook")
    title.fill("")
    title.press_sequentially(letters)
    expect(title).to_have_value(letters)
    tab.cell(0).locator(".cm-content").click()
    press(tab, "Control+End", "Enter")
    tab.page.keyboard.type("'" + letters)
    expect(tab.cell(0).locator(".cm-line").nth(1)).to_have_text(f"'{letters}'")
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    # In a dialog neither: its own keys are for it.
    press(tab, "Escape", "Control+k")
    field = tab.page.get_by_role("combobox", name="Find a command")
    field.press_sequentially(letters)
    expect(field).to_have_value(letters)
    expect(tab.page.locator("tandem-cell")).to_have_count(3)


def test_the_card_of_keys(tab: Tab, viewer: Person, open_tab: OpenTab, notebook: Notebook) -> None:
    tab.cell(0).focus()
    press(tab, "?")
    card = tab.page.get_by_role("dialog", name="Keys")
    for title in ("Delete the cells", "Run and go to the next cell", "Find a command", "Split at the cursor"):
        expect(card.get_by_text(title, exact=True)).to_be_visible()
    press(tab, "Escape")
    expect(card).to_be_hidden()
    expect_focus_on(tab, 0)
    # Who may only read has only the keys for reading.
    reading = open_tab(viewer)
    reading.open(f"/notebooks/{notebook.id}/")
    reading.cell(0).focus()
    press(reading, "d", "d", "b", "?")
    card = reading.page.get_by_role("dialog", name="Keys")
    expect(card.get_by_text("Show all keys")).to_be_visible()
    expect(card.get_by_text("Delete the cells")).to_have_count(0)
    expect(reading.page.locator("tandem-cell")).to_have_count(3)
