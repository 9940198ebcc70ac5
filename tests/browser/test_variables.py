"""The panel with the variables of the kernel."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.commands import configure_notebook
from apps.notebooks.models import Mode, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess

OpenTab = Callable[[Person], Tab]

SETUP = (
    "import pandas as pd\ntable = pd.DataFrame({'price': range(100)})\nnames = ['Ada', 'Grace']\ncount = 7"
)


def test_variables(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode=Mode.LAZY)
    add_cell(owner, notebook, SETUP)
    add_cell(owner, notebook, "names.append('Edith')")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    panel = tab.page.get_by_role("complementary", name="Variables")
    row_of = panel.locator(".variable")
    tab.page.get_by_role("button", name="Variables").click()
    # The kernel was started when the notebook was opened.
    expect(panel).to_contain_text("There are no variables yet.")

    # They come with a run, and what the next one changes is marked.
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    expect(panel.locator("[data-part=name]")).to_have_text(["count", "names", "table"])
    expect(row_of.filter(has_text="names")).to_contain_text("['Ada', 'Grace']")
    expect(row_of.filter(has_text="table")).to_contain_text("100 × 1")
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    expect(row_of.filter(has_text="names")).to_contain_text("Edith")
    expect(row_of.filter(has_text="names")).to_have_attribute("data-changed", "true")
    expect(row_of.filter(has_text="count")).to_have_attribute("data-changed", "false")

    # What is in one of them stays open and follows.
    panel.get_by_role("button", name="table").click()
    details = row_of.filter(has_text="table").locator(".variable-details")
    expect(details.locator("th")).to_have_text(["", "price"])
    expect(details.locator("tbody tr")).to_have_count(50)
    expect(details).to_contain_text("and 50 more")
    expect(details.get_by_role("link")).to_have_text("cell 1")

    panel.get_by_label("Filter").fill("list")
    expect(panel.locator("[data-part=name]")).to_have_text(["names"])
    panel.get_by_label("Filter").fill("")
    panel.get_by_role("button", name="Size").click()
    expect(panel.locator("[data-part=name]")).to_have_text(["table", "names", "count"])
    tab.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()

    watching = open_tab(viewer)
    watching.open(f"/notebooks/{notebook.id}/")
    expect(watching.page.get_by_role("button", name="Variables")).to_have_count(0)
