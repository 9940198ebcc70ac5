"""The list of notebooks: found, sorted, tagged, copied, thrown away and brought back."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from apps.execution.commands import shutdown_kernel
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell, new_person
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]


def titles(tab: Tab) -> Locator:
    return tab.page.locator(".notebook-title")


def row(tab: Tab, title: str) -> Locator:
    return tab.page.locator(".notebook-row").filter(
        has=tab.page.locator(f'.notebook-title:text-is("{title}")')
    )


def search(tab: Tab, words: str) -> None:
    field = tab.page.get_by_label("Search titles and cells")
    field.fill(words)
    field.press("Enter")


def test_search_in_titles_and_cells(open_tab: OpenTab, server: WebProcess, owner: Person) -> None:
    sales, costs = (create_notebook(actor=owner.actor, title=title) for title in ("Sales", "Costs"))
    add_cell(owner, sales, "import numpy")
    found = add_cell(owner, costs, "first = 1\ntotal = rent + wages")
    others = create_notebook(actor=new_person("somebody").actor, title="Sales of somebody else")
    tab = open_tab(owner)
    search(tab, "sal")
    expect(titles(tab)).to_have_text(["Sales"])
    search(tab, "wages rent")
    expect(titles(tab)).to_have_text(["Costs"])
    line = row(tab, "Costs").locator(".notebook-found")
    expect(line).to_have_text("total = rent + wages")
    line.click()
    tab.wait_until_connected()
    expect(tab.page.locator(f"#cell-{found.id}")).to_be_focused()
    tab.page.goto("/")
    search(tab, "wages numpy")
    expect(tab.page.get_by_role("heading", name="Nothing was found for")).to_be_visible()
    tab.page.get_by_role("link", name="Show all notebooks").click()
    expect(titles(tab)).to_have_text(["Costs", "Sales"])
    assert others.title not in titles(tab).all_inner_texts()


def test_sorted_tagged_and_opened_last(open_tab: OpenTab, server: WebProcess, owner: Person) -> None:
    notebooks = {
        title: create_notebook(actor=owner.actor, title=title) for title in ("Beta", "Alpha", "Gamma")
    }
    add_cell(owner, notebooks["Beta"], "edited = True")
    tab = open_tab(owner)
    order = tab.page.get_by_label("Order")
    expect(titles(tab)).to_have_text(["Beta", "Gamma", "Alpha"])
    order.select_option(label="Newest")
    expect(titles(tab)).to_have_text(["Gamma", "Alpha", "Beta"])
    order.select_option(label="By title")
    expect(titles(tab)).to_have_text(["Alpha", "Beta", "Gamma"])
    tab.open(f"/notebooks/{notebooks['Gamma'].id}/")
    tab.page.goto("/")
    order.select_option(label="Last opened by you")
    expect(titles(tab).first).to_have_text("Gamma")
    expect(row(tab, "Gamma")).to_contain_text("opened just now")
    expect(row(tab, "Beta")).to_contain_text("never opened")

    tab.page.get_by_role("button", name="Tags of Beta").click()
    tab.page.get_by_label("Tags of “Beta”").fill("sales, draft")
    tab.page.get_by_label("Tags of “Beta”").press("Enter")
    expect(row(tab, "Beta").locator(".tag")).to_have_text(["sales", "draft"])
    tab.page.get_by_role("navigation", name="Which notebooks").get_by_role("link", name="draft").click()
    expect(titles(tab)).to_have_text(["Beta"])
    # A search stays within the tag; taken away again, all are there.
    search(tab, "gamma")
    expect(titles(tab)).to_have_count(0)
    search(tab, "")
    tab.page.get_by_role("navigation", name="Which notebooks").get_by_role("link", name="draft").click()
    expect(titles(tab)).to_have_count(3)


def test_those_with_a_kernel(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    idle = create_notebook(actor=owner.actor, title="Idle")
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, "x = 1"))
    tab = open_tab(owner)
    expect(row(tab, notebook.title).get_by_text("kernel on")).to_be_visible()
    expect(row(tab, idle.title).get_by_text("kernel on")).to_have_count(0)
    tab.page.get_by_role("link", name="Kernel on").click()
    expect(titles(tab)).to_have_text([notebook.title])
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)

    def is_off() -> bool:
        tab.page.goto("/")
        return row(tab, notebook.title).get_by_text("kernel on").count() == 0

    wait_until(is_off, "the list shows no kernel any more")


def test_copied_renamed_deleted_and_brought_back(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "kept = 'in the copy'")
    tab = open_tab(owner)
    tab.page.get_by_role("button", name="Duplicate A notebook").click()
    tab.page.wait_for_url(re.compile(r"/notebooks/[0-9a-f-]{36}/$"))
    tab.wait_until_connected()
    assert str(notebook.id) not in tab.page.url
    expect(tab.cell(0).locator(".cm-content")).to_have_text("kept = 'in the copy'")
    tab.page.goto("/")
    expect(titles(tab)).to_have_count(2)
    tab.page.get_by_role("button", name="Rename A notebook").first.click()
    tab.page.get_by_role("dialog", name="Rename the notebook").get_by_label("Title").fill("Renamed")
    tab.page.keyboard.press("Enter")
    expect(row(tab, "Renamed")).to_be_visible()

    tab.page.get_by_role("button", name="Delete Renamed").click()
    card = tab.page.get_by_role("dialog", name="Delete the notebook")
    card.get_by_role("button", name="Keep it").click()
    expect(row(tab, "Renamed")).to_be_visible()
    tab.page.get_by_role("button", name="Delete Renamed").click()
    card.get_by_role("button", name="Delete", exact=True).click()
    expect(row(tab, "Renamed")).to_have_count(0)
    tab.page.get_by_role("link", name="Trash (1)").click()
    expect(row(tab, "Renamed")).to_contain_text("deleted just now")
    tab.page.get_by_role("button", name="Bring back Renamed").click()
    expect(tab.page.locator(".messages")).to_contain_text("“Renamed” is back.")
    row(tab, "Renamed").locator(".notebook-link").click()
    tab.wait_until_connected()
    expect(tab.cell(0).locator(".cm-content")).to_have_text("kept = 'in the copy'")
