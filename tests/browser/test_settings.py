"""What a person chose counts at once, in every page they have open, and is there with the next one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.accounts.preferences import preferences_of, set_preferences
from apps.notebooks.models import Notebook
from tests.browser.cable import Cable
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]


@pytest.fixture
def tab(open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook) -> Tab:
    for source in ("a = 1", "b = 2"):
        add_cell(owner, notebook, source)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    return tab


def text_of(tab: Tab, index: int) -> Locator:
    return tab.cell(index).locator(".cm-content")


def expect_theme(page: Page, theme: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


def reload(tab: Tab) -> None:
    """Once the server has all that was typed: a page that goes before asks."""
    expect(tab.page.locator("tandem-connection [data-part=label]")).to_have_text("Saved")
    tab.page.reload()
    tab.wait_until_connected()


def test_a_choice_counts_in_all_pages_at_once(tab: Tab, open_tab: OpenTab, owner: Person) -> None:
    settings = tab.page.context.new_page()
    settings.goto("/")
    settings.get_by_role("button", name="Your account").click()
    settings.get_by_role("menuitem", name="Settings").click()
    elsewhere = open_tab(owner)
    elsewhere.open(tab.page.url)

    code_px = text_of(tab, 0).evaluate("(text) => parseFloat(getComputedStyle(text).fontSize)")
    settings.get_by_text("Dark", exact=True).click()
    expect(settings.get_by_role("status")).to_contain_text("Saved")
    settings.get_by_text("Huge").click()
    settings.get_by_label("Number the lines").check()
    expect(tab.cell(1).locator(".cm-lineNumbers")).to_be_visible()
    for page in (settings, tab.page, elsewhere.page):
        expect_theme(page, "dark")
        expect(page.locator("html")).to_have_attribute("data-code-size", "huge")
        expect(page.locator("html")).to_have_attribute("data-line-numbers", "true")
    assert text_of(tab, 0).evaluate("(text) => parseFloat(getComputedStyle(text).fontSize)") > code_px
    expect(elsewhere.cell(0).locator(".cm-lineNumbers")).to_be_visible()

    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("light colours")
    tab.page.keyboard.press("Enter")
    for page in (settings, tab.page, elsewhere.page):
        expect_theme(page, "light")
    expect(settings.get_by_role("radio", name="Light")).to_be_checked()
    assert preferences_of(owner.actor)["theme"] == "light"


def test_a_choice_that_cannot_be_kept_is_taken_back(tab: Tab) -> None:
    tab.page.goto("/settings/")
    tab.page.context.set_offline(True)
    tab.page.get_by_text("Dark", exact=True).click()
    expect(tab.page.get_by_role("status")).to_contain_text("The connection broke off.")
    expect_theme(tab.page, "system")
    expect(tab.page.get_by_role("radio", name="System")).to_be_checked()
    tab.page.context.set_offline(False)


def test_keys_of_vim(tab: Tab, owner: Person, worker: WorkerProcess) -> None:
    set_preferences(actor=owner.actor, key_map="vim")
    reload(tab)
    keys = tab.page.keyboard
    text_of(tab, 0).click()
    expect(tab.cell(0).locator(".cm-vimMode")).to_be_visible()
    keys.type("0cwname")
    expect(text_of(tab, 0)).to_have_text("name = 1")
    keys.press("Escape")  # from insert mode to normal mode
    expect(text_of(tab, 0)).to_be_focused()
    expect(tab.cell(0).locator(".cm-vimMode")).to_be_visible()
    keys.type("d")
    keys.press("Escape")  # from an operator that waits
    expect(text_of(tab, 0)).to_be_focused()
    keys.type("v")
    keys.press("Escape")  # from visual mode
    expect(text_of(tab, 0)).to_be_focused()
    keys.press("Escape")
    expect(tab.cell(0)).to_be_focused()
    keys.press("j")
    expect(tab.cell(1)).to_be_focused()
    keys.press("Enter")
    expect(text_of(tab, 1)).to_be_focused()
    keys.type("A + 40")
    keys.press("Shift+Enter")
    tab.expect_status(1, "ok")
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    expect(text_of(tab, 1)).to_have_text("b = 2 + 40")


def test_keys_of_emacs(tab: Tab, owner: Person, worker: WorkerProcess) -> None:
    set_preferences(actor=owner.actor, key_map="emacs")
    reload(tab)
    keys = tab.page.keyboard
    text_of(tab, 0).click()
    keys.press("End")
    wait_until(lambda: _kills_the_line(tab), "Ctrl+K is that of Emacs")
    keys.type("c = 3")
    keys.press("Escape")
    expect(tab.cell(0)).to_be_focused()
    keys.press("Control+Enter")
    tab.expect_status(0, "ok")
    expect(text_of(tab, 0)).to_have_text("c = 3")
    # Where no text is edited it is the page's.
    keys.press("Control+k")
    expect(tab.page.get_by_role("dialog", name="Commands")).to_be_visible()


def _kills_the_line(tab: Tab) -> bool:
    """The keys come a moment after the page."""
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.press("Control+k")
    return tab.text_of(0) == ""


def test_the_page_says_that_what_is_typed_is_saved(tab: Tab, cable: Cable, notebook: Notebook) -> None:
    label = tab.page.locator("tandem-connection [data-part=label]")
    tab.open(f"{cable.url}/notebooks/{notebook.id}/")
    expect(label).to_have_text("Saved")
    cable.to_server.clear()
    tab.type_at_end(0, "00")
    expect(label).to_have_text("Saving…")
    cable.mend()
    expect(label).to_have_text("Saved")
