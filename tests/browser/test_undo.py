"""`z` takes back what concerns whole cells and the notebook, and `Shift+Z` does it again."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.commands import create_checkpoint, edit_cell
from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import Elsewhere, ask, connect
from tests.support.processes import WebProcess, WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]


def press(tab: Tab, key: str) -> None:
    tab.cell(0).focus()
    tab.page.keyboard.press(key)


def test_the_mode(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")

    def is_mode(mode: str) -> bool:
        notebook.refresh_from_db()
        return notebook.mode == mode

    before = notebook.mode
    other = "lazy" if before == "auto" else "auto"
    tab.page.get_by_role("button", name="When a cell runs").click()
    tab.page.locator(f"[data-command=mode-{other}]").click()
    wait_until(lambda: is_mode(other), "it is chosen")
    press(tab, "z")
    wait_until(lambda: is_mode(before), "it is taken back")
    press(tab, "Shift+Z")
    wait_until(lambda: is_mode(other), "it is done again")


def test_a_restored_checkpoint(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    create_checkpoint(actor=owner.actor, notebook_id=notebook.id, name="first")
    first = cell.source
    edit_cell(
        actor=owner.actor,
        notebook_id=notebook.id,
        cell_id=cell.id,
        source="later = 1",
        expected_version=cell.version,
    )
    add_cell(owner, notebook, "more = 2")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")

    def sources() -> list[str]:
        cells = Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key")
        return list(cells.values_list("source", flat=True))

    def restore() -> None:
        tab.page.get_by_role("button", name="History", exact=True).click()
        tab.page.locator("tandem-checkpoints details", has_text="first").last.locator("summary").click()
        tab.page.locator("tandem-checkpoint").get_by_role("button", name="Restore").last.click()
        wait_until(lambda: sources() == [first], "it is restored")
        tab.page.get_by_role("button", name="Close the history").click()

    restore()
    expect(tab.page.locator("tandem-toasts")).to_contain_text("Restored")
    press(tab, "z")
    wait_until(lambda: sources() == ["later = 1", "more = 2"], "it is taken back")
    expect(tab.page.locator("tandem-cell")).to_have_count(2)
    press(tab, "Shift+Z")
    wait_until(lambda: sources() == [first], "it is done again")


def test_a_cells_connection(
    open_tab: OpenTab, worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "SELECT 1 AS one", kind="sql")
    connection = connect(owner, elsewhere)
    ask(owner, cell, connection)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")

    def connected() -> object:
        cell.refresh_from_db()
        return cell.connection_id

    there = connected()
    assert there is not None
    source = tab.cell(0).get_by_label("Source")
    source.focus()
    source.select_option(label="Dataframes and files")
    wait_until(lambda: connected() is None, "it asks dataframes")
    press(tab, "z")
    wait_until(lambda: connected() == there, "it asks the database again")
