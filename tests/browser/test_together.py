"""Several people in one notebook: nothing that is typed is lost, nobody's cursor jumps, everybody sees the others."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from apps.accounts.models import Role
from apps.notebooks.commands import delete_cell, edit_cell, set_member
from apps.notebooks.models import Cell, Notebook
from tests.browser.cable import Cable
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import wait_until

OpenTab = Callable[[Person], Tab]

LINES = [f"line_{number} = {number}" for number in range(10)]
GONE_AT_ONCE_MS = 3_000
GONE_WHEN_LOST_MS = 10_000

# The text behind the caret in its line, and how far it is from the top of the window.
AFTER_CARET = """() => {
    const { focusNode, focusOffset } = getSelection();
    const line = (focusNode.nodeType === 3 ? focusNode.parentElement : focusNode).closest(".cm-line");
    const range = document.createRange();
    range.setStart(focusNode, focusOffset);
    range.setEnd(line, line.childNodes.length);
    return range.toString();
}"""
CARET_TOP = """() => document.querySelector(".cm-focused .cm-cursor-primary").getBoundingClientRect().top"""


@pytest.fixture
def long_cell(owner: Person, notebook: Notebook) -> Cell:
    return add_cell(owner, notebook, "\n".join(LINES))


@pytest.fixture
def open_notebook(open_tab: OpenTab, notebook: Notebook) -> OpenTab:
    """`open_notebook(person)`: a tab of its own that has the notebook open."""

    def open_notebook(person: Person) -> Tab:
        tab = open_tab(person)
        tab.open(f"/notebooks/{notebook.id}/")
        expect(tab.cell(0).locator(".cm-content")).to_be_visible()
        return tab

    return open_notebook


def put_caret_in_line(tab: Tab, line: int, right: int) -> None:
    tab.cell(0).locator(".cm-line").nth(line).click()
    tab.page.keyboard.press("Home")
    for _ in range(right):
        tab.page.keyboard.press("ArrowRight")


def after_caret(tab: Tab) -> str:
    text: str = tab.page.evaluate(AFTER_CARET)
    return text


def caret_top(tab: Tab) -> float:
    top: float = tab.page.evaluate(CARET_TOP)
    return top


def left_of(locator: Locator) -> float:
    """Of an element that may be drawn again at any moment: the old one is nowhere then."""
    measured: list[float] = []

    def is_there() -> bool:
        measured.append(locator.evaluate("element => element.getBoundingClientRect().left"))
        return bool(measured[-1])

    wait_until(is_there, "the element is on the page")
    return measured[-1]


def wait_until_stored(cell: Cell, *pieces: str) -> str:
    """The cell's text, once it has all of these."""

    def stored() -> str:
        source: str = Cell.objects.get(id=cell.id).source
        return source if all(piece in source for piece in pieces) else ""

    source: str = wait_until(stored, f"the cell has {pieces}")
    return source


def wait_until_shown(tab: Tab, source: str) -> None:
    wait_until(lambda: tab.text_of(0) == source, f"the tab shows {source!r}")


def crash(page: Page) -> None:
    """As if the system had killed the tab: nothing is asked, nothing is cleaned up."""
    with pytest.raises(Error, match=r"crashed|ERR_ABORTED"):
        page.goto("chrome://crash")
    page.close()


def reopen(tab: Tab, url: str) -> Tab:
    """Another tab of the same browser."""
    again = Tab(tab.page.context.new_page(), tab.errors)
    again.open(url)
    return again


def drafts_of(tab: Tab) -> list[str]:
    """The names of what its browser keeps because it is not acknowledged yet."""
    names: list[str] = tab.page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('tandem.draft.'))"
    )
    return names


def banner(tab: Tab) -> Locator:
    return tab.page.locator("tandem-banner")


def test_one_goes_offline_while_both_type(
    open_notebook: OpenTab, owner: Person, editor: Person, long_cell: Cell
) -> None:
    one, two = open_notebook(owner), open_notebook(editor)
    put_caret_in_line(one, 2, right=4)
    put_caret_in_line(two, 7, right=4)
    one.page.keyboard.type("ONE")
    two.page.keyboard.type("TWO")
    wait_until_stored(long_cell, "ONE", "TWO")

    one.page.context.set_offline(True)
    expect(banner(one)).to_contain_text("You are offline.")
    expect(banner(one)).to_contain_text("Everything typed so far is saved.")
    top = caret_top(one)
    one.page.keyboard.type("_offline\nONE_more_")
    two.page.keyboard.type("_online\nTWO_more_")
    expect(banner(one)).to_contain_text("One cell waits to be sent.")
    wait_until_stored(long_cell, "TWO_more")
    edit_cell(
        actor=editor.actor,
        notebook_id=long_cell.notebook_id,
        cell_id=long_cell.id,
        source="# above\n" + Cell.objects.get(id=long_cell.id).source,
        expected_version=Cell.objects.get(id=long_cell.id).version,
    )
    behind = after_caret(one), after_caret(two)
    assert behind == ("_2 = 2", "_7 = 7")

    one.page.context.set_offline(False)
    expect(banner(one)).to_contain_text("Back online. Everything is saved.")
    source = wait_until_stored(long_cell, "ONE_offline\nONE_more_", "TWO_online\nTWO_more_")
    expected = ["# above", *LINES]
    expected[3:4] = ["lineONE_offline", "ONE_more__2 = 2"]
    expected[9:10] = ["lineTWO_online", "TWO_more__7 = 7"]
    assert source.split("\n") == expected
    for tab in (one, two):
        wait_until_shown(tab, source)
    assert (after_caret(one), after_caret(two)) == behind
    for tab, name in ((one, "ONE"), (two, "TWO")):
        tab.page.keyboard.type("!")
        wait_until_stored(long_cell, f"{name}_more_!")
    expect(banner(one)).not_to_be_visible()
    # Two lines above the caret are new: one is ours.
    line_height = one.cell(0).locator(".cm-line").first.evaluate("line => line.offsetHeight")
    assert caret_top(one) - top <= 2 * line_height + 1


