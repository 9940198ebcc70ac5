"""What the assistant waits for: approvals and answers."""

import re

from playwright.sync_api import expect

from apps.assistant.models import AssistantPolicy
from apps.execution.models import Run
from apps.notebooks.models import Notebook
from tests.browser.assistant.panel import (
    OpenTab,
    ask,
    expect_ended,
    join_conversation,
    open_panel,
    rewrites,
    runs,
    short_id,
)
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    calls,
    says,
)
from tests.support.processes import WorkerProcess
from tests.support.running import run_and_wait


def test_what_needs_approval_waits_for_it(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "precious = 1")
    first, second = (calls(("delete_cell", {"cell_id": str(cell.id)[:8], "version": 0})) for _ in range(2))
    api.script(first, says("It stays."), second, says("It is gone."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Clean up")
    card = panel.get_by_role("group", name="Delete cell 1?")
    expect(card.locator(".cm-content")).to_contain_text("precious = 1")
    expect(tab.page.get_by_role("button", name="Assistant", exact=True)).to_have_attribute(
        "data-state", "waiting"
    )
    tab.page.reload()
    card.get_by_label("Why not").fill("I need it")
    card.get_by_role("button", name="Reject").click()
    expect(panel.locator(".turn").last).to_contain_text("It stays.")
    expect(panel.locator(".step-headline")).to_have_text("Deleting cell 1: rejected")
    expect(tab.page.locator("tandem-cell")).to_have_count(1)

    ask(panel, "Do it all the same")
    card.get_by_role("button", name="Approve").click()
    expect(tab.page.locator("tandem-cell")).to_have_count(0)
    expect(panel.locator(".turn").last).to_contain_text("It is gone.")


def test_a_question_is_answered(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script(
        calls(("ask_user", {"question": "Which colour?", "options": ["Red", "Blue"]})), says("Blue it is.")
    )
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Paint it")
    panel.get_by_role("group", name="Which colour?").get_by_role("button", name="Blue").click()
    expect(panel.locator(".turn")).to_contain_text("Blue it is.")
    expect(panel.get_by_role("group", name="Which colour?")).to_have_count(0)


def test_a_run_says_what_would_run_and_waits(
    open_tab: OpenTab,
    api: MessagesApi,
    worker: WorkerProcess,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """With the reason and the time of each cell; it waits through a reload, and for whoever may edit."""
    first = add_cell(owner, notebook, "import time\ntime.sleep(0.5)\nx = 1")
    second = add_cell(owner, notebook, "print(x + 1)")
    run_and_wait(owner, notebook)
    AssistantPolicy.objects.create(notebook=notebook, approvals="runs")
    api.script(
        calls(rewrites(first, "import time\ntime.sleep(0.5)\nx = 41"), runs(second)),
        says("Then not."),
        calls(runs(second)),
        says("It is 42."),
    )
    tab, other = open_tab(owner), open_tab(editor)
    panel = open_panel(tab, notebook)
    ask(panel, "Make it 42")
    card = panel.get_by_role("group", name="Run 2 cells?")
    for _ in range(2):
        expect(card.locator("[data-part=reason]")).to_contain_text("needs somebody's approval")
        expect(card.locator("[data-part=summary]")).to_contain_text(re.compile(r"2 cells, about 5\d\d ms"))
        rows = card.locator(".plan-row")
        expect(rows.locator("[data-part=cell]")).to_have_text(["cell 1", "cell 2"])
        expect(rows.locator("[data-part=line]")).to_have_text(["import time", "print(x + 1)"])
        expect(rows.locator("[data-part=reasons]")).to_have_text(
            ["stale, and cell 2 needs it", "the assistant wants to run it"]
        )
        expect(rows.first.locator("[data-part=estimate]")).to_have_text(re.compile(r"about 5\d\d ms"))
        expect(tab.page.locator("#assistant-button")).to_have_attribute("data-state", "waiting")
        expect(tab.cell(1)).to_have_attribute("data-assistant", "working")
        tab.page.reload()
    card.get_by_label("Why not").fill("it takes too long")
    card.get_by_role("button", name="Reject").click()
    expect(panel.locator(".turn").last).to_contain_text("Then not.")
    told = str(api.requests[-1]["messages"][-1])
    assert "rejected this. They said: it takes too long" in told
    expect(tab.outputs(1)).to_have_text("2\n")
    assert Run.objects.filter(notebook=notebook).count() == 1

    # Somebody else decides.
    ask(panel, "Do it all the same")
    joined = join_conversation(other, notebook, "Make it 42")
    joined.get_by_role("group", name="Run 2 cells?").get_by_role("button", name="Approve").click()
    for each in (tab, other):
        expect(each.outputs(1)).to_have_text("42\n")
    expect(panel.locator(".turn").last).to_contain_text("It is 42.")
    expect(card).to_have_count(0)
    panel.locator(".step-headline").last.click()
    expect(panel.locator(".step-decision").last).to_contain_text(f"Approved by {editor.user.get_username()}.")


def test_a_page_that_comes_later_is_told_that_something_waits(
    open_tab: OpenTab, api: MessagesApi, owner: Person, editor: Person, viewer: Person, notebook: Notebook
) -> None:
    """With the panel closed, too. Who may not edit sees the card, and who is to decide."""
    cell = add_cell(owner, notebook, "precious = 1")
    api.script(calls(("delete_cell", {"cell_id": short_id(cell), "version": 0})), says("It stays."))
    tab, other, reader = open_tab(owner), open_tab(editor), open_tab(viewer)
    panel = open_panel(tab, notebook)
    ask(panel, "Clean up")
    card = panel.get_by_role("group", name="Delete cell 1?")
    expect(card).to_be_visible()
    other.open(f"/notebooks/{notebook.id}/")
    button = other.page.get_by_role("button", name="Assistant", exact=True)
    expect(button).to_have_attribute("data-state", "waiting")
    expect(other.cell(0)).to_have_attribute("data-assistant", "working")
    seen = join_conversation(reader, notebook, "Clean up").get_by_role("group", name="Delete cell 1?")
    expect(seen).to_contain_text("Somebody who may edit the notebook has to decide.")
    expect(seen.get_by_role("button", name="Approve")).to_be_hidden()

    card.get_by_role("button", name="Reject").click()
    expect_ended(panel.locator(".turn"))
    expect(button).to_have_attribute("data-state", "")
    expect(other.cell(0)).not_to_have_attribute("data-assistant", "working")
    expect(seen).to_have_count(0)
