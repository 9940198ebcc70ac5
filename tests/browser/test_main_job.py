"""The main job: log in, import a real notebook, run it, watch it stream, together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from apps.accounts.models import Role
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import delete_cell, set_member
from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until

OpenTab = Callable[[Person], Tab]

TEXT, SLOW, PLOT, TABLE, FAILING, AFTER = range(6)
# The slow cell waits for a file, so that the test decides how long it runs.
SLOW_SOURCE = """
import pathlib, time
for step in range(3):
    print("step", step)
gate = pathlib.Path("gate")
while not gate.exists():
    time.sleep(0.05)
print("the gate is open")
"""
PLOT_SOURCE = """
%matplotlib inline
import matplotlib.pyplot as plt
plt.plot([1, 4, 9]);
"""


TABLE_SOURCE = """
from IPython.display import HTML
HTML("<b>bold</b><script>document.body.append(origin)</script>")
"""


@pytest.fixture
def ipynb(tmp_path: Path) -> Path:
    sources = [SLOW_SOURCE, PLOT_SOURCE, TABLE_SOURCE, "quotient = 1 / 0", "quotient"]
    text = {"cell_type": "markdown", "metadata": {}, "source": "# A tour\n\nof *everything*"}
    code: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    cells = [text, *(code | {"source": source.strip()} for source in sources)]
    path = tmp_path / "tour.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}))
    return path


def open_gate(notebook_id: UUID) -> None:
    (workspace_of(notebook_id) / "gate").touch()


def import_by_file_chooser(tab: Tab, path: Path) -> UUID:
    with tab.page.expect_file_chooser() as chooser:
        tab.page.get_by_text("Import", exact=True).click()
    chooser.value.set_files(path)
    tab.page.wait_for_url("**/notebooks/*/")
    tab.wait_until_connected()
    return UUID(tab.page.url.rstrip("/").rpartition("/")[2])


def test_import_run_and_watch(
    open_tab: OpenTab,
    server: WebProcess,
    worker: WorkerProcess,
    owner: Person,
    stranger: Person,
    ipynb: Path,
) -> None:
    tab = open_tab(owner)
    notebook_id = import_by_file_chooser(tab, ipynb)
    set_member(
        actor=owner.actor, notebook_id=notebook_id, username=stranger.user.get_username(), role=Role.VIEWER
    )
    watching = open_tab(stranger)
    watching.open(tab.page.url)
    expect(tab.cell(TEXT).locator("h1")).to_have_text("A tour")

    tab.page.get_by_role("button", name="Run all").click()
    for each in (tab, watching):
        expect(each.outputs(SLOW)).to_contain_text("step 2")
        each.expect_status(SLOW, "running")
        expect(each.cell(SLOW)).to_contain_text("In [*]:")
        each.expect_status(FAILING, "queued")
    tab.page.reload()
    tab.wait_until_connected()
    expect(tab.outputs(SLOW)).to_have_text("step 0\nstep 1\nstep 2\n", use_inner_text=True)
    tab.expect_status(SLOW, "running")

    open_gate(notebook_id)
    for each in (tab, watching):
        expect(each.outputs(SLOW)).to_contain_text("the gate is open")
        each.expect_status(SLOW, "ok")
        expect(each.cell(SLOW)).to_contain_text("In [1]:")
        expect(each.outputs(PLOT).locator("img")).to_have_js_property("complete", True)
        assert each.outputs(PLOT).locator("img").evaluate("image => image.naturalWidth") > 100
        each.outputs(TABLE).scroll_into_view_if_needed()
        frame = each.outputs(TABLE).frame_locator("iframe")
        expect(frame.locator("body")).to_have_text("boldnull")
        each.expect_status(FAILING, "error")
        expect(each.outputs(FAILING)).to_contain_text("ZeroDivisionError: division by zero")
        assert each.outputs(FAILING).locator("span[style*=color]").count() > 0
        each.expect_status(AFTER, "blocked")
    expect(tab.page.locator("tandem-kernel")).to_have_attribute("data-status", "idle")

    before = tab.shown()
    tab.page.reload()
    tab.wait_until_connected()
    assert tab.shown() == before


def test_two_people_edit_one_cell(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    one, two = open_tab(owner), open_tab(editor)
    for tab in (one, two):
        tab.open(f"/notebooks/{notebook.id}/")
        expect(tab.cell(0).locator(".cm-content")).to_be_visible()
    for number in range(15):
        one.type_at_end(0, f"\none_{number}")
        two.type_at_end(0, f"\ntwo_{number}")
    wanted = {f"{who}_{number}" for who in ("one", "two") for number in range(15)}
    wait_until(lambda: {*one.text_of(0).split("\n")} >= wanted, "the first tab has all lines")
    wait_until(lambda: one.text_of(0) == two.text_of(0), "both tabs have the same text")
    cell.refresh_from_db()
    assert cell.source == one.text_of(0)
    assert sorted(cell.source.split("\n")[1:]) == sorted(wanted)


def test_cells_come_and_go_in_both_tabs(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    one, two = open_tab(owner), open_tab(editor)
    for tab in (one, two):
        tab.open(f"/notebooks/{notebook.id}/")
    one.page.get_by_role("button", name="Markdown").last.click()
    expect(two.page.locator("tandem-cell")).to_have_count(2)
    expect(one.cell(1).locator(".cm-content")).to_be_focused()
    one.page.keyboard.type("# Written *live*")
    one.page.keyboard.press("Shift+Enter")
    for tab in (one, two):
        expect(tab.cell(1).locator("h1 em")).to_have_text("live")
    # Shift+Enter in the last cell goes on to a new one.
    expect(two.page.locator("tandem-cell")).to_have_count(3)
    one.page.keyboard.press("Escape")
    one.page.keyboard.press("k")
    one.cell(1).get_by_role("button", name="Move up").click()
    for tab in (one, two):
        expect(tab.cell(0).locator("h1 em")).to_have_text("live")
    one.cell(0).focus()
    one.page.keyboard.press("d")
    one.page.keyboard.press("d")
    expect(two.page.locator("tandem-cell")).to_have_count(2)
    one.page.get_by_role("button", name="Undo").click()
    for tab in (one, two):
        expect(tab.cell(0).locator("h1 em")).to_have_text("live")


def test_by_keyboard_alone(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Python").last.click()
    expect(tab.cell(0).locator(".cm-content")).to_be_focused()
    # The run waits for the text, however fast the keys come.
    tab.page.keyboard.type("print(6 * 7)")
    tab.page.keyboard.press("Shift+Enter")
    expect(tab.outputs(0)).to_have_text("42")
    expect(tab.cell(1).locator(".cm-content")).to_be_focused()
    tab.page.keyboard.insert_text("while True:\n    pass")
    tab.page.keyboard.press("Control+Enter")
    tab.expect_status(1, "running")
    tab.page.get_by_role("button", name="Interrupt").click()
    tab.expect_status(1, "error")
    expect(tab.outputs(1)).to_contain_text("KeyboardInterrupt")
    tab.cell(1).locator(".cm-content").focus()
    tab.page.keyboard.press("Escape")
    expect(tab.cell(1)).to_be_focused()
    tab.page.keyboard.press("k")
    expect(tab.cell(0)).to_be_focused()
    tab.page.keyboard.press("m")
    expect(tab.cell(0)).to_have_attribute("data-kind", "markdown")
    expect(tab.cell(0).locator("[data-part=preview]")).to_have_text("print(6 * 7)")
    tab.page.keyboard.press("a")
    expect(tab.page.locator("tandem-cell")).to_have_count(3)


def test_very_long_output(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "for number in range(100_000): print('line', number)")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Run all").click()
    tab.expect_status(0, "ok")
    text = tab.outputs(0).inner_text()
    assert "line 0\n" in text
    assert "line 99999\n" in text
    assert "lines are not shown" in text
    assert len(text.splitlines()) < 5000
    tab.page.get_by_role("button", name="Show all").click()
    assert "line 50000\n" in (tab.outputs(0).text_content() or "")


def test_restart_asks_first(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "globals().setdefault('seen', []).append(1)\nlen(seen)")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    for expected in ("1", "2"):
        tab.page.get_by_role("button", name="Run all").click()
        expect(tab.outputs(0)).to_have_text(expected)
    tab.page.get_by_role("button", name="Restart the kernel").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Restart", exact=True).click()
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    tab.page.get_by_role("button", name="Run all").click()
    expect(tab.outputs(0)).to_have_text("1")


def test_cell_deleted_under_ones_hands(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    expect(tab.cell(0).locator(".cm-content")).to_be_visible()
    tab.page.context.set_offline(True)
    tab.type_at_end(0, " + 41")
    delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id)
    tab.page.context.set_offline(False)
    tab.page.get_by_role("button", name="Bring it back").click()
    expect(tab.cell(0).locator(".cm-content")).to_have_text("x = 1 + 41")


def test_viewer_cannot_type(
    open_tab: OpenTab, server: WebProcess, viewer: Person, notebook: Notebook, cell: Cell
) -> None:
    tab = open_tab(viewer)
    tab.open(f"/notebooks/{notebook.id}/")
    expect(tab.cell(0).locator(".cm-content")).to_have_attribute("contenteditable", "false")
    tab.cell(0).focus()
    for key in ("Enter", "x", "d", "d", "b"):
        tab.page.keyboard.press(key)
    tab.page.reload()
    tab.wait_until_connected()
    assert tab.text_of(0) == "x = 1"
    assert tab.page.locator("tandem-cell").count() == 1


def test_page_outlives_the_web_server(
    open_tab: OpenTab,
    server: WebProcess,
    worker: WorkerProcess,
    owner: Person,
    notebook: Notebook,
) -> None:
    slow = add_cell(owner, notebook, SLOW_SOURCE.strip())
    other = add_cell(owner, notebook, "y = 2")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Enter")
    expect(tab.outputs(0)).to_contain_text("step 2")

    server.kill()
    expect(tab.page.locator("tandem-connection")).to_have_attribute("data-status", "reconnecting")
    tab.type_at_end(1, "\nz = 3  # typed while the server was down")
    open_gate(notebook.id)
    wait_until(lambda: Cell.objects.get(id=slow.id).status == "ok", "the cell has ended")
    server.start()

    tab.wait_until_connected()
    expect(tab.outputs(0)).to_contain_text("the gate is open")
    tab.expect_status(0, "ok")
    wait_until(lambda: "server was down" in Cell.objects.get(id=other.id).source, "what was typed is saved")
    assert tab.text_of(1) == Cell.objects.get(id=other.id).source


def test_notebook_that_is_not_shared_any_more(
    open_tab: OpenTab, server: WebProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    tab = open_tab(editor)
    tab.open(f"/notebooks/{notebook.id}/")
    notebook.memberships.filter(user=editor.user).delete()
    expect(tab.page.locator("tandem-connection")).to_have_attribute("data-status", "ended")
    expect(tab.page.locator("tandem-banner")).to_contain_text("no longer shared with you")
