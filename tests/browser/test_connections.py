"""Database connections in the page: made, chosen above an SQL cell, and used."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import SECRET, Elsewhere
from tests.support.processes import WorkerProcess

OpenTab = Callable[[Person], Tab]


def test_a_connection_is_made_chosen_and_asked(
    open_tab: OpenTab,
    worker: WorkerProcess,
    elsewhere: Elsewhere,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    add_cell(owner, notebook, "SELECT 6 * 7 AS answer, current_user::text AS asked_by", kind="sql")
    tab, watching = open_tab(owner), open_tab(viewer)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_label("Your account").first.click()
    tab.page.get_by_role("menuitem", name="Database connections").click()
    tab.page.get_by_role("link", name="New connection").click()
    fields = {"name": "shop", "host": "127.0.0.1", "port": str(elsewhere.port), "user": "analyst"}
    for name, value in (fields | {"database": "shop", "secret": SECRET}).items():
        tab.page.locator(f"input[name={name}]").fill(value)
    tab.page.get_by_role("button", name="Save").click()
    tab.page.get_by_role("button", name="Test shop").click()
    expect(tab.page.locator(".messages")).to_contain_text("The connection works.")

    for each in (tab, watching):
        each.open(f"/notebooks/{notebook.id}/")
    source = tab.cell(0).get_by_label("Source")
    expect(source).to_have_value("")
    source.focus()
    expect(source.locator("option", has_text="shop")).to_have_count(1)
    source.select_option(label="shop")
    shown = watching.cell(0).get_by_label("Source")
    expect(shown.locator("option:checked")).to_have_text(f"shop (of {owner.user.username})")
    expect(shown).to_be_disabled()
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    for each in (tab, watching):
        expect(each.outputs(0)).to_contain_text("analyst")
        expect(each.outputs(0)).to_contain_text("42")

    source.focus()
    source.select_option(label="Dataframes and files")
    expect(shown).to_have_value("")
    assert Cell.objects.get(notebook=notebook).connection_id is None
