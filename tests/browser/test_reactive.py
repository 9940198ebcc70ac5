"""Reactive runs on the page: what is stale and why, what runs, what needs what."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess

OpenNotebook = Callable[..., Tab]


@pytest.fixture
def open_notebook(
    open_tab: Callable[[Person], Tab], server: WebProcess, worker: WorkerProcess, notebook: Notebook
) -> OpenNotebook:
    """`open_notebook(person)`: a tab of its own that has the notebook open."""

    def open_notebook(person: Person) -> Tab:
        tab = open_tab(person)
        tab.open(f"/notebooks/{notebook.id}/")
        return tab

    return open_notebook


@pytest.fixture
def chain(owner: Person, notebook: Notebook) -> None:
    """Each cell needs the one before it, and shows a value; the first is a text."""
    add_cell(owner, notebook, "# Doubling", kind="markdown")
    for source in ("x = 1", "y = x * 2\ny", "z = y * 2\nz"):
        add_cell(owner, notebook, source)


TEXT, X, Y, Z = range(4)


def notices(tab: Tab, index: int) -> Locator:
    return tab.cell(index).locator(".cell-notice:not([data-tone=never_ran])")


def note(tab: Tab, index: int) -> Locator:
    """How the last run of the cell went."""
    return tab.cell(index).locator("[data-part=note]")


def run_all(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Run all", exact=True).click()


def run_stale(tab: Tab) -> Locator:
    return tab.page.locator("[data-command=run-stale]")


def choose_mode(tab: Tab, name: str) -> None:
    tab.page.locator("button.run-mode").click()
    tab.page.get_by_role("menuitemradio", name=name).click()


def choose_in_menu(tab: Tab, index: int, name: str) -> None:
    tab.cell(index).focus()
    tab.cell(index).get_by_role("button", name="More to do with the cell").click()
    tab.page.get_by_role("menuitem", name=name).click()


def test_an_edit_makes_stale_and_a_run_of_the_stale_mends_it(
    open_notebook: OpenNotebook, owner: Person, chain: None
) -> None:
    tab = open_notebook(owner)
    expect(tab.cell(X)).to_have_attribute("data-standing", "never_ran")
    expect(run_stale(tab)).to_be_hidden()
    run_all(tab)
    expect(tab.outputs(Z)).to_have_text("4")
    for index in (X, Y, Z):
        expect(tab.cell(index)).to_have_attribute("data-standing", "")

    tab.type_at_end(X, "0")
    expect(notices(tab, X)).to_have_text("Stale: edited since it ran")
    expect(notices(tab, Y)).to_have_text("Stale: it reads x from cell 2, which is stale")
    expect(notices(tab, Z)).to_have_text("Stale: it reads y from cell 3, which is stale")
    expect(run_stale(tab)).to_have_text("Run stale (3)")
    run_stale(tab).click()
    expect(tab.outputs(Z)).to_have_text("40")
    expect(run_stale(tab)).to_be_hidden()
    for index in (X, Y, Z):
        expect(notices(tab, index)).to_have_count(0)


def test_each_cell_says_who_ran_it(
    open_notebook: OpenNotebook, owner: Person, editor: Person, chain: None
) -> None:
    tab, other = open_notebook(owner), open_notebook(editor)
    run_all(tab)
    for each in (tab, other):
        expect(each.outputs(Z)).to_have_text("4")
        for index in (X, Y, Z):
            expect(note(each, index)).to_have_text(re.compile(r"^\d+ ms · by owner\S*$"))
    expect(note(tab, TEXT)).to_be_empty()
    other.cell(Y).focus()
    other.page.keyboard.press("Control+Enter")
    asked, reactive = (
        re.compile(r"^\d+ ms · by editor\S*$"),
        re.compile(r"^\d+ ms · reactive run by editor\S*$"),
    )
    for each in (tab, other):
        expect(note(each, Y)).to_have_text(asked)
        expect(note(each, Z)).to_have_text(reactive)
        each.page.reload()
        expect(note(each, X)).to_have_text(re.compile(r" · by owner\S*$"))
        expect(note(each, Y)).to_have_text(asked)
        expect(note(each, Z)).to_have_text(reactive)


def test_a_blocked_cell_names_the_one_that_failed(
    open_notebook: OpenNotebook, owner: Person, notebook: Notebook
) -> None:
    for source in ("broken = 1 / 0", "broken + 1", "'not concerned'"):
        add_cell(owner, notebook, source)
    tab = open_notebook(owner)
    run_all(tab)
    tab.expect_status(0, "error")
    tab.expect_status(2, "ok")
    expect(notices(tab, 1)).to_have_text("Did not run: cell 1 failed")
    notices(tab, 1).get_by_role("link", name="cell 1").click()
    expect(tab.cell(0)).to_be_focused()


def test_the_mode_decides_what_a_run_takes_along(
    open_notebook: OpenNotebook, owner: Person, editor: Person, chain: None
) -> None:
    tab, other = open_notebook(owner), open_notebook(editor)
    run_all(tab)
    expect(tab.outputs(Z)).to_have_text("4")
    choose_mode(tab, "Lazy")
    expect(other.page.locator(".run-mode")).to_contain_text("Lazy")
    tab.type_at_end(X, "0")
    tab.page.keyboard.press("Control+Enter")
    expect(notices(tab, X)).to_have_count(0)
    expect(notices(tab, Y)).to_contain_text("x has changed since it ran")
    expect(tab.outputs(Z)).to_have_text("4")

    choose_mode(other, "Automatic")
    expect(tab.page.locator(".run-mode")).to_contain_text("Automatic")
    tab.type_at_end(X, "0")
    tab.page.keyboard.press("Control+Enter")
    expect(tab.outputs(Z)).to_have_text("400")
    expect(run_stale(tab)).to_be_hidden()


def test_a_disabled_cell_says_so_and_so_does_what_needs_it(
    open_notebook: OpenNotebook, owner: Person, chain: None
) -> None:
    tab = open_notebook(owner)
    choose_in_menu(tab, Y, "Disable")
    expect(notices(tab, Y)).to_contain_text("Disabled")
    expect(notices(tab, Z)).to_have_text("Does not run: it needs cell 3, which is disabled")
    run_all(tab)
    tab.expect_status(X, "ok")
    expect(run_stale(tab)).to_be_hidden()
    tab.expect_status(Z, "idle")
    notices(tab, Y).get_by_role("button", name="Enable").click()
    expect(notices(tab, Y)).to_have_count(0)
    run_all(tab)
    expect(tab.outputs(Z)).to_have_text("4")


def test_cells_that_need_each_other_say_how(
    open_notebook: OpenNotebook, owner: Person, notebook: Notebook
) -> None:
    for source in ("a = b + 1", "b = a + 1", "a + b", "def broken(:"):
        add_cell(owner, notebook, source)
    tab = open_notebook(owner)
    expect(notices(tab, 0)).to_have_text("Needs itself: cell 1 → cell 2 → cell 1, by a, b")
    expect(notices(tab, 1)).to_have_text("Needs itself: cell 2 → cell 1 → cell 2, by a, b")
    expect(notices(tab, 2)).to_contain_text(", which needs itself")
    unreadable = tab.cell(3).locator("[data-tone=unreadable]")
    expect(unreadable).to_be_visible()
    tab.cell(3).locator(".cm-content").click()
    expect(unreadable).to_be_hidden()


def test_a_plan_is_shown_before_it_is_run(open_notebook: OpenNotebook, owner: Person, chain: None) -> None:
    tab = open_notebook(owner)
    choose_in_menu(tab, Y, "What will run?")
    plan = tab.page.get_by_role("dialog", name="What will run?")
    expect(plan.locator(".plan-row")).to_have_count(3)
    expect(plan.locator(".plan-row").nth(1)).to_contain_text("cell 3")
    expect(plan.locator(".plan-row").nth(1)).to_contain_text("you asked")
    plan.get_by_role("link", name="cell 4", exact=True).click()
    expect(tab.cell(Z)).to_be_focused()
    plan.get_by_role("button", name="Run", exact=True).click()
    expect(plan).to_be_hidden()
    expect(tab.outputs(Z)).to_have_text("4")

    tab.page.get_by_role("button", name="More to run").click()
    tab.page.get_by_role("menuitem", name="What will run?").click()
    expect(plan.locator(".plan-row")).to_have_count(3)
    plan.get_by_role("button", name="Stale cells").click()
    expect(plan).to_contain_text("Nothing would run.")


def test_restart_and_run_all(open_notebook: OpenNotebook, owner: Person, chain: None) -> None:
    tab = open_notebook(owner)
    run_all(tab)
    expect(tab.cell(Z)).to_contain_text("In [3]:")
    run_all(tab)
    expect(tab.cell(Z)).to_contain_text("In [6]:")
    tab.page.get_by_role("button", name="More to run").click()
    tab.page.get_by_role("menuitem", name="Restart and run all").click()
    tab.page.get_by_role("button", name="Restart and run all").click()
    expect(tab.cell(Z)).to_contain_text("In [3]:")
    tab.expect_status(Z, "ok")
    expect(run_stale(tab)).to_be_hidden()


def test_what_a_cell_reads_and_writes_is_told_over_it(
    open_notebook: OpenNotebook, owner: Person, notebook: Notebook, chain: None
) -> None:
    add_cell(owner, notebook, "y = 0")
    tab = open_notebook(owner)
    tab.cell(Y).hover()
    facts = tab.cell(Y).locator(".cell-facts")
    expect(facts).to_have_text("not run yet · reads x · writes y")
    expect(tab.page.locator(".minimap circle.producers:not(.here)")).to_have_count(1)
    expect(tab.page.locator(".minimap circle.dependents:not(.here)")).to_have_count(1)
    facts.hover()
    card = tab.page.get_by_role("dialog", name="cell 3")
    expect(card).to_contain_text("x from cell 2")
    expect(card).to_contain_text("y read by cell 4; also written by cell 5")
    expect(card).to_contain_text("Names that several cells write (1)")
    card.get_by_role("link", name="cell 4").click()
    expect(tab.cell(Z)).to_be_focused()
    expect(card).to_be_hidden()

    facts.focus()
    expect(card).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_the_graph_shows_the_cells_that_run_and_leads_to_them(
    open_notebook: OpenNotebook, owner: Person, chain: None
) -> None:
    tab = open_notebook(owner)
    run_all(tab)
    expect(tab.outputs(Z)).to_have_text("4")
    tab.page.get_by_role("button", name="Graph", exact=True).click()
    nodes = tab.page.locator(".graph-node")
    expect(nodes).to_have_count(3)
    expect(tab.page.locator(".graph-line")).to_have_count(2)
    expect(nodes.nth(0)).to_have_accessible_name("Cell 2, x: up to date")
    nodes.nth(2).click()
    expect(tab.cell(Z)).to_be_focused()
    tab.type_at_end(Y, " + 0")
    expect(nodes.nth(1)).to_have_attribute("data-state", "stale")
    expect(nodes.nth(0)).to_have_attribute("data-state", "fresh")

    nodes.nth(0).focus()
    tab.page.keyboard.press("ArrowDown")
    expect(nodes.nth(1)).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.cell(Y)).to_be_focused()
    nodes.nth(1).focus()
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("tandem-graph")).to_be_hidden()


def test_who_may_only_look_sees_all_and_changes_nothing(
    open_notebook: OpenNotebook, owner: Person, viewer: Person, chain: None
) -> None:
    tab, watching = open_notebook(owner), open_notebook(viewer)
    run_all(tab)
    choose_in_menu(tab, Z, "Disable")
    tab.type_at_end(X, "0")
    expect(notices(watching, X)).to_have_text("Stale: edited since it ran")
    expect(notices(watching, Z)).to_contain_text("Disabled")
    expect(watching.page.locator(".run-mode")).to_contain_text("Automatic")
    watching.cell(X).hover()
    expect(watching.cell(X).locator(".cell-facts")).to_be_visible()
    for selector in (
        "button.run-mode",
        "[data-command=run-stale]",
        "[data-action=enable]",
        "[data-action=menu]",
    ):
        expect(watching.page.locator(selector)).to_have_count(0)
