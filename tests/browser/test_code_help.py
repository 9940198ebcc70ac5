"""What is offered to whoever types code."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]

LIVE = 'class Box:\n    """What is in the box."""\nbox = Box()\nsetattr(box, "tre" + "asure", 1)\nbox.trinket = 2'


def test_completion_and_inspection(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, LIVE)
    add_cell(owner, notebook, "")
    add_cell(owner, notebook, "")
    run_and_wait(owner, notebook)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    offers = tab.cell(1).locator(".cm-tooltip-autocomplete li")
    chosen = tab.cell(1).locator(".cm-tooltip-autocomplete li[aria-selected=true]")
    keyboard = tab.page.keyboard

    # As one types: what only the living object knows.
    def is_offered() -> bool:
        # A kernel that does not answer in time is not waited for: one types on.
        tab.cell(1).locator(".cm-content").click()
        keyboard.press("Control+a")
        keyboard.type("box.tr", delay=50)
        try:
            expect(offers).to_have_text(["treasure", "trinket"], timeout=1000)
        except AssertionError:
            return False
        return True

    wait_until(is_offered, "what the object has is offered")

    def next_is_chosen() -> bool:
        # Through the offers, not to the next cell. Right after they appear, the editor takes no key for them.
        if offers.count() == 0:
            is_offered()
        keyboard.press("ArrowDown")
        return chosen.all_inner_texts() == ["trinket"]

    wait_until(next_is_chosen, "the second offer is chosen")
    keyboard.press("Enter")
    expect(offers).to_have_count(0)
    assert tab.text_of(1) == "box.trinket"

    # With Tab, which indents where no name is.
    keyboard.press("Control+a")
    keyboard.type("bo")
    expect(offers.filter(has_text="box")).to_have_count(1)
    keyboard.press("Escape")
    expect(offers).to_have_count(0)
    keyboard.press("Tab")
    expect(offers.filter(has_text="box")).to_have_count(1)
    keyboard.press("Escape")
    keyboard.type("x\n")
    keyboard.press("Tab")
    assert tab.text_of(1) == "box\n    "

    # What it is, until something is typed.
    keyboard.press("Control+a")
    keyboard.type("box")
    keyboard.press("Shift+Tab")
    expect(tab.cell(1).locator(".code-inspection")).to_contain_text("What is in the box.")
    keyboard.press("Escape")
    expect(tab.cell(1).locator(".code-inspection")).to_have_count(0)
    expect(tab.cell(1)).to_have_attribute("data-mode", "edit")

    # And where the mouse rests on it.
    tab.page.mouse.move(0, 0)
    tab.cell(1).locator(".cm-line").hover(position={"x": 12, "y": 8})
    expect(tab.cell(1).locator(".cm-tooltip-hover")).to_contain_text("What is in the box.")
    tab.page.mouse.move(0, 0)
    expect(tab.cell(1).locator(".cm-tooltip-hover")).to_have_count(0)

    # What stands in the text, and did not run.
    keyboard.press("Control+a")
    keyboard.type("def weigh(cargo):\n    return car")
    expect(offers).to_have_text(["cargo"])
    keyboard.press("Escape")
