"""SQL cells in the page: what they are made of, how their result is called, and where an error is."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]

FRAME = (
    "import pandas as pd\ncities = pd.DataFrame({'city': ['Paris', 'Rome'], 'people': [21, 28]})\nleast = 25"
)


def test_an_sql_cell(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, FRAME)
    tab, watching = open_tab(owner), open_tab(viewer)
    for each in (tab, watching):
        each.open(f"/notebooks/{notebook.id}/")

    # From the bar below the last cell; it needs the cell above, so that runs too.
    tab.page.locator(".append-bar").get_by_role("button", name="SQL").click()
    name = tab.cell(1).get_by_label("Name of the result")
    expect(name).to_have_value("df_1")
    tab.type_at_end(1, "SELECT city FROM cities WHERE people > {least}")
    expect(tab.cell(1).locator(".cm-line span").first).to_be_visible()
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    tab.expect_status(1, "ok")
    tab.expect_status(0, "ok")
    for each in (tab, watching):
        expect(each.outputs(1)).to_contain_text("Rome")

    # Another name is another program: what has run is stale.
    name.fill("large")
    name.press("Enter")
    expect(watching.cell(1).get_by_label("Name of the result")).to_have_value("large")
    expect(watching.cell(1).get_by_label("Name of the result")).to_have_attribute("readonly", "")
    wait_until(lambda: Cell.objects.filter(result_name="large").exists(), "it is stored")
    expect(tab.cell(1).locator("[data-part=notices]")).to_contain_text("edited since it ran")
    name.fill("no name")
    name.press("Enter")
    expect(tab.page.locator(".toast[data-tone=error]")).to_contain_text("needs a name of Python's")
    expect(name).to_have_value("large")

    tab.page.locator(".append-bar").get_by_role("button", name="Python").click()
    tab.type_at_end(2, "print(len(large))")
    tab.cell(2).get_by_role("button", name="Run this cell").click()
    expect(tab.outputs(2)).to_contain_text("1")

    # An error says the line, and nothing of how it was run.
    tab.type_at_end(1, "\nGROUP BY nothing")
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    tab.expect_status(1, "error")
    expect(tab.outputs(1)).to_contain_text("Line 2: Binder Error")
    expect(tab.outputs(1)).not_to_contain_text("kernel_sql")
    for each in (tab, watching):
        expect(each.cell(1).locator(".cm-failure")).to_have_text("nothing")
    watching.page.reload()
    expect(watching.cell(1).locator(".cm-failure")).to_have_text("nothing")
    expect(tab.outputs(1).get_by_role("link").first).to_have_text("This cell, line 2, column 10")
    tab.type_at_end(1, " ")
    for each in (tab, watching):
        expect(each.cell(1).locator(".cm-failure")).to_have_count(0)

    # Another kind has no result.
    tab.cell(1).get_by_label("Kind of cell").select_option("python")
    expect(tab.cell(1).get_by_label("Name of the result")).to_have_count(0)
