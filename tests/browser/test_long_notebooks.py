"""A notebook of hundreds of cells: the first come first, the others when they are needed, and nothing is missing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from apps.notebooks.commands import edit_cell, import_notebook
from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person
from tests.support.processes import wait_until

OpenTab = Callable[[Person], Tab]

CELLS = 300


@pytest.fixture
def long_notebook(owner: Person) -> Notebook:
    cells = [markdown(number) if number % 10 == 9 else code(number) for number in range(CELLS)]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return import_notebook(actor=owner.actor, content=json.dumps(content).encode())


def code(number: int) -> dict[str, Any]:
    text = "".join(f"line {line} of {number}\n" for line in range(12))
    output: dict[str, Any] = {"output_type": "stream", "name": "stdout", "text": text}
    if number % 7 == 3:
        table = f"<table>{f'<tr><td>{number}</td></tr>' * (number % 23)}</table>"
        output = {"output_type": "display_data", "data": {"text/html": table}, "metadata": {}}
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {},
        "execution_count": number,
        "source": f"number = {number}\nprint(number)",
        "outputs": [output],
    }


def markdown(number: int) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": f"cell-{number}", "metadata": {}, "source": f"## Part {number}"}


def ids_of(notebook: Notebook) -> list[str]:
    cells = Cell.objects.filter(notebook=notebook).order_by("order_key")
    return [str(cell_id) for cell_id in cells.values_list("id", flat=True)]


def test_all_cells_come_in_their_order(open_tab: OpenTab, owner: Person, long_notebook: Notebook) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/")
    expect(tab.page.locator("tandem-cell")).to_have_count(CELLS)
    shown = tab.page.locator("tandem-cell").evaluate_all("cells => cells.map(cell => cell.dataset.cellId)")
    assert shown == ids_of(long_notebook)
    expect(tab.outputs(0)).to_contain_text("line 3 of 0")
    assert tab.outputs(200).locator("*").count() == 0


def test_what_is_scrolled_to_is_drawn(open_tab: OpenTab, owner: Person, long_notebook: Notebook) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/")
    expect(tab.page.locator("tandem-cell")).to_have_count(CELLS)

    def is_drawn(number: int, *expected: Locator) -> bool:
        """What is drawn above it may move it away again."""
        tab.cell(number).scroll_into_view_if_needed()
        return all(each.count() for each in expected)

    text = tab.cell(200).locator(".cm-content").filter(has_text="number = 200")
    output = tab.outputs(200).filter(has_text="line 3 of 200")
    wait_until(lambda: is_drawn(200, text, output), "the cell is drawn")
    heading = tab.cell(209).locator("h2").filter(has_text="Part 209")
    wait_until(lambda: is_drawn(209, heading), "the text is drawn")
    # The editors that nobody used are closed again, and their text stays.
    expect(tab.cell(0).locator(".cm-content")).to_have_count(0)
    expect(tab.cell(0).locator("[data-part=source]")).to_contain_text("number = 0")


def test_what_was_typed_stays_in_its_editor(
    open_tab: OpenTab, owner: Person, long_notebook: Notebook
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/")
    expect(tab.page.locator("tandem-cell")).to_have_count(CELLS)
    tab.type_at_end(0, "\ntyped = True")
    tab.cell(1).focus()
    tab.cell(250).scroll_into_view_if_needed()
    expect(tab.cell(250).locator(".cm-content")).to_be_visible()
    tab.cell(0).scroll_into_view_if_needed()
    assert "typed = True" in tab.text_of(0)
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Z")
    expect(tab.cell(0).locator(".cm-content")).not_to_contain_text("typed")


@pytest.fixture
def busy_tab(open_tab: OpenTab, owner: Person, long_notebook: Notebook) -> Tab:
    """It has the first cells only, as in the first moment, because its browser is never idle."""
    tab = open_tab(owner)
    tab.page.add_init_script("window.requestIdleCallback = () => 1")
    tab.open(f"/notebooks/{long_notebook.id}/")
    expect(tab.cell(0).locator(".cm-content")).to_be_visible()
    assert 0 < tab.page.locator("tandem-cell").count() < CELLS
    return tab


def test_all_cells_are_selected_before_they_are_in_the_page(busy_tab: Tab) -> None:
    busy_tab.cell(0).focus()
    busy_tab.page.keyboard.press("Control+a")
    expect(busy_tab.page.locator("tandem-cell[data-selected]")).to_have_count(CELLS)


def test_what_is_below_is_selected_before_it_is_in_the_page(busy_tab: Tab) -> None:
    busy_tab.cell(1).focus()
    busy_tab.page.keyboard.press("Shift+End")
    expect(busy_tab.page.locator("tandem-cell[data-selected]")).to_have_count(CELLS - 1)


def test_below_the_last_cell_in_the_page_comes_the_next(busy_tab: Tab, long_notebook: Notebook) -> None:
    in_page = busy_tab.page.locator("tandem-cell").count()
    busy_tab.cell(in_page - 1).focus()
    busy_tab.page.keyboard.press("ArrowDown")
    expect(busy_tab.page.locator(f"#cell-{ids_of(long_notebook)[in_page]}")).to_be_focused()


def test_all_cells_are_searched_before_they_are_in_the_page(busy_tab: Tab, long_notebook: Notebook) -> None:
    busy_tab.page.keyboard.press("Control+f")
    panel = busy_tab.page.get_by_role("search", name="Find in all cells")
    busy_tab.page.keyboard.type("number = ")
    expect(panel.locator("[data-part=count]")).to_have_text(f"1 of {CELLS * 9 // 10}")
    # Only what is near is marked; the others are when they come near.
    assert busy_tab.page.locator(".cm-found").count() < CELLS // 2
    busy_tab.page.keyboard.press("Shift+Enter")
    expect(busy_tab.cell(298).locator(".cm-found-current")).to_be_in_viewport()
    expect(busy_tab.cell(297).locator(".cm-found")).to_have_count(1)


def test_all_cells_are_replaced_in_before_they_are_in_the_page(
    busy_tab: Tab, long_notebook: Notebook
) -> None:
    busy_tab.page.keyboard.press("Control+h")
    panel = busy_tab.page.get_by_role("search", name="Find in all cells")
    panel.get_by_role("textbox", name="Find", exact=True).fill("number = 29")
    expect(panel.locator("[data-part=count]")).to_have_text("1 of 9")
    panel.get_by_role("textbox", name="Replace by").fill("n = 29")
    panel.get_by_role("button", name="Replace all").click()
    replaced = Cell.objects.filter(notebook=long_notebook, source__startswith="n = 29")
    wait_until(lambda: replaced.count() == 9, "it is replaced everywhere, and saved")


def test_a_link_leads_to_a_cell_far_below(open_tab: OpenTab, owner: Person, long_notebook: Notebook) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/#cell-{ids_of(long_notebook)[280]}")
    expect(tab.cell(280)).to_be_focused()
    expect(tab.cell(280)).to_be_in_viewport()
    expect(tab.outputs(280)).to_contain_text("line 3 of 280")


SCROLL = """async ([windowsPerFrame, frames]) => {
    const scroller = document.scrollingElement, cells = [...document.querySelectorAll("tandem-cell")];
    const atMiddle = () => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest("tandem-cell");
    const seen = { moved_px: [], indexes: [], isAtEnd: false };
    for (let frame = 0; frame < frames && !seen.isAtEnd; frame++) {
        scroller.scrollTop += windowsPerFrame * innerHeight;
        const cell = atMiddle(), before = cell?.getBoundingClientRect().top;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        seen.isAtEnd = scroller.scrollTop + innerHeight >= scroller.scrollHeight - 1;
        if (!cell || seen.isAtEnd) continue;
        seen.moved_px.push(cell.getBoundingClientRect().top - before);
        seen.indexes.push(cells.indexOf(cell));
    }
    return seen;
}"""


def test_the_scrollbar_is_dragged_to_the_end(
    open_tab: OpenTab, owner: Person, long_notebook: Notebook
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/")
    expect(tab.page.locator("tandem-cell")).to_have_count(CELLS)
    height = tab.page.evaluate("document.scrollingElement.scrollHeight")
    seen = tab.page.evaluate(SCROLL, [0.8, 1000])
    assert seen["isAtEnd"]
    assert seen["indexes"] == sorted(seen["indexes"])
    assert max(map(abs, seen["moved_px"])) < 2, "what is in view stays where it is"
    # So the scrollbar is what it was, though nothing on the way was drawn.
    assert tab.page.evaluate("document.scrollingElement.scrollHeight") == pytest.approx(height, rel=0.1)
    expect(tab.outputs(298)).to_contain_text("line 3 of 298")
    expect(tab.cell(299).locator("h2")).to_be_in_viewport()


def test_a_wheel_moves_nothing_backwards(open_tab: OpenTab, owner: Person, long_notebook: Notebook) -> None:
    """As fast as somebody reads who looks for something: what comes near is drawn on the way."""
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/")
    expect(tab.page.locator("tandem-cell")).to_have_count(CELLS)
    seen = tab.page.evaluate(SCROLL, [0.12, 100])
    assert seen["indexes"] == sorted(seen["indexes"])
    assert max(map(abs, seen["moved_px"])) < 2, "what is in view stays where it is"
    expect(tab.cell(seen["indexes"][-1]).locator(".cm-content")).to_be_visible()


def test_keys_go_to_the_last_cell_and_to_the_first(busy_tab: Tab, long_notebook: Notebook) -> None:
    first, *_, last = (busy_tab.page.locator(f"#cell-{cell_id}") for cell_id in ids_of(long_notebook))
    busy_tab.cell(0).focus()
    for end, home in [("Control+End", "Control+Home"), ("End", "Home")]:
        busy_tab.page.keyboard.press(end)
        expect(last).to_be_focused()
        expect(last.locator("h2")).to_be_in_viewport()
        busy_tab.page.keyboard.press(home)
        expect(first).to_be_focused()
        expect(first.locator(".cm-content")).to_be_in_viewport()


COLOURS = """(parent) => {
    const coloured = [...parent.querySelectorAll("[class^=tok-]")];
    return coloured.map((each) => [each.className, each.textContent]);
}"""


def test_an_editor_begins_with_numbers_and_colours(busy_tab: Tab) -> None:
    expect(busy_tab.cell(0).locator(".tok-number")).to_have_count(1)  # the grammar is there
    begun = busy_tab.cell(40).evaluate(
        """(cell) => {
            cell.showLineNumbers(true);
            cell.open();
            return [".cm-line .tok-number", ".cm-lineNumbers"].map((each) => cell.querySelectorAll(each).length);
        }"""
    )
    assert begun == [1, 1], "at once, not after it was drawn"


def test_a_text_is_coloured_before_its_editor_opens(
    open_tab: OpenTab, owner: Person, long_notebook: Notebook
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/")
    expect(tab.cell(10).locator("[data-part=source] .tok-number")).to_have_text("10")
    far = tab.cell(12)
    text = far.locator("[data-part=source]")
    expect(text.locator(".tok-number")).to_have_text("12")
    before = text.evaluate(COLOURS)
    opened = far.evaluate(f"(cell) => {{ cell.open(); return ({COLOURS})(cell); }}")
    assert opened == before
    # Those that are very far are plain.
    assert tab.cell(250).locator("[data-part=source] span").count() == 0


def test_a_text_is_coloured_again_when_others_have_edited_it(
    open_tab: OpenTab, owner: Person, long_notebook: Notebook
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{long_notebook.id}/")
    text = tab.cell(12).locator("[data-part=source]")
    expect(text.locator(".tok-number")).to_have_text("12")
    cell = Cell.objects.get(id=ids_of(long_notebook)[12])
    edit_cell(
        actor=owner.actor,
        notebook_id=long_notebook.id,
        cell_id=cell.id,
        source="word = 'x'",
        expected_version=cell.version,
    )
    expect(text).to_have_text("word = 'x'")
    expect(text.locator(".tok-string")).to_have_text("'x'")
    expect(text.locator(".tok-number")).to_have_count(0)
