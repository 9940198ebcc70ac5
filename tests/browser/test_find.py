"""Find and replace in all cells."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from apps.notebooks.models import Cell, CellEdit, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WebProcess, wait_until

OpenTab = Callable[[Person], Tab]

SOURCES = ["total = 1", "Total = total + 12", "# The total", "totals"]


@pytest.fixture
def tab(open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook) -> Tab:
    for source in SOURCES:
        add_cell(owner, notebook, source, kind="markdown" if source.startswith("#") else "python")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    return tab


def panel(tab: Tab) -> Locator:
    return tab.page.get_by_role("search", name="Find in all cells")


def count(tab: Tab) -> Locator:
    return panel(tab).locator("[data-part=count]")


def field(tab: Tab, name: str) -> Locator:
    return panel(tab).get_by_role("textbox", name=name, exact=True)


def sources(notebook: Notebook) -> list[str]:
    cells = Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key")
    return list(cells.values_list("source", flat=True))


def test_finding(tab: Tab) -> None:
    tab.page.keyboard.press("Control+f")
    expect(field(tab, "Find")).to_be_focused()
    tab.page.keyboard.type("total")
    expect(count(tab)).to_have_text("1 of 5")
    expect(tab.page.locator(".cm-found")).to_have_count(5)
    tab.page.keyboard.press("Enter")
    expect(count(tab)).to_have_text("2 of 5")
    expect(tab.cell(1).locator(".cm-found-current")).to_have_text("Total")
    tab.page.keyboard.press("Shift+Enter")
    tab.page.keyboard.press("Shift+Enter")
    expect(count(tab)).to_have_text("5 of 5")
    panel(tab).get_by_label("Whole words").check(force=True)
    expect(count(tab)).to_contain_text("of 4")
    panel(tab).get_by_label("Upper and lower case differ").check(force=True)
    expect(count(tab)).to_contain_text("of 3")
    panel(tab).get_by_label("Regular expression").check(force=True)
    field(tab, "Find").fill("tot(al")
    expect(count(tab)).to_have_text("This is no regular expression.")
    field(tab, "Find").fill(r"\d+$")
    expect(count(tab)).to_contain_text("of 2")
    tab.page.keyboard.press("Escape")
    expect(panel(tab)).to_be_hidden()
    expect(tab.page.locator(".cm-found")).to_have_count(0)


def test_an_expression_that_takes_too_long_is_given_up(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "a" * 60 + "!")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.keyboard.press("Control+h")
    panel(tab).get_by_label("Regular expression").check(force=True)
    field(tab, "Find").fill("(a+)+$")
    # Whoever types meanwhile is not held up; in the page itself the search would take longer than the test may.
    field(tab, "Replace by").fill("b")
    expect(field(tab, "Replace by")).to_have_value("b")
    expect(count(tab)).to_have_text("This expression takes too long. Make it simpler.")
    panel(tab).get_by_role("button", name="Replace all").click()
    field(tab, "Find").fill("a+!")
    expect(count(tab)).to_have_text("1 of 1")
    assert sources(notebook) == ["a" * 60 + "!"]
    panel(tab).get_by_role("button", name="Replace all").click()
    wait_until(lambda: sources(notebook) == ["b"], "it is replaced and saved")


def test_what_others_type_is_found(tab: Tab, owner: Person, notebook: Notebook) -> None:
    tab.page.keyboard.press("Control+f")
    panel(tab).get_by_label("Regular expression").check(force=True)
    field(tab, "Find").fill("tot.l")
    expect(count(tab)).to_have_text("1 of 5")
    add_cell(owner, notebook, "total")
    expect(count(tab)).to_have_text("1 of 6")
    write(owner, Cell.objects.get(notebook=notebook, source="totals"), "nothing")
    expect(count(tab)).to_have_text("1 of 5")


def test_replacing_is_an_edit_that_others_see(
    open_tab: OpenTab, tab: Tab, editor: Person, notebook: Notebook
) -> None:
    other = open_tab(editor)
    other.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).locator(".cm-content").dblclick(position={"x": 30, "y": 18})
    tab.page.keyboard.press("Control+h")
    expect(field(tab, "Find")).to_have_value("total")
    expect(field(tab, "Replace by")).to_be_focused()
    tab.page.keyboard.type("total_sum")
    tab.page.keyboard.press("Enter")
    # It goes on behind what came in, though that has it in it.
    expect(count(tab)).to_have_text("2 of 5")
    expect(other.cell(0).locator(".cm-content")).to_have_text("total_sum = 1")
    panel(tab).get_by_label("Regular expression").check(force=True)
    field(tab, "Find").fill(r"(t)otal(?!_)")
    field(tab, "Replace by").fill("$1T")
    panel(tab).get_by_role("button", name="Replace all").click()
    expect(count(tab)).to_have_text("4 replaced")
    wait_until(
        lambda: sources(notebook) == ["total_sum = 1", "TT = tT + 12", "# The tT", "tTs"],
        "everything is replaced and saved",
    )
    expect(count(tab)).to_have_text("4 replaced")
    assert CellEdit.objects.filter(cell__notebook=notebook, actor_label=editor.user.username).count() == 0
    tab.page.keyboard.press("Escape")
    tab.cell(3).locator(".cm-content").click()
    tab.page.keyboard.press("Control+z")
    expect(tab.cell(3).locator(".cm-content")).to_have_text("totals")


def test_viewers_find_and_do_not_replace(
    open_tab: OpenTab, server: WebProcess, tab: Tab, viewer: Person, notebook: Notebook
) -> None:
    reading = open_tab(viewer)
    reading.open(f"/notebooks/{notebook.id}/")
    reading.page.keyboard.press("Control+f")
    reading.page.keyboard.type("total")
    expect(count(reading)).to_have_text("1 of 5")
    expect(panel(reading).get_by_role("button", name="Replace all")).to_have_count(0)
