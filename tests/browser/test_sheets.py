"""Sheet cells in the page: a grid with the keys of spreadsheets over a text like any other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from apps.notebooks.commands import configure_notebook
from apps.notebooks.models import Cell, Mode, Notebook
from tests.browser.axe import violations
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]

PRICES = "item:text,price:number\npen,2\nink,3"


def grid_of(tab: Tab, index: int = 0) -> Locator:
    return tab.cell(index).get_by_role("grid")


def value_at(tab: Tab, row: int, column: int, index: int = 0) -> Locator:
    """Both from 0."""
    return grid_of(tab, index).locator(f".table-cell[data-row='{row}'][data-column='{column}']")


def expect_rows(tab: Tab, *rows: list[str]) -> None:
    for row, values in enumerate(rows):
        expect(grid_of(tab).locator(f".table-cell[data-row='{row}']")).to_have_text(values)


def sheet_of(tab: Tab) -> Cell:
    return Cell.objects.get(id=str(tab.cell(0).get_attribute("data-cell-id")))


def expect_stored(tab: Tab, source: str) -> None:
    wait_until(lambda: sheet_of(tab).source == source, f"it is {source[:200]!r}")


def paste(grid: Locator, text: str) -> None:
    """As the browser does it on Ctrl+V."""
    grid.evaluate(
        """(grid, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            grid.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )


@pytest.fixture
def tab(open_tab: OpenTab, owner: Person, notebook: Notebook) -> Tab:
    """A page with a sheet."""
    add_cell(owner, notebook, PRICES, kind="sheet")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    expect_rows(tab, ["pen", "2"], ["ink", "3"], ["", ""])
    return tab


def test_edit_a_sheet_and_see_dependents_rerun(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode=Mode.AUTO)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.locator(".append-bar").get_by_role("button", name="Sheet").click()
    name = tab.cell(0).get_by_label("Name of the dataframe")
    expect(name).to_have_value("sheet_1")
    expect(grid_of(tab).get_by_role("columnheader", name="amount")).to_contain_text("number")

    # It teaches itself: type in what is there.
    value_at(tab, 0, 0).click()
    for key in ("p", "e", "n", "Tab", "2", "Enter", "3"):
        tab.page.keyboard.press(key)
    # What is still being typed is run too.
    tab.page.keyboard.press("Control+Enter")
    tab.expect_status(0, "ok")
    expect_stored(tab, "item:text,amount:number\npen,2\n,3\n,")
    expect(tab.outputs(0)).to_be_empty()

    tab.page.locator(".append-bar").get_by_role("button", name="Python").click()
    tab.type_at_end(1, "print('total', int(sheet_1['amount'].sum()))")
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    expect(tab.outputs(1)).to_have_text("total 5")

    value_at(tab, 1, 1).dblclick()
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.insert_text("40")
    tab.page.keyboard.press("Enter")
    expect(tab.cell(0).locator("[data-part=notices]")).to_contain_text("edited since it ran")
    tab.page.keyboard.press("Control+Enter")
    expect(tab.outputs(1)).to_have_text("total 42")

    # A value of another type is marked, and the run says where it is.
    value_at(tab, 0, 1).click()
    tab.page.keyboard.press("x")
    tab.page.keyboard.press("Enter")
    expect(value_at(tab, 0, 1)).to_have_attribute("aria-invalid", "true")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    tab.expect_status(0, "error")
    expect(tab.outputs(0)).to_contain_text("Row 1, column “amount”: “x” is not a number")


