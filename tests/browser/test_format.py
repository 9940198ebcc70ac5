"""Formatting and lint marks in the page."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess


def test_code_is_formatted_and_marked(
    open_tab: Callable[[Person], Tab], server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x=[1,2 ]")
    add_cell(owner, notebook, "def f(:")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    text = tab.cell(0).locator(".cm-content")
    text.click()
    tab.page.keyboard.press("Alt+Shift+F")
    expect(text).to_have_text("x = [1, 2]")
    tab.page.keyboard.press("Control+z")
    expect(text).to_have_text("x=[1,2 ]")
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.insert_text("; nowhere")
    expect(tab.cell(0).locator(".cm-problem")).to_have_text("nowhere")
    card = tab.cell(0).locator(".problem-card")
    tab.cell(0).locator(".cm-problem").hover()
    expect(card).to_have_text("Undefined name `nowhere` (F821)")
    tab.page.mouse.move(0, 0)
    expect(card).to_have_count(0)
    tab.page.keyboard.press("F8")
    expect(card).to_have_text("Undefined name `nowhere` (F821)")
    expect(tab.cell(0).locator("[aria-live]", has_text="Undefined name `nowhere`")).to_have_count(1)
    tab.page.keyboard.press("Control+End")
    expect(card).to_have_count(0)
    tab.page.keyboard.insert_text(" = 1")
    expect(tab.cell(0).locator(".cm-problem")).to_have_count(0)
    tab.cell(1).focus()
    tab.page.keyboard.press("Alt+Shift+F")
    expect(tab.page.locator(".toast").filter(has_text="syntax error")).to_be_visible()
