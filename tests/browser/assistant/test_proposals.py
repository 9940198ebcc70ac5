"""Proposals, in the cells that they are about: accepted, rejected, rebased, or found not to fit any more."""

from playwright.sync_api import Locator, expect

from apps.execution.models import Run
from apps.notebooks.models import Cell, Notebook
from tests.browser.assistant.panel import (
    PROPOSED_CELL,
    Json,
    OpenTab,
    ask,
    expect_ended,
    open_panel,
    rewrites,
    short_id,
)
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    calls,
    says,
)
from tests.support.running import cells_of


def test_proposals_are_accepted_or_rejected(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    first, second = add_cell(owner, notebook, "a = 1"), add_cell(owner, notebook, "b = 2")

    def edit(cell: Cell, source: str) -> tuple[str, Json]:
        return "update_cell", {"cell_id": str(cell.id)[:8], "version": 0, "source": source}

    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    panel.get_by_label("What the assistant may do").select_option("propose")
    api.script(
        calls(edit(first, "a = 10"), edit(second, "b = 20"), ("create_cell", PROPOSED_CELL)),
        says("See there."),
    )
    ask(panel, "Ten times as much")
    proposals = tab.page.get_by_role("group", name="The assistant proposes to change this cell")
    expect(proposals).to_have_count(2)
    expect(tab.cell(0).locator(".proposal .cm-content").last).to_contain_text("a = 10")
    new_cell = tab.page.get_by_role("group", name="The assistant proposes a new Python cell")
    expect(new_cell.locator(".cm-content")).to_contain_text("c = 3")
    assert tab.text_of(0).startswith("a = 1")

    tab.cell(1).get_by_role("button", name="Reject").click()
    tab.cell(0).get_by_role("button", name="Accept").click()
    expect(proposals).to_have_count(0)
    new_cell.get_by_role("button", name="Accept").click()
    expect(new_cell).to_have_count(0)
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    assert [each.source for each in cells_of(notebook)] == ["a = 10", "b = 2", "c = 3"]


def propose(tab: Tab, panel: Locator, api: MessagesApi, *changes: tuple[str, Json]) -> Locator:
    """The cards of what the assistant proposes, which are then open."""
    panel.get_by_label("What the assistant may do").select_option("propose")
    api.script(calls(*changes), says("See there."))
    ask(panel, "Better, please")
    expect_ended(panel.locator(".turn"))
    cards = tab.page.locator(".proposal")
    expect(cards).to_have_count(len(changes))
    return cards


def text_of(tab: Tab, index: int) -> Locator:
    """That of the cell itself, beside those on its card."""
    return tab.cell(index).get_by_role("textbox", name="Text of the Python cell")


def type_at_end(tab: Tab, index: int, text: str) -> None:
    text_of(tab, index).click()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.insert_text(text)


def sides(card: Locator) -> Locator:
    """What is there, and what would be."""
    return card.locator(".cm-content")


def test_a_proposal_goes_along_with_what_people_type(
    open_tab: OpenTab, api: MessagesApi, owner: Person, editor: Person, viewer: Person, notebook: Notebook
) -> None:
    """Somebody else edits the cell, and somebody else accepts; nothing of it runs."""
    cell = add_cell(owner, notebook, "first = 1\n\nlast = 3")
    tab, other, reader = open_tab(owner), open_tab(editor), open_tab(viewer)
    for each in (other, reader):
        each.open(f"/notebooks/{notebook.id}/")
    panel = open_panel(tab, notebook)
    card = propose(tab, panel, api, rewrites(cell, "total = 100\n\nlast = 3"))
    theirs = other.page.locator(".proposal")
    expect(theirs).to_be_visible()
    type_at_end(other, 0, " # mine")
    for shown in (card, theirs):
        expect(sides(shown)).to_have_count(2)
        expect(sides(shown).first).to_contain_text("first = 1")
        expect(sides(shown).last).to_contain_text("total = 100")
        for side in (sides(shown).first, sides(shown).last):
            expect(side).to_contain_text("last = 3 # mine")
        expect(shown).to_have_attribute("data-status", "open")
    expect(reader.page.locator(".proposal").get_by_role("button", name="Accept")).to_have_count(0)
    expect(text_of(tab, 0)).to_have_text("first = 1last = 3 # mine")

    theirs.get_by_role("button", name="Accept").click()
    for tab_of_one in (tab, other, reader):
        expect(tab_of_one.page.locator(".proposal")).to_have_count(0)
        expect(tab_of_one.cell(0).locator(".cm-line").first).to_have_text("total = 100")
        assert tab_of_one.text_of(0) == "total = 100\n\nlast = 3 # mine"
    assert not Run.objects.filter(notebook=notebook).exists()
    cell.refresh_from_db()
    assert cell.execution_count is None


def test_a_proposal_that_fits_no_more_says_so(
    open_tab: OpenTab, api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """Both texts stay in view, the notebook stays as people wrote it, and anybody who edits can put it away."""
    cell, gone = add_cell(owner, notebook, "first = 1\n\nlast = 3"), add_cell(owner, notebook, "b = 2")
    delete = ("delete_cell", {"cell_id": short_id(gone), "version": 0})
    tab, other = open_tab(owner), open_tab(editor)
    other.open(f"/notebooks/{notebook.id}/")
    panel = open_panel(tab, notebook)
    cards = propose(tab, panel, api, rewrites(cell, "total = 100\n\nlast = 3"), delete)
    other.cell(0).locator(".cm-line").first.click()
    other.page.keyboard.press("Home")
    other.page.keyboard.press("Shift+End")
    other.page.keyboard.insert_text("people = 7")
    type_at_end(other, 1, " + 2")

    edit, removal = cards.nth(0), cards.nth(1)
    for card in (edit, removal):
        expect(card).to_have_attribute("data-status", "stale")
        expect(card.get_by_role("button", name="Accept")).to_be_disabled()
    expect(edit).to_contain_text("Somebody has changed the same text since. It cannot be accepted any more.")
    expect(edit.locator(".comparison-labels span")).to_have_text(["When it was proposed", "Proposed"])
    expect(sides(edit).first).to_contain_text("first = 1")
    expect(sides(edit).last).to_contain_text("total = 100")
    expect(removal).to_contain_text("Somebody has edited the cell since.")
    tab.page.reload()
    expect(edit).to_have_attribute("data-status", "stale")

    theirs = other.page.locator(".proposal")
    theirs.first.get_by_role("button", name="Reject").click()
    expect(theirs).to_have_count(1)
    expect(cards).to_have_count(1)
    theirs.get_by_role("button", name="Reject").click()
    expect(cards).to_have_count(0)
    assert [each.source for each in cells_of(notebook)] == ["people = 7\n\nlast = 3", "b = 2 + 2"]
