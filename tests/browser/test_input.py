"""Cells that ask people with `input()` and `getpass()`."""

from collections.abc import Callable
from uuid import UUID

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess

OpenTab = Callable[[Person], Tab]

ASK = "name = input('What is your name? ')\nprint('Hello', name)"
ASK_PASSWORD = "import getpass\nprint(len(getpass.getpass('Password: ')))"


def opened(open_tab: OpenTab, person: Person, notebook_id: UUID) -> Tab:
    tab = open_tab(person)
    tab.open(f"/notebooks/{notebook_id}/")
    return tab


def test_a_prompt_is_answered_by_whoever_is_there(
    open_tab: OpenTab,
    worker: WorkerProcess,
    owner: Person,
    editor: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    add_cell(owner, notebook, ASK)
    tab, other, watching = (opened(open_tab, person, notebook.id) for person in (owner, editor, viewer))
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Enter")
    # Whoever ran the cell can type at once.
    field = tab.cell(0).get_by_label("Answer to the cell")
    expect(field).to_be_focused()
    expect(tab.cell(0).locator(".input-prompt-text")).to_have_text("What is your name? ")
    expect(tab.cell(0).locator("[data-part=note]")).to_contain_text("Waiting for input")
    expect(watching.cell(0).locator(".input-prompt")).to_contain_text("waits for an editor")
    expect(watching.cell(0).locator(".input-prompt input")).to_have_count(0)

    other.page.reload()
    other.wait_until_connected()
    answer = other.cell(0).get_by_label("Answer to the cell")
    expect(answer).not_to_be_focused()
    answer.fill("Ada")
    answer.press("Enter")
    for each in (tab, other, watching):
        expect(each.cell(0).locator(".input-prompt")).to_have_count(0)
        expect(each.outputs(0)).to_contain_text("What is your name? Ada")
        expect(each.outputs(0)).to_contain_text("Hello Ada")
        each.expect_status(0, "ok")
    expect(tab.cell(0)).to_be_focused()


def test_a_password_is_masked_and_an_interrupt_takes_the_prompt_away(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, ASK_PASSWORD)
    tab = opened(open_tab, owner, notebook.id)
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Enter")
    field = tab.cell(0).get_by_label("Answer to the cell")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("type", "password")
    tab.page.keyboard.type("open sesame")
    tab.page.keyboard.press("Enter")
    expect(tab.outputs(0)).to_have_text("Password: ········\n11\n", use_inner_text=True)

    tab.cell(0).get_by_role("button", name="Run this cell").click()
    expect(tab.cell(0).locator(".input-prompt")).to_be_visible()
    tab.page.get_by_role("button", name="Interrupt").click()
    expect(tab.cell(0).locator(".input-prompt")).to_have_count(0)
    expect(tab.outputs(0)).to_contain_text("KeyboardInterrupt")
