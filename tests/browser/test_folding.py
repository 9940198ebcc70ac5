"""How much of a cell is shown, what is cleared, and ways through a long notebook."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from apps.notebooks.models import Cell, Notebook, Output
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]


@pytest.fixture
def tab(open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook) -> Tab:
    add_cell(owner, notebook, "# Start\n\n## First part", kind="markdown")
    add_cell(owner, notebook, "import math\nradius = 3")
    cell = add_cell(owner, notebook, "math.pi * radius**2")
    for position in range(120):
        body = {"output_type": "display_data", "data": {"text/plain": f"line {position}"}, "metadata": {}}
        Output.objects.create(cell=cell, position=position, body=body)
    add_cell(owner, notebook, "The end\n=======", kind="markdown")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    return tab


def press(tab: Tab, *keys: str) -> None:
    for key in keys:
        tab.page.keyboard.press(key)


def do(tab: Tab, title: str) -> None:
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type(title)
    tab.page.keyboard.press("Enter")


def test_outputs_and_text_are_hidden_for_everybody_and_after_a_reload(
    open_tab: OpenTab, tab: Tab, viewer: Person, notebook: Notebook
) -> None:
    other = open_tab(viewer)
    other.open(f"/notebooks/{notebook.id}/")
    tab.cell(2).focus()
    press(tab, "o")
    for each in (tab, other):
        expect(each.outputs(2)).to_be_hidden()
        expect(each.cell(2).get_by_text("outputs hidden")).to_be_visible()
    do(tab, "Hide or show the text")
    for each in (tab, other):
        expect(each.cell(2).locator(".cell-editor")).to_be_hidden()
        expect(each.cell(2).get_by_text("text hidden")).to_be_visible()
    tab.page.reload()
    tab.wait_until_connected()
    expect(tab.cell(2).locator(".cell-editor")).to_be_hidden()
    tab.cell(2).get_by_role("button", name="text hidden").click()
    tab.cell(2).get_by_role("button", name="outputs hidden").click()
    for each in (tab, other):
        expect(each.cell(2).locator(".cell-editor")).to_be_visible()
        expect(each.outputs(2)).to_be_visible()
    assert Cell.objects.get(source__startswith="math.pi").metadata == {}


def test_long_outputs_begin_in_a_box(tab: Tab) -> None:
    height = "element => element.getBoundingClientRect().height"
    expect(tab.outputs(2)).to_contain_text("line 119")
    expect(tab.cell(2)).to_have_attribute("data-scrolled", "")
    assert tab.outputs(2).evaluate(height) < 700
    tab.cell(2).get_by_role("button", name="Show all").click()
    assert tab.outputs(2).evaluate(height) > 1500
    tab.cell(2).focus()
    press(tab, "Shift+O")
    expect(tab.cell(2)).to_have_attribute("data-scrolled", "")
    press(tab, "z")
    expect(tab.cell(2)).not_to_have_attribute("data-scrolled", "")


def test_outputs_are_cleared(tab: Tab, worker: WorkerProcess, notebook: Notebook) -> None:
    tab.cell(2).focus()
    do(tab, "Clear the outputs")
    expect(tab.outputs(2)).not_to_contain_text("line")
    press(tab, "Shift+Enter")
    tab.expect_status(2, "ok")
    expect(tab.outputs(2)).to_contain_text("28.27")
    do(tab, "Clear all outputs")
    expect(tab.outputs(2)).not_to_contain_text("28.27")
    wait_until(lambda: not Output.objects.filter(cell__notebook=notebook).exists(), "the outputs are gone")


def test_the_outline_leads_to_headings(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Outline").click()
    links = tab.page.locator("tandem-outline a")
    expect(links).to_have_text(["Start", "First part", "The end"])
    expect(links.nth(1)).to_have_attribute("aria-current", "true")
    links.nth(2).click()
    expect(tab.cell(3)).to_be_focused()
    expect(tab.cell(3)).to_be_in_viewport()
    tab.cell(0).focus()
    press(tab, "Enter", "Control+Home", "End")
    tab.page.keyboard.type(" here")
    expect(links.first).to_have_text("Start here")


def test_a_link_to_a_cell(tab: Tab, notebook: Notebook) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.cell(3).focus()
    do(tab, "Copy a link")
    expect(tab.page.locator(".toast").filter(has_text="The link is copied.")).to_be_visible()
    link = tab.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(tab.page.url.split("#")[0] + "#cell-")
    tab.page.goto("about:blank")
    tab.open(link)
    expect(tab.cell(3)).to_be_focused()
    expect(tab.cell(3)).to_be_in_viewport()


def test_to_the_definition(tab: Tab, worker: WorkerProcess) -> None:
    tab.cell(2).locator(".cm-content").click()
    expect(tab.cell(2).locator("[data-part=facts]")).to_contain_text("radius")
    press(tab, "Control+Home", "End", "ArrowLeft", "ArrowLeft", "ArrowLeft", "F12")
    expect(tab.cell(1).locator(".cm-content")).to_be_focused()
    assert tab.page.evaluate("getSelection().toString()") == "radius"
    tab.cell(2).locator(".cm-content").get_by_text("math").click(
        modifiers=["Control"], position={"x": 5, "y": 5}
    )
    expect(tab.cell(1).locator(".cm-content")).to_be_focused()
    tab.page.wait_for_function("getSelection().toString() === 'math'")


def test_line_numbers(tab: Tab) -> None:
    tab.cell(1).focus()
    press(tab, "l")
    expect(tab.cell(1).locator(".cm-lineNumbers")).to_be_visible()
    expect(tab.cell(2).locator(".cm-lineNumbers")).to_have_count(0)
    press(tab, "l")
    expect(tab.cell(1).locator(".cm-lineNumbers")).to_have_count(0)
    press(tab, "Shift+L")
    expect(tab.cell(2).locator(".cm-lineNumbers")).to_be_visible()
    tab.page.reload()
    tab.wait_until_connected()
    expect(tab.cell(2).locator(".cm-lineNumbers")).to_be_visible()


def test_code_is_folded_by_keys_without_line_numbers(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "def f():\n    return 1\n\ndef g():\n    return 2")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    lines = tab.cell(0).locator(".cm-line")
    tab.cell(0).locator(".cm-content").click()
    press(tab, "Control+Home", "Control+Shift+[")
    expect(lines).to_have_count(4)
    press(tab, "Control+Shift+]")
    expect(lines).to_have_count(5)
    press(tab, "Control+Alt+[")
    expect(lines).to_have_count(3)
    do(tab, "Unfold all blocks")
    expect(lines).to_have_count(5)
    tab.cell(0).focus()
    press(tab, "?")
    keys = tab.page.locator("#keys-dialog")
    expect(keys).to_contain_text("Fold the block at the cursor")
    expect(keys).to_contain_text("To the next likely mistake")