def test_keys_of_spreadsheets(tab: Tab) -> None:
    press = tab.page.keyboard.press
    value_at(tab, 1, 1).click()
    press("F2")
    tab.page.keyboard.insert_text("5")
    press("Enter")
    expect_stored(tab, "item:text,price:number\npen,2\nink,35")
    # The row below the last is there to be filled in.
    press("7")
    press("Shift+Tab")
    expect_stored(tab, "item:text,price:number\npen,2\nink,35\n,7")
    press("Delete")
    press("ArrowUp")
    press("Delete")
    expect_stored(tab, "item:text,price:number\npen,2\n,35\n,7")
    press("Control+z")
    expect_rows(tab, ["pen", "2"], ["ink", "35"])
    press("Control+Shift+z")
    expect_rows(tab, ["pen", "2"], ["", "35"])
    press("a")
    press("Escape")
    expect_rows(tab, ["pen", "2"], ["", "35"])
    press("Shift+ArrowRight")
    press("Shift+ArrowDown")
    expect(grid_of(tab).locator("[aria-selected=true]")).to_have_count(4)
    press("Backspace")
    expect_stored(tab, "item:text,price:number\npen,2\n,\n,")
    press("Escape")
    expect(tab.cell(0)).to_be_focused()
    press("Enter")
    expect(grid_of(tab)).to_be_focused()


def test_tables_go_in_and_out_by_the_clipboard(tab: Tab) -> None:
    # On a head the first row has the names; the sheet grows, and new columns get types.
    grid_of(tab).get_by_role("columnheader", name="item").click()
    paste(
        grid_of(tab),
        "city\tpeople\tcapital\nParis\t2100000\tTRUE\nRome\t2800000\tTRUE\nNice\t350000\tFALSE\n",
    )
    expect_stored(
        tab,
        "city:text,people:number,capital:boolean\nParis,2100000,TRUE\nRome,2800000,TRUE\nNice,350000,FALSE",
    )
    expect(grid_of(tab)).to_have_attribute("aria-rowcount", "5")
    tab.page.keyboard.press("Shift+ArrowRight")
    copied = grid_of(tab).evaluate(
        """(grid) => {
            const clipboardData = new DataTransfer();
            grid.dispatchEvent(new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true }));
            return clipboardData.getData("text/plain");
        }"""
    )
    assert copied == "city\tpeople\nParis\t2100000\nRome\t2800000\nNice\t350000"


def test_columns_and_rows(tab: Tab) -> None:
    grid_of(tab).get_by_role("button", name="Column price").click()
    tab.cell(0).get_by_label("Name of the column").fill("item")
    tab.page.keyboard.press("Enter")
    expect(tab.cell(0).get_by_label("Name of the column")).to_be_visible()  # it is taken
    tab.cell(0).get_by_label("Name of the column").fill("label")
    tab.cell(0).get_by_label("Type of the column").select_option("text")
    tab.cell(0).get_by_role("button", name="Done").click()
    expect_stored(tab, "item:text,label:text\npen,2\nink,3")
    grid_of(tab).get_by_role("button", name="Column label").click()
    tab.cell(0).get_by_role("button", name="Insert left").click()
    expect_stored(tab, "item:text,column_3:text,label:text\npen,,2\nink,,3")
    grid_of(tab).get_by_role("button", name="Column item").click()
    tab.cell(0).get_by_role("button", name="Delete").last.click()
    expect_stored(tab, "column_3:text,label:text\n,2\n,3")

    grid_of(tab).locator(".table-gutter[data-row='1']").click()
    tab.page.get_by_role("menuitem", name="Insert row above").click()
    expect_stored(tab, "column_3:text,label:text\n,2\n,\n,3")
    grid_of(tab).locator(".table-gutter[data-row='0']").click()
    tab.page.get_by_role("menuitem", name="Delete row").click()
    expect_stored(tab, "column_3:text,label:text\n,\n,3")


def test_two_people_at_once(open_tab: OpenTab, tab: Tab, editor: Person, notebook: Notebook) -> None:
    other = open_tab(editor)
    other.open(f"/notebooks/{notebook.id}/")
    expect_rows(other, ["pen", "2"], ["ink", "3"])
    # Somebody types in the last row while another inserts one above it and changes the first.
    value_at(tab, 1, 0).click()
    tab.page.keyboard.insert_text("b")
    tab.page.keyboard.press("b")
    tab.page.keyboard.type("lue")
    expect(value_at(other, 1, 0)).to_have_attribute("title", owner_label(tab))
    grid_of(other).locator(".table-gutter[data-row='0']").click()
    other.page.get_by_role("menuitem", name="Insert row above").click()
    value_at(other, 0, 1).click()
    other.page.keyboard.press("9")
    other.page.keyboard.press("Enter")
    expect_rows(tab, ["", "9"], ["pen", "2"], ["ink", "3"])
    expect(tab.cell(0).locator(".sheet-entry")).to_be_focused()
    tab.page.keyboard.press("Enter")
    for each in (tab, other):
        expect_rows(each, ["", "9"], ["pen", "2"], ["blue", "3"])
    expect_stored(tab, "item:text,price:number\n,9\npen,2\nblue,3")


