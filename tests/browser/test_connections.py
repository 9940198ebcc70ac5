"""Database connections in the page: made, chosen above an SQL cell, and used."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import SECRET, Elsewhere, ask, connect
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


def test_an_answer_is_kept_and_refreshed(
    open_tab: OpenTab,
    worker: WorkerProcess,
    elsewhere: Elsewhere,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    elsewhere.execute("DROP TABLE IF EXISTS stock; CREATE TABLE stock AS SELECT 'plums' AS goods")
    elsewhere.execute("GRANT SELECT ON stock TO analyst")
    ask(owner, add_cell(owner, notebook, "SELECT goods FROM stock", kind="sql"), connect(owner, elsewhere))
    tab, watching = open_tab(owner), open_tab(viewer)
    for each in (tab, watching):
        each.open(f"/notebooks/{notebook.id}/")
    cell, outputs = tab.cell(0), tab.outputs(0)
    kept, refresh = (
        cell.get_by_label("How long an answer is kept"),
        cell.get_by_role("button", name="Refresh"),
    )
    expect(kept.locator("option:checked")).to_have_text("Ask each time")
    expect(refresh).to_be_hidden()
    kept.select_option(label="Keep 10 min")
    shown = watching.cell(0).get_by_label("How long an answer is kept")
    expect(shown.locator("option:checked")).to_have_text("Keep 10 min")
    expect(shown).to_be_disabled()
    expect(watching.cell(0).get_by_role("button", name="Refresh")).to_have_count(0)

    run = cell.get_by_role("button", name="Run this cell")
    run.click()
    expect(outputs).to_contain_text("plums")
    expect(outputs).not_to_contain_text("As of")
    elsewhere.execute("UPDATE stock SET goods = 'pears'")
    run.click()
    expect(outputs).to_contain_text("As of")
    expect(outputs).to_contain_text("plums")
    watching.page.reload()
    expect(watching.outputs(0).locator("time")).to_have_text(re.compile(r"^\d+:\d\d"))
    refresh.click()
    expect(outputs).to_contain_text("pears")
    expect(outputs).not_to_contain_text("As of")
    ask(owner, Cell.objects.get(notebook=notebook), None)
    expect(kept).to_be_hidden()
