"""Where the assistant is in the notebook, as everybody sees it."""

import re

from playwright.sync_api import expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.assistant.panel import (
    OpenTab,
    ask,
    expect_ended,
    open_panel,
    rewrites,
)
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    START,
    Gate,
    body,
    calls,
    ends,
    text_block,
)
from tests.support.processes import wait_until


def test_everybody_sees_where_it_works_and_nobody_is_kept_out(
    open_tab: OpenTab, api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """Its cell is marked, it is among the people with a name and a colour, and its cursor stands where it wrote."""
    cell = add_cell(owner, notebook, "first = 1\n\nlast = 3")
    gate = Gate()
    api.script(
        calls(rewrites(cell, "first = 100\n\nlast = 3")),
        [START, gate, *body([text_block("Done.")]), *ends("end_turn")],
    )
    tab, other = open_tab(owner), open_tab(editor)
    other.open(f"/notebooks/{notebook.id}/")
    panel = open_panel(tab, notebook)
    ask(panel, "More")
    gate.wait_until_reached()
    name = f"Assistant for {owner.user.get_username()}"
    for each in (tab, other):
        expect(each.cell(0)).to_have_attribute("data-assistant", "working")
        mark = each.cell(0).locator(".cell-people .mark")
        expect(mark).to_have_attribute("aria-label", name)
        expect(mark).to_have_class(re.compile(r"\bperson-\d\b"))
        expect(each.page.get_by_role("button", name=f"{name}, in cell 1")).to_be_visible()
        expect(each.cell(0).locator(".remote-name", has_text=name)).to_have_count(1)
        expect(each.page.locator("#assistant-button")).to_have_attribute("data-state", "working")
    colours = [
        each.cell(0).locator(".cell-people .mark").evaluate("mark => getComputedStyle(mark).backgroundColor")
        for each in (tab, other)
    ]
    assert colours[0] == colours[1]

    # Nobody is locked out of it meanwhile.
    other.type_at_end(0, " # mine")
    for each in (tab, other):
        expect(each.cell(0).locator(".cm-line").last).to_have_text("last = 3 # mine")
    wait_until(
        lambda: Cell.objects.get(pk=cell.pk).source == "first = 100\n\nlast = 3 # mine",
        "what was typed is stored",
    )
    expect(other.cell(0)).to_have_attribute("data-assistant", "working")

    # Who comes in the middle sees it too.
    other.page.reload()
    expect(other.cell(0)).to_have_attribute("data-assistant", "working")
    expect(other.cell(0).locator(".cell-people .mark")).to_have_attribute("aria-label", name)
    gate.open()
    expect_ended(panel.locator(".turn"))
    for each in (tab, other):
        expect(each.cell(0)).not_to_have_attribute("data-assistant", "working")
        expect(each.page.get_by_role("button", name=f"{name}, in cell 1")).to_have_count(0)
        expect(each.cell(0).locator(".remote-name", has_text=name)).to_have_count(0)
    assert tab.text_of(0) == other.text_of(0) == "first = 100\n\nlast = 3 # mine"
