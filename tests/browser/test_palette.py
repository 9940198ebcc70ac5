"""Every command by name, with the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess

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
