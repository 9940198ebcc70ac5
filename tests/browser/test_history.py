"""Who wrote what and when: seen, compared and brought back; and what people are told when others were there first."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from apps.notebooks.commands import create_cell, delete_cell, edit_cell, move_cell
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import START
from tests.browser.cable import Cable
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]


def history_of(tab: Tab, index: int) -> Locator:
    """Open the history of a cell by its key."""
    tab.cell(index).focus()
    tab.page.keyboard.press("h")
    return tab.page.locator("tandem-timeline")


def notebook_history(tab: Tab, view: str) -> Locator:
    tab.page.get_by_role("button", name="History", exact=True).click()
    tab.page.get_by_role("tab", name=view).click()
    return tab.page.get_by_role("tabpanel", name=view)


def toast(tab: Tab) -> Locator:
    return tab.page.locator("tandem-toasts .toast")


def append(person: Person, cell: Cell, text: str) -> None:
    cell.refresh_from_db()
    place: dict[str, Any] = {"actor": person.actor, "notebook_id": cell.notebook_id, "cell_id": cell.id}
    edit_cell(**place, source=cell.source + text, expected_version=cell.version)


def sources(notebook: Notebook) -> list[str]:
    cells = Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key")
    return list(cells.values_list("source", flat=True))


def test_timeline_of_two_people_and_a_version_restored(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    tab, other = open_tab(owner), open_tab(editor)
    for each in (tab, other):
        each.open(f"/notebooks/{notebook.id}/")
    tab.type_at_end(0, "\ny = 2")
    wait_until(lambda: "y = 2" in sources(notebook)[0], "the first edit is saved")
    other.type_at_end(0, "\nz = 3")

    entries = history_of(tab, 0).locator("details")
    expect(entries).to_have_count(2)
    expect(entries.nth(0)).to_contain_text(editor.user.username)
    expect(entries.nth(0)).to_contain_text("just now")
    expect(entries.nth(1)).to_contain_text(owner.user.username)

    entries.nth(1).locator("summary").click()
    sides = entries.nth(1).locator(".cm-mergeViewEditor")
    expect(sides.nth(0).locator(".cm-line")).to_have_text(["x = 1", ""])
    expect(sides.nth(1).locator(".cm-line")).to_have_text(["x = 1", "y = 2", ""])
    expect(sides.nth(1).locator(".cm-changedLine")).to_have_text("y = 2")
    entries.nth(1).get_by_role("button", name="Difference to now").click()
    expect(sides.nth(1).locator(".cm-line")).to_have_text(["x = 1", "y = 2", "z = 3", ""])

    entries.nth(1).get_by_role("button", name="Restore this version").click()
    for each in (tab, other):
        expect(each.cell(0).locator(".cm-content .cm-line")).to_have_text(["x = 1", "y = 2"])
    # Going back is an edit like others: nothing of the past is gone.
    expect(entries).to_have_count(3)
    expect(entries.nth(0)).to_contain_text(owner.user.username)


def test_older_entries_on_demand(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    for number in range(51):
        append(owner, cell, f"\nowner_{number}")
        append(editor, cell, f"\neditor_{number}")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    view = history_of(tab, 0)
    expect(view.locator("details")).to_have_count(100)
    view.get_by_role("button", name="Show more").click()
    expect(view.locator("details")).to_have_count(102)
    expect(view.get_by_role("button", name="Show more")).to_be_hidden()
    oldest = view.locator("details").last
    oldest.locator("summary").click()
    expect(oldest.locator(".cm-changedLine")).to_have_text("owner_0")
    # What somebody types meanwhile comes on top, and what is open stays open.
    append(editor, cell, "\nmeanwhile")
    expect(view.locator("details").first).to_contain_text("2 edits")
    expect(view.locator("details")).to_have_count(102)
    expect(oldest.locator(".cm-changedLine")).to_have_text("owner_0")


def test_undo_of_one_persons_edits_keeps_the_others(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    append(owner, cell, "\nmine = 1")
    append(editor, cell, "\ntheirs = 2")
    append(owner, cell, "\nmine = 3")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    entries = history_of(tab, 0).locator("details")
    expect(entries).to_have_count(3)
    entries.nth(1).locator("summary").click()
    entries.nth(1).get_by_role("button", name="Undo these edits").click()
    lines = tab.cell(0).locator(".cm-content .cm-line")
    expect(lines).to_have_text(["x = 1", "mine = 1", "mine = 3"])
    expect(toast(tab)).to_contain_text(f"Undone: these edits of {editor.user.username}.")
    # There is nothing left to take back.
    entries.nth(1).get_by_role("button", name="Undo these edits").click()
    expect(toast(tab).last).to_contain_text("There is nothing left of these edits")


def test_undo_of_what_somebody_has_changed_since(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    edit_cell(
        actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id, source="total = 1", expected_version=0
    )
    edit_cell(
        actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id, source="number = 1", expected_version=1
    )
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    entry = history_of(tab, 0).locator("details").nth(1)
    entry.locator("summary").click()
    entry.get_by_role("button", name="Undo these edits").click()
    expect(toast(tab)).to_contain_text("somebody has changed the same text since")
    assert sources(notebook) == ["number = 1"]


def test_checkpoint_shows_what_changed_and_is_restored(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    names = ("one", "two", "three", "four")
    one, two, _, four = (add_cell(owner, notebook, f"{name} = 1") for name in names)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    view = notebook_history(tab, "Checkpoints")
    view.get_by_role("textbox").fill("Before the visit")
    view.get_by_role("textbox").press("Enter")
    saved = view.locator("details", has=tab.page.get_by_text("Before the visit", exact=True))
    expect(saved).to_contain_text("4 cells")
    expect(view.locator("details")).to_have_count(1)

    place: dict[str, Any] = {"actor": editor.actor, "notebook_id": notebook.id}
    append(editor, one, "\nmore = 1")
    delete_cell(**place, cell_id=two.id)
    move_cell(**place, cell_id=four.id, after=START)
    create_cell(**place, kind="markdown", source="# New")
    # The one taken before deleting comes by itself.
    expect(view.locator("[data-part=automatic]:visible")).to_have_count(1)

    saved.locator("summary").click()
    expect(saved.locator("[data-part=summary]")).to_have_text(
        "Since then: 1 cell added, 1 removed, 1 changed, 1 moved."
    )
    difference = saved.locator(".difference")
    expect(difference).to_have_count(4)
    changed = saved.locator(".difference[data-change=changed] .cm-mergeViewEditor")
    expect(changed.nth(0).locator(".cm-line")).to_have_text(["one = 1", ""])
    expect(changed.nth(1).locator(".cm-line")).to_have_text(["one = 1", "more = 1", ""])
    for change, text in (("removed", "two = 1"), ("added", "# New")):
        # What is far down is compared when one gets there.
        difference.and_(saved.locator(f"[data-change={change}]")).scroll_into_view_if_needed()
        expect(saved.locator(f".difference[data-change={change}]")).to_contain_text(text)

    saved.get_by_role("button", name="Restore this checkpoint").click()
    expect(tab.page.locator("tandem-cell")).to_have_count(4)
    expect(saved.locator("[data-part=summary]")).to_have_text("Nothing has changed since.")
    assert sources(notebook) == [f"{name} = 1" for name in names]
    expect(view.locator("details", has_text="Before restoring")).to_have_count(1)


def test_deleted_cell_comes_back_with_outputs(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "print('still here')")
    add_cell(owner, notebook, "x = 1")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Enter")
    expect(tab.outputs(0)).to_have_text("still here")

    def delete() -> None:
        tab.cell(0).focus()
        tab.page.keyboard.press("d")
        tab.page.keyboard.press("d")
        expect(tab.page.locator("tandem-cell")).to_have_count(1)

    def expect_back() -> None:
        expect(tab.page.locator("tandem-cell")).to_have_count(2)
        expect(tab.outputs(0)).to_have_text("still here")
        expect(tab.cell(0)).to_contain_text("In [1]:")

    delete()
    toast(tab).get_by_role("button", name="Undo").click()
    expect_back()

    delete()
    # The next cell has the focus now.
    tab.page.keyboard.press("z")
    expect_back()
    expect(tab.cell(0)).to_be_focused()

    delete()
    view = notebook_history(tab, "Deleted cells")
    expect(view.locator("article")).to_contain_text(owner.user.username)
    expect(view.locator("pre")).to_have_text("print('still here')")
    view.get_by_role("button", name="Bring back").click()
    expect_back()
    expect(view.locator("article")).to_have_count(0)


def test_delete_of_a_cell_somebody_typed_in_since(
    open_tab: OpenTab, cable: Cable, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_tab(owner)
    tab.open(f"{cable.url}/notebooks/{notebook.id}/")
    expect(tab.cell(0).locator(".cm-content")).to_have_text("x = 1")
    cable.to_browser.clear()
    append(editor, cell, " + 41")
    tab.cell(0).focus()
    tab.page.keyboard.press("d")
    tab.page.keyboard.press("d")
    cable.mend()
    expect(toast(tab)).to_contain_text(
        f"Not deleted: {editor.user.username} edited the cell since you saw it."
    )
    # The cell is shown as it is now, nothing is in the way, and the focus stays where it was.
    expect(tab.cell(0).locator(".cm-content")).to_have_text("x = 1 + 41")
    expect(tab.cell(0)).to_be_focused()
    toast(tab).get_by_role("button", name="Delete anyway").click()
    expect(tab.page.locator("tandem-cell")).to_have_count(0)
    assert sources(notebook) == []


def test_cell_deleted_while_one_types_in_it(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "print('ran')")
    add_cell(owner, notebook, "x = 1")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Enter")
    expect(tab.outputs(0)).to_have_text("ran")
    tab.page.context.set_offline(True)
    tab.type_at_end(0, "  # typed on")
    delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id)
    tab.page.context.set_offline(False)
    expect(toast(tab)).to_contain_text(f"{editor.user.username} deleted the cell you were typing in.")
    toast(tab).get_by_role("button", name="Bring it back").click()
    expect(tab.outputs(0)).to_have_text("ran")
    expect(tab.cell(0).locator(".cm-content")).to_have_text("print('ran')  # typed on")
    wait_until(lambda: sources(notebook)[0] == "print('ran')  # typed on", "what was typed is saved")


def test_move_of_a_cell_that_is_gone(
    open_tab: OpenTab, cable: Cable, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    add_cell(owner, notebook, "y = 2")
    tab = open_tab(owner)
    tab.open(f"{cable.url}/notebooks/{notebook.id}/")
    tab.cell(0).hover()
    cable.to_browser.clear()
    delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id)
    tab.cell(0).get_by_role("button", name="Move down").click()
    cable.mend()
    expect(toast(tab)).to_contain_text(f"{editor.user.username} deleted that cell.")
    toast(tab).get_by_role("button", name="Bring it back").click()
    wait_until(lambda: sources(notebook) == ["x = 1", "y = 2"], "the cell is back")
    expect(tab.page.locator("tandem-cell")).to_have_count(2)
    expect(tab.cell(0)).to_be_focused()


def test_toast_stays_while_one_points_at_it(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_tab(owner)
    tab.page.clock.install()
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).focus()
    tab.page.keyboard.press("d")
    tab.page.keyboard.press("d")
    toast(tab).hover()
    tab.page.clock.fast_forward("01:00")
    expect(toast(tab)).to_contain_text("Cell deleted.")
    tab.page.mouse.move(0, 0)
    tab.page.clock.fast_forward("00:10")
    expect(toast(tab)).to_have_count(0)


def test_split_and_merge_by_keys(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x = 1\ny = 2")
    tab, other = open_tab(owner), open_tab(editor)
    for each in (tab, other):
        each.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Home")
    tab.page.keyboard.press("ArrowDown")
    # What is typed and not sent yet is split too.
    tab.page.keyboard.insert_text("# new: ")
    tab.page.keyboard.press("Home")
    tab.page.keyboard.press("Control+Shift+Minus")
    for each in (tab, other):
        expect(each.page.locator("tandem-cell")).to_have_count(2)
        expect(each.cell(0).locator(".cm-content")).to_have_text("x = 1")
        expect(each.cell(1).locator(".cm-content")).to_have_text("# new: y = 2")
    expect(tab.cell(1).locator(".cm-content")).to_be_focused()
    tab.page.keyboard.insert_text("at the start ")
    expect(other.cell(1).locator(".cm-content")).to_have_text("at the start # new: y = 2")

    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("k")
    tab.page.keyboard.press("Shift+M")
    for each in (tab, other):
        expect(each.page.locator("tandem-cell")).to_have_count(1)
        expect(each.cell(0).locator(".cm-line")).to_have_text(["x = 1", "at the start # new: y = 2"])
    expect(tab.cell(0)).to_be_focused()


def test_split_of_a_cell_somebody_typed_in_since(
    open_tab: OpenTab, cable: Cable, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_tab(owner)
    tab.open(f"{cable.url}/notebooks/{notebook.id}/")
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+End")
    cable.to_browser.clear()
    cell.refresh_from_db()
    edit_cell(
        actor=editor.actor,
        notebook_id=notebook.id,
        cell_id=cell.id,
        source="w = 0\nx = 1\ny = 2",
        expected_version=0,
    )
    tab.page.keyboard.press("Control+Shift+Minus")
    cable.mend()
    expect(toast(tab)).to_contain_text(f"Not split: {editor.user.username} edited the cell")
    # The cursor went along with the text it was in.
    toast(tab).get_by_role("button", name="Try again").click()
    expect(tab.page.locator("tandem-cell")).to_have_count(2)
    assert sources(notebook) == ["w = 0\nx = 1", "y = 2"]


def test_viewer_looks_but_restores_nothing(
    open_tab: OpenTab, server: WebProcess, owner: Person, viewer: Person, notebook: Notebook, cell: Cell
) -> None:
    gone = add_cell(owner, notebook, "gone = 1")
    append(owner, cell, "\ny = 2")
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=gone.id)
    tab = open_tab(viewer)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).hover()
    tab.cell(0).get_by_role("button", name="History of the cell").click()
    entry = tab.page.locator("tandem-timeline details")
    entry.locator("summary").click()
    expect(entry.locator(".cm-changedLine")).to_have_text("y = 2")
    tab.page.get_by_role("tab", name="Checkpoints").click()
    checkpoint = tab.page.locator("tandem-checkpoints details")
    checkpoint.locator("summary").click()
    expect(checkpoint.locator("[data-part=summary]")).to_contain_text("1 cell removed")
    tab.page.get_by_role("tab", name="Deleted cells").click()
    expect(tab.page.locator("tandem-deleted-cells pre")).to_have_text("gone = 1")
    buttons = tab.page.locator("tandem-history button").all_text_contents()
    assert not [
        text for text in buttons if "estore" in text or "Undo" in text or "Bring" in text or "Save" in text
    ]


def test_history_by_keyboard(
    open_tab: OpenTab, server: WebProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    append(owner, cell, "\ny = 2")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    view = history_of(tab, 0)
    expect(tab.page.get_by_role("tab", name="This cell")).to_be_focused()
    expect(view.locator("details")).to_have_count(1)
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    expect(view.locator(".cm-changedLine")).to_have_text("y = 2")
    tab.page.get_by_role("tab", name="This cell").focus()
    tab.page.keyboard.press("ArrowRight")
    expect(tab.page.get_by_role("tab", name="Checkpoints")).to_be_focused()
    expect(view).to_be_hidden()
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("tandem-history")).to_be_hidden()
    expect(tab.cell(0)).to_be_focused()
