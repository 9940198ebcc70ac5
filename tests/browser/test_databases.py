"""The panel with the tables of databases, and what is offered while SQL is typed."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from apps.data.commands import create_connection, share_connection
from apps.data.connection_parts import Parts
from apps.notebooks.models import Notebook
from tests.browser.axe import violations
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import Elsewhere, ask, connect
from tests.support.processes import WorkerProcess
from tests.support.running import run_and_wait

GATED = (
    "SELECT i, repeat('x', 5000) AS text, CASE WHEN i = 1 THEN pg_advisory_xact_lock(1) IS NULL "
    "WHEN i = 3000 THEN pg_advisory_xact_lock(2) IS NULL END AS passed FROM generate_series(1, 4000) i"
)

OpenTab = Callable[[Person], Tab]


def test_browse_search_insert_and_complete(
    open_tab: OpenTab,
    worker: WorkerProcess,
    elsewhere: Elsewhere,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    for statement in (
        "CREATE SCHEMA garden",
        "CREATE TABLE garden.plants (id bigint, planted_on date)",
        'CREATE TABLE "Große Bäume" (height numeric(6,2), felled timestamptz)',
        'CREATE VIEW tall_ones AS SELECT height FROM "Große Bäume"',
        "GRANT USAGE ON SCHEMA garden TO analyst",
        "GRANT SELECT ON ALL TABLES IN SCHEMA garden, public TO analyst",
    ):
        elsewhere.execute(statement)
    connection = connect(owner, elsewhere)
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    cell = add_cell(owner, notebook, "SELECT * FROM ", kind="sql")
    ask(owner, cell, connection)
    add_cell(owner, notebook, "# The shop", kind="markdown")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    panel = tab.page.get_by_role("complementary", name="Databases")
    tree = panel.get_by_role("tree")

    def row(name: str) -> Locator:
        label = tab.page.locator("[data-part=label]").get_by_text(name, exact=True)
        return tree.get_by_role("treeitem").filter(has=label)

    # The connection of the cell is open, with the schema whose tables need none before them.
    tab.cell(0).get_by_role("button", name="Tables of the databases").click()
    expect(row("Große Bäume")).to_be_visible()
    expect(row("shop")).to_contain_text("just now")
    expect(row("tall_ones")).to_contain_text("view")
    expect(row("plants")).to_have_count(0)
    row("Große Bäume").locator("[data-part=twisty]").click()
    expect(row("height")).to_contain_text("numeric(6,2)")
    assert violations(tab.page) == []

    # With the keys: to the last column, and back to its table.
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowDown")
    expect(row("felled")).to_be_focused()
    tab.page.keyboard.press("ArrowLeft")
    expect(row("Große Bäume")).to_be_focused()
    expect(row("Große Bäume")).to_have_attribute("aria-expanded", "true")
    tab.page.keyboard.press("ArrowLeft")
    expect(row("felled")).to_have_count(0)

    # A search finds what is closed, and a click puts it where the cursor was.
    search = panel.get_by_label("Search for a table or column")
    search.fill("PLANTED")
    expect(tree.locator("[data-part=label]")).to_have_text(["shop", "garden", "plants", "planted_on"])
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+End")
    row("plants").click()
    expect(tab.cell(0).locator(".cm-content")).to_have_text("SELECT * FROM garden.plants")
    expect(tab.cell(0).locator(".cm-content")).to_be_focused()
    search.fill("")
    row("Große Bäume").focus()
    tab.page.keyboard.press("Enter")
    expect(tab.cell(0).locator(".cm-content")).to_have_text('SELECT * FROM garden.plants"Große Bäume"')

    # What came since is there when somebody looks again.
    elsewhere.execute("CREATE TABLE seeds (id int)")
    elsewhere.execute("GRANT SELECT ON seeds TO analyst")
    expect(row("seeds")).to_have_count(0)
    panel.get_by_role("button", name="Look again").click()
    expect(row("seeds")).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()

    # While one types: tables after a schema, columns of a table, words of SQL.
    offers = tab.page.locator(".cm-tooltip-autocomplete")
    content = tab.cell(0).locator(".cm-content")
    content.click()
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.type("SELECT height FROM gro")
    offers.get_by_role("option", name="Große Bäume").click()
    expect(content).to_have_text('SELECT height FROM "Große Bäume"')
    tab.page.keyboard.type(" CROSS JOIN garden.")
    offers.get_by_role("option", name="plants").click()
    expect(content).to_have_text('SELECT height FROM "Große Bäume" CROSS JOIN garden.plants')
    tab.page.keyboard.type(" AS p whe")
    offers.get_by_role("option", name="WHERE").click()
    tab.page.keyboard.type(" p.")
    offers.get_by_role("option", name="planted_on").click()
    expect(content).to_have_text(
        'SELECT height FROM "Große Bäume" CROSS JOIN garden.plants AS p WHERE p.planted_on'
    )

    # Whoever may not run the notebook has no way there.
    watching = open_tab(viewer)
    watching.open(f"/notebooks/{notebook.id}/")
    expect(watching.cell(0).get_by_label("Source")).to_be_disabled()
    expect(watching.page.get_by_role("button", name="Tables of the databases")).to_have_count(0)


def test_a_database_that_cannot_be_asked_says_why(
    open_tab: OpenTab, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "print(1)")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    panel = tab.page.get_by_role("complementary", name="Databases")

    def open_panel() -> None:
        tab.page.keyboard.press("Control+k")
        tab.page.get_by_role("combobox", name="Find a command").fill("tables of the databases")
        tab.page.keyboard.press("Enter")

    open_panel()
    expect(panel).to_contain_text("No database is shared with this notebook yet.")
    tab.page.keyboard.press("Escape")
    connection = connect(owner, elsewhere, secret="wrong")
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    open_panel()
    expect(panel.get_by_role("treeitem")).to_contain_text("password authentication failed")


def test_a_long_query_says_how_far_it_is(
    open_tab: OpenTab,
    worker: WorkerProcess,
    elsewhere: Elsewhere,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    cell = add_cell(owner, notebook, GATED, kind="sql")
    ask(owner, cell, connect(owner, elsewhere))
    tab, watching = open_tab(owner), open_tab(viewer)
    for each in (tab, watching):
        each.open(f"/notebooks/{notebook.id}/")
    with elsewhere.gate(2):
        with elsewhere.gate(1):
            tab.cell(0).get_by_role("button", name="Run this cell").click()
            for each in (tab, watching):
                expect(each.cell(0).locator(".cell-note")).to_contain_text("waiting for the database")
        for each in (tab, watching):
            expect(each.cell(0).locator(".cell-note")).to_contain_text(re.compile(r"[\d,]+ rows, [\d.]+ MiB"))
    for each in (tab, watching):
        each.expect_status(0, "ok")
        expect(each.cell(0).locator(".cell-note")).to_have_text(
            re.compile(rf"^[\d.]+ (s|min \d+ s) · by {owner.actor.label}$")
        )


def test_the_tables_of_a_file_are_told_by_the_kernel(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    parts = Parts(name="stock", kind="sqlite", database="stock.db")
    connection = create_connection(actor=owner.actor, parts=parts)
    making = "import sqlite3\nlite = sqlite3.connect('stock.db')\nlite.execute('CREATE TABLE seeds (\"a b\" TEXT)')"
    add_cell(owner, notebook, f"{making}\nlite.close()")
    run_and_wait(owner, notebook)
    cell = add_cell(owner, notebook, "SELECT * FROM ", kind="sql")
    ask(owner, cell, connection)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(1).get_by_role("button", name="Tables of the databases").click()
    tree = tab.page.get_by_role("complementary", name="Databases").get_by_role("tree")
    expect(tree.get_by_text("seeds", exact=True)).to_be_visible()
    tab.page.keyboard.press("Escape")
    tab.type_at_end(1, "see")
    offers = tab.page.locator(".cm-tooltip-autocomplete")
    expect(offers.locator(".cm-completionLabel").get_by_text("seeds", exact=True)).to_be_visible()