def test_a_crash_loses_nothing_and_doubles_nothing(
    open_notebook: OpenTab, owner: Person, editor: Person, cell: Cell
) -> None:
    tab, other = open_notebook(owner), open_notebook(editor)
    url = tab.page.url
    tab.page.context.set_offline(True)
    expect(banner(tab)).to_contain_text("You are offline.")
    tab.type_at_end(0, " + 41")
    tab.page.keyboard.type("  # unsent")
    other.cell(0).locator(".cm-content").click()
    other.page.keyboard.press("Control+Home")
    other.page.keyboard.insert_text("other = 1\n")
    wait_until_stored(cell, "other = 1")
    crash(tab.page)
    tab.page.context.set_offline(False)

    again = reopen(tab, url)
    expect(again.page.locator("tandem-toasts")).to_contain_text(
        "What you typed before the page was closed is back"
    )
    source = wait_until_stored(cell, "unsent")
    assert source == "other = 1\nx = 1 + 41  # unsent"
    assert again.text_of(0) == source
    again.page.reload()
    again.wait_until_connected()
    assert again.text_of(0) == source
    assert Cell.objects.get(id=cell.id).source == source


def test_a_crash_after_a_push_whose_reply_was_lost(
    open_tab: OpenTab, cable: Cable, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_tab(owner)
    url = f"{cable.url}/notebooks/{notebook.id}/"
    tab.open(url)
    expect(tab.cell(0).locator(".cm-content")).to_be_visible()
    tab.type_at_end(0, " + ")
    wait_until_stored(cell, "x = 1 + ")
    # One push at a time: the next goes out once this one is acknowledged.
    wait_until(lambda: drafts_of(tab) == [], "the page has the reply")
    cable.to_browser.clear()
    tab.type_at_end(0, "41")
    wait_until_stored(cell, "x = 1 + 41")
    tab.page.keyboard.type(" + 2")
    crash(tab.page)
    cable.mend()

    again = reopen(tab, url)
    wait_until_stored(cell, "+ 2")
    assert again.text_of(0) == "x = 1 + 41 + 2"
    assert Cell.objects.get(id=cell.id).source == "x = 1 + 41 + 2"


def test_a_tab_that_is_closed_while_offline_leaves_its_text_to_another(
    open_notebook: OpenTab, owner: Person, cell: Cell
) -> None:
    tab = open_notebook(owner)
    sibling = reopen(tab, tab.page.url)
    tab.page.context.set_offline(True)
    expect(banner(tab)).to_contain_text("You are offline.")
    tab.type_at_end(0, " + 41")
    tab.page.close(run_before_unload=False)
    sibling.page.context.set_offline(False)
    wait_until_stored(cell, "x = 1 + 41")
    expect(sibling.cell(0).locator(".cm-content")).to_have_text("x = 1 + 41")


def test_a_crash_before_the_cell_is_deleted(
    open_notebook: OpenTab, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    add_cell(owner, notebook, "y = 2")
    tab = open_notebook(owner)
    url = tab.page.url
    tab.page.context.set_offline(True)
    tab.type_at_end(0, " + 41")
    crash(tab.page)
    delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id)
    tab.page.context.set_offline(False)

    again = reopen(tab, url)
    expect(again.page.locator("tandem-toasts")).to_contain_text("A cell you had typed in was deleted.")
    again.page.get_by_role("button", name="Bring it back").click()
    expect(again.cell(0).locator(".cm-content")).to_have_text("x = 1 + 41")
    wait_until_stored(cell, "x = 1 + 41")


def test_text_of_somebody_who_may_only_view_now_can_be_copied(
    open_notebook: OpenTab, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_notebook(editor)
    url = tab.page.url
    tab.page.context.set_offline(True)
    tab.type_at_end(0, " + 41")
    crash(tab.page)
    name = editor.user.get_username()
    set_member(actor=owner.actor, notebook_id=notebook.id, username=name, role=Role.VIEWER)
    tab.page.context.set_offline(False)

    again = reopen(tab, url)
    again.page.get_by_role("button", name="Show it").click()
    dialog = again.page.get_by_role("dialog", name="What you typed")
    expect(dialog.get_by_role("textbox")).to_have_value("x = 1 + 41")
    dialog.get_by_role("button", name="Throw it away").click()
    again.page.reload()
    again.wait_until_connected()
    assert drafts_of(again) == []


def test_a_whole_text_edit_leaves_the_caret_and_the_page_where_they_are(
    open_notebook: OpenTab, owner: Person, editor: Person, notebook: Notebook, long_cell: Cell
) -> None:
    for _ in range(5):
        add_cell(owner, notebook, "\n".join(LINES))
    tab = open_notebook(owner)
    tab.page.set_viewport_size({"width": 1000, "height": 500})
    tab.cell(3).locator(".cm-line").nth(5).click()
    tab.page.keyboard.press("Home")
    tab.page.keyboard.type("typed_")
    typed_in = Cell.objects.filter(notebook=notebook).order_by("order_key")[3]
    wait_until_stored(typed_in, "typed_line_5")
    top = caret_top(tab)
    scrolled = tab.page.evaluate("scrollY")

    # The first is out of sight above, where the window has to go along for the text in it to stay.
    for edited in (long_cell, typed_in):
        edited.refresh_from_db()
        source = "\n".join(["# new first line", *edited.source.split("\n")[1:], "# new last line"])
        edit_cell(
            actor=editor.actor,
            notebook_id=notebook.id,
            cell_id=edited.id,
            source="# even before\n" + source,
            expected_version=edited.version,
        )
        expect(tab.cell(0 if edited is long_cell else 3)).to_contain_text("# new last line")
        if edited is long_cell:
            assert abs(caret_top(tab) - top) < 2
            assert tab.page.evaluate("scrollY") > scrolled
            scrolled = tab.page.evaluate("scrollY")
    assert after_caret(tab) == "line_5 = 5"
    assert tab.page.evaluate("scrollY") == scrolled
    tab.page.keyboard.type("on_")
    wait_until_stored(typed_in, "typed_on_line_5", "# even before")


def test_everybody_sees_where_the_others_are(
    open_notebook: OpenTab, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    add_cell(owner, notebook, "# Notes", kind="markdown")
    one, two = open_notebook(owner), open_notebook(editor)
    name = editor.user.get_username()
    avatar = one.page.locator("tandem-people").get_by_role("button", name=name)
    expect(avatar).to_have_attribute("data-initials", "E" + name.split("-")[1][0])
    expect(one.page.locator("tandem-people").get_by_role("button")).to_have_count(1)

    two.cell(0).locator(".cm-content").click()
    two.page.keyboard.press("Home")
    caret = one.cell(0).locator(".remote-caret")
    expect(caret).to_have_count(1)
    expect(caret).to_have_text(name)
    expect(avatar).to_have_attribute("title", f"{name}, in cell 1")
    expect(one.cell(0).locator(".mark")).to_have_attribute("title", name)
    start = left_of(caret)
    two.page.keyboard.type("long_name_")
    expect(one.cell(0).locator(".cm-content")).to_have_text("long_name_x = 1")
    wait_until(lambda: left_of(caret) > start + 50, "the caret went along")
    moved = left_of(caret)
    one.type_at_end(0, "0")
    expect(two.cell(0).locator(".remote-caret")).to_have_count(1)
    assert left_of(caret) == moved

    two.page.keyboard.press("Shift+End")
    expect(one.cell(0).locator(".remote-selection")).to_have_count(1)
    two.page.keyboard.press("ArrowRight")
    expect(one.cell(0).locator(".remote-selection")).to_have_count(0)

    two.cell(1).focus()
    expect(one.cell(1).locator(".mark")).to_have_count(1)
    expect(one.cell(0).locator(".mark")).to_have_count(0)
    expect(caret).to_have_count(0)
    avatar.click()
    expect(one.cell(1)).to_be_focused()


def test_who_leaves_is_gone_at_once(
    open_notebook: OpenTab, owner: Person, editor: Person, cell: Cell
) -> None:
    one, two = open_notebook(owner), open_notebook(editor)
    two.cell(0).locator(".cm-content").click()
    expect(one.cell(0).locator(".remote-caret")).to_have_count(1)
    two.page.close()
    expect(one.page.locator("tandem-people").get_by_role("button")).to_have_count(0, timeout=GONE_AT_ONCE_MS)
    expect(one.page.locator(".mark, .remote-caret")).to_have_count(0)


def test_who_is_cut_off_is_gone_within_ten_seconds(
    open_notebook: OpenTab, open_tab: OpenTab, cable: Cable, owner: Person, editor: Person, cell: Cell
) -> None:
    one, two = open_notebook(owner), open_tab(editor)
    two.open(f"{cable.url}/notebooks/{cell.notebook_id}/")
    two.cell(0).locator(".cm-content").click()
    expect(one.cell(0).locator(".remote-caret")).to_have_count(1)
    cable.cut()
    expect(one.page.locator(".mark, .remote-caret, .people .avatar")).to_have_count(
        0, timeout=GONE_WHEN_LOST_MS
    )
    cable.mend()
    two.wait_until_connected()
    expect(one.cell(0).locator(".remote-caret")).to_have_count(1)
