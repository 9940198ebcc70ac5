"""The assistant in cells: asked from one, and suggesting while somebody types."""

from playwright.sync_api import expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.assistant.panel import (
    OpenTab,
    expect_ended,
    open_panel,
    panel_of,
    rewrites,
)
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    calls,
    says,
)
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import run_and_wait


def test_from_a_cell(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "1 / 0")
    api.script(says("Do not divide by zero."), says("I would."))
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    tab.cell(0).get_by_role("button", name="Fix with AI").click()
    panel = tab.page.get_by_role("complementary", name="Assistant")
    expect(panel.locator(".turn-message")).to_have_text(
        "@cell 1 fails. Find out why, mend it and run it again."
    )
    expect(panel).to_contain_text("Do not divide by zero.")
    assert "1 / 0" in str(api.requests[-1]["messages"])

    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+i")
    tab.cell(0).get_by_label("What should change in this cell?").fill("divide by two")
    tab.page.keyboard.press("Enter")
    expect(panel.locator(".turn-message").last).to_have_text("In @cell 1: divide by two")
    expect(panel).to_contain_text("I would.")


def test_suggestions_while_one_types(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "")
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    before = len(api.requests)
    text = tab.cell(0).locator(".cm-content")

    # Nothing is asked before somebody wants it.
    wanted = panel.get_by_label("Suggest while I type in cells")
    expect(wanted).not_to_be_checked()
    wanted.check()
    tab.page.keyboard.press("Escape")
    api.script(says("ange(3):\n    print(i)"))
    text.click()
    tab.page.keyboard.type("for i in r")
    suggested = tab.cell(0).locator(".suggested-text")
    expect(suggested).to_have_text("ange(3):\n    print(i)", use_inner_text=True)
    # Who types what was suggested sees the rest of it; Tab takes that, and the others get it like typed text.
    tab.page.keyboard.type("an")
    expect(suggested).to_have_text("ge(3):\n    print(i)", use_inner_text=True)
    tab.page.keyboard.press("Tab")
    expect(suggested).to_have_count(0)
    expect(text).to_have_text("for i in range(3):    print(i)")
    wait_until(
        lambda: Cell.objects.get(pk=cell.pk).source == "for i in range(3):\n    print(i)", "it is stored"
    )

    # Escape leaves it, and stays in the text.
    api.script(says("# more"))
    tab.page.keyboard.press("Enter")
    expect(suggested).to_have_text("# more")
    tab.page.keyboard.press("Escape")
    expect(suggested).to_have_count(0)
    api.script(says(""))
    tab.page.keyboard.type("pass")
    expect(text).to_contain_text("pass")
    api.wait_for_requests(before + 3)
    first, *_ = api.requests[before:]
    assert "for i in r<cursor/>" in str(first["messages"])


def test_a_cell_is_explained(
    open_tab: OpenTab,
    api: MessagesApi,
    worker: WorkerProcess,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    """From its menu; beside its error, by those too who may only look."""
    add_cell(owner, notebook, "x = 41 + 1\nx")
    add_cell(owner, notebook, "1 / 0")
    run_and_wait(owner, notebook)
    api.script(says("It is 42."), says("By nothing one cannot divide."))
    tab, reader = open_tab(owner), open_tab(viewer)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).focus()
    tab.cell(0).get_by_role("button", name="More to do with the cell").click()
    tab.page.get_by_role("menuitem", name="Explain").click()
    panel = panel_of(tab)
    expect(panel.locator(".turn-message")).to_have_text("Explain what @cell 1 does and what it shows.")
    expect(panel).to_contain_text("It is 42.")
    assert "x = 41 + 1" in str(api.requests[-1]["messages"])

    reader.open(f"/notebooks/{notebook.id}/")
    expect(reader.cell(1).get_by_role("button", name="Fix with AI")).to_have_count(0)
    reader.cell(1).get_by_role("button", name="Explain").click()
    theirs = panel_of(reader)
    expect(theirs.locator(".turn-message")).to_have_text(
        "Explain why @cell 2 fails, and how it can be mended."
    )
    expect(theirs).to_contain_text("By nothing one cannot divide.")
    assert "1 / 0" in str(api.requests[-1]["messages"])


def test_a_cell_is_edited_by_instruction(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """Escape puts the line away; what it makes of the cell is there, with a mark that leads to the turn."""
    cell = add_cell(owner, notebook, "a = 1")
    api.script(calls(rewrites(cell, "a = 1000")), says("Done."))
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    text, line = (
        tab.cell(0).locator(".cm-content"),
        tab.cell(0).get_by_label("What should change in this cell?"),
    )
    text.click()
    tab.page.keyboard.press("Control+i")
    line.press("Escape")
    expect(line).to_have_count(0)
    expect(text).to_be_focused()
    tab.page.keyboard.press("Control+i")
    line.fill("a thousand times as much")
    line.press("Enter")
    expect(text).to_have_text("a = 1000")
    panel = panel_of(tab)
    expect_ended(panel.locator(".turn"))
    assert "a thousand times as much" in str(api.requests[0]["messages"])
    panel.get_by_role("button", name="New conversation").click()
    expect(panel.locator(".turn")).to_have_count(0)
    tab.cell(0).get_by_role("button", name="Written by the assistant").click()
    expect(panel.locator(".turn-message")).to_have_text("In @cell 1: a thousand times as much")
