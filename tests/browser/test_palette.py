"""Every command by name, with the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]


@pytest.fixture
def tab(open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook) -> Tab:
    for source in ("a = 1", "b = 2"):
        add_cell(owner, notebook, source)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    return tab


def palette(tab: Tab) -> Locator:
    return tab.page.get_by_role("dialog", name="Commands")


def chosen(tab: Tab) -> Locator:
    """What Enter does, as the field tells assistive technology."""
    active = palette(tab).get_by_role("combobox").get_attribute("aria-activedescendant")
    return palette(tab).locator(f"#{active}")


def find_and_do(tab: Tab, letters: str, title: str) -> None:
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type(letters)
    expect(palette(tab).get_by_role("option").first).to_contain_text(title)
    expect(chosen(tab)).to_have_attribute("aria-selected", "true")
    tab.page.keyboard.press("Enter")
    expect(palette(tab)).to_be_hidden()


def test_a_command_is_found_by_some_letters_and_done_on_the_cell(tab: Tab, worker: WorkerProcess) -> None:
    tab.cell(1).focus()
    find_and_do(tab, "mmd", "Make it Markdown")
    expect(tab.cell(1)).to_have_attribute("data-kind", "markdown")
    expect(tab.cell(1)).to_be_focused()
    find_and_do(tab, "undo", "Undo the last change to cells")
    expect(tab.cell(1)).to_have_attribute("data-kind", "python")
    find_and_do(tab, "runall", "Run all cells")
    for index in (0, 1):
        tab.expect_status(index, "ok")
    find_and_do(tab, "dark", "Dark colours")
    expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_it_opens_from_the_text_and_gives_the_focus_back(tab: Tab) -> None:
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Shift+P")
    expect(palette(tab).get_by_role("combobox")).to_be_focused()
    tab.page.keyboard.press("ArrowDown")
    expect(palette(tab).get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    tab.page.keyboard.press("ArrowUp")
    tab.page.keyboard.press("ArrowUp")
    expect(palette(tab).get_by_role("option").last).to_have_attribute("aria-selected", "true")
    tab.page.keyboard.type("zzz")
    expect(palette(tab).get_by_text("No command has these letters.")).to_be_visible()
    tab.page.keyboard.press("Enter")
    expect(palette(tab)).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(palette(tab)).to_be_hidden()
    expect(tab.cell(0).locator(".cm-content")).to_be_focused()


def test_what_was_done_last_comes_first(tab: Tab) -> None:
    tab.cell(0).focus()
    find_and_do(tab, "show all keys", "Show all keys")
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Control+k")
    expect(palette(tab).get_by_role("option").first).to_contain_text("Show all keys")


def test_viewers_find_what_they_may_do(
    open_tab: OpenTab, tab: Tab, viewer: Person, notebook: Notebook
) -> None:
    reading = open_tab(viewer)
    reading.open(f"/notebooks/{notebook.id}/")
    reading.page.keyboard.press("Control+k")
    expect(palette(reading).get_by_role("option").filter(has_text="Dark colours")).to_have_count(1)
    for title in ("Run all cells", "Delete the cells", "Rename the notebook"):
        expect(palette(reading).get_by_role("option").filter(has_text=title)).to_have_count(0)


# What the palette says in other words, or what is one choice of several: the command that stands for it.
STANDS_FOR = {
    "restart": "ask-restart",
    "restart-and-run-all": "ask-restart",
    "shutdown": "ask-shutdown",
    "palette": "palette",
    "save": "save",
    "menu": "plan-cell",
    "up": "move-up",
    "down": "move-down",
    "run": "run-stay",
    "history": "history",
    "edit": "edit",
    "insert": "insert-below-python",
    "plan": "plan-cell",
    "above": "run-above",
    "below": "run-below",
    "show-source": "fold-source",
    "show-outputs": "fold-outputs",
    "show-all": "scroll-outputs",
}
# By keys or by where it is used alone: to open what is open, to save what is saved, to type.
BY_ITSELF = {"palette", "save", "edit"}
# On the version or the checkpoint that was chosen there.
OF_THE_HISTORY = {"compare", "restore-version", "restore-checkpoint"}
# Not now: the cell is of another kind, or there is nothing to do.
NOT_NOW = {"enable", "refresh", "run-stale", "mode-auto", "mode-lazy"}


def test_every_button_and_menu_entry_of_the_page_is_in_it(
    tab: Tab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    """What is added to the page and not to the commands fails here."""
    failed = add_cell(owner, notebook, "1 / 0")
    run_and_wait(owner, notebook, "cell", failed)
    tab.expect_status(2, "error")
    tab.cell(2).focus()
    offered: set[str] = tab.page.evaluate(
        """() => {
            const roots = [document, ...[...document.querySelectorAll("template")].map((each) => each.content)];
            const found = (selector, name) => roots.flatMap((root) =>
                [...root.querySelectorAll(selector)].map((each) => each.dataset[name]));
            return [
                ...found("[data-command]", "command"),
                ...found("[data-action]", "action"),
                ...found("tandem-cell-menu [data-choice]", "choice"),
            ];
        }"""
    )
    assert len(offered) > 30
    tab.page.keyboard.press("Control+k")
    listed = set(palette(tab).get_by_role("option").evaluate_all("rows => rows.map(row => row.dataset.id)"))
    missing = {STANDS_FOR.get(each, each) for each in offered} - listed - BY_ITSELF - NOT_NOW - OF_THE_HISTORY
    assert missing == set()
    for kind in ("python", "markdown", "sql", "sheet", "javascript"):
        assert {f"insert-above-{kind}", f"insert-below-{kind}", f"prepend-{kind}", f"append-{kind}"} <= listed
    assert {"split", "fix", "save-checkpoint", "deleted-cells", "duplicate", "account-log-out"} <= listed
    entries = tab.page.locator("#account-menu [role=menuitem]:not([data-command])").count()
    assert len([each for each in listed if each.startswith("account-")]) == entries


def test_the_notebook_is_duplicated_and_the_account_left_by_name(tab: Tab, notebook: Notebook) -> None:
    tab.cell(0).focus()
    find_and_do(tab, "bring one back", "Show the deleted cells")
    expect(tab.page.get_by_role("tab", name="Deleted cells")).to_have_attribute("aria-selected", "true")
    find_and_do(tab, "save checkpoint", "Save a checkpoint")
    expect(tab.page.locator("tandem-checkpoints input")).to_be_focused()
    before = Notebook.objects.count()
    find_and_do(tab, "duplicate the notebook", "Duplicate the notebook")
    tab.page.wait_for_url(lambda url: str(notebook.id) not in url)
    assert Notebook.objects.count() == before + 1
    tab.page.go_back()
    tab.wait_until_connected()
    find_and_do(tab, "log out", "Log out")
    tab.page.wait_for_url("**/login/**")