def owner_label(tab: Tab) -> str:
    return str(tab.page.evaluate("document.body.dataset.username"))


def test_who_may_only_read_cannot_edit(
    open_tab: OpenTab, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, PRICES, kind="sheet")
    tab = open_tab(viewer)
    tab.open(f"/notebooks/{notebook.id}/")
    expect(grid_of(tab)).to_have_attribute("aria-readonly", "true")
    value_at(tab, 0, 0).click()
    for key in ("x", "Enter", "Delete", "F2", "Control+z"):
        tab.page.keyboard.press(key)
    expect(tab.cell(0).locator(".sheet-entry")).to_be_hidden()
    paste(grid_of(tab), "x\ty")
    expect(tab.cell(0).get_by_label("Name of the dataframe")).not_to_be_editable()
    write(owner, cell, "item:text,price:number\nred,2\nink,3")
    expect_rows(tab, ["red", "2"], ["ink", "3"])


def test_the_text_can_be_edited_and_is_shown_if_it_is_no_grid(tab: Tab, owner: Person) -> None:
    expect(tab.cell(0).locator(".cm-content")).to_be_hidden()
    toggle = tab.cell(0).get_by_role("button", name="Edit as text")
    toggle.click()
    tab.type_at_end(0, "\nwax,4")
    expect(grid_of(tab)).to_be_hidden()
    toggle.click()
    expect_rows(tab, ["pen", "2"], ["ink", "3"], ["wax", "4"])
    write(owner, sheet_of(tab), "item:text,item:number\npen,2")
    expect(tab.cell(0).locator("[data-part=problem]")).to_contain_text("Two columns are called “item”")
    expect(tab.cell(0).locator(".cm-content")).to_be_visible()
    write(owner, sheet_of(tab), "item:text,price:number\npen,2")
    expect_rows(tab, ["pen", "2"])
    write(owner, sheet_of(tab), "")
    tab.cell(0).get_by_role("button", name="Begin with two columns").click()
    expect_stored(tab, "item:text,amount:number\n,\n,\n,")


def test_ten_thousand_rows(open_tab: OpenTab, owner: Person, notebook: Notebook) -> None:
    rows = "".join(f"\n{number},name {number}" for number in range(10_000))
    add_cell(owner, notebook, f"n:number,name:text{rows}", kind="sheet")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    value_at(tab, 0, 0).click()
    tab.page.keyboard.press("Control+End")
    expect(value_at(tab, 9_999, 1)).to_have_text("name 9999")
    tab.page.keyboard.press("z")
    tab.page.keyboard.press("Enter")
    expect_stored(tab, f"n:number,name:text{rows[: -len('name 9999')]}z")
    assert grid_of(tab).get_by_role("row").count() < 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(tab: Tab, owner: Person, notebook: Notebook, scheme: str) -> None:
    add_cell(owner, notebook, "# Prices", kind="markdown")
    expect(tab.page.get_by_role("heading", name="Prices")).to_be_visible()
    tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # it is one of those
    value_at(tab, 0, 1).click()
    tab.page.keyboard.press("x")
    found = violations(tab.page)
    tab.page.keyboard.press("Enter")
    expect(value_at(tab, 0, 1)).to_have_attribute("aria-invalid", "true")
    found += violations(tab.page)
    grid_of(tab).get_by_role("button", name="Column price").click()
    found += violations(tab.page)
    assert found == []
