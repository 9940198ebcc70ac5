"""ipywidgets and anywidget in the page, on real kernels."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess
from tests.support.running import run_and_wait, stream_text

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

OpenTab = Callable[[Person], Tab]

SLIDER = (
    "import ipywidgets as widgets\nslider = widgets.IntSlider(value=3, max=20, description='Size')\nslider"
)


def frame_of(tab: Tab, index: int = 0) -> FrameLocator:
    return tab.outputs(index).frame_locator(".output-widget iframe")


def readout_of(tab: Tab, index: int = 0) -> Locator:
    return frame_of(tab, index).locator(".widget-readout")


def handle_of(tab: Tab, index: int = 0) -> Locator:
    return frame_of(tab, index).locator(".noUi-handle")


def drag(tab: Tab, handle: Locator, by_px: int) -> None:
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    for step in range(1, 11):
        tab.page.mouse.move(x + by_px * step / 10, y)
    tab.page.mouse.up()


@pytest.fixture
def open_notebook(open_tab: OpenTab, notebook: Notebook) -> OpenTab:
    def open_notebook(person: Person) -> Tab:
        tab = open_tab(person)
        tab.open(f"/notebooks/{notebook.id}/")
        return tab

    return open_notebook


def test_a_slider_is_one_for_all(
    open_notebook: OpenTab,
    worker: WorkerProcess,
    owner: Person,
    editor: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    cell = add_cell(owner, notebook, SLIDER)
    reader = add_cell(owner, notebook, "print(slider.value)")
    mine = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", cell)
    expect(readout_of(mine)).to_have_text("3")
    theirs, watching = open_notebook(editor), open_notebook(viewer)
    expect(readout_of(theirs)).to_have_text("3")

    drag(mine, handle_of(mine), 120)
    expect(readout_of(mine)).not_to_have_text("3")
    value = readout_of(mine).inner_text()
    for tab in (theirs, watching):
        expect(readout_of(tab)).to_have_text(value)
    run_and_wait(owner, notebook, "cell", reader)
    assert stream_text(reader) == f"{value}\n"

    # Those who only read see it move, and cannot move it.
    expect(watching.outputs(0)).to_contain_text("You can look at this widget")
    expect(frame_of(watching).locator(".widget-place")).to_have_attribute("inert", "")

    # What code sets is shown, and what another sets too; a reload changes nothing.
    handle_of(theirs).focus()
    theirs.page.keyboard.press("Home")
    expect(readout_of(mine)).to_have_text("0")
    mine.page.reload()
    expect(readout_of(mine)).to_have_text("0")
    code = add_cell(owner, notebook, "slider.value = 11")
    run_and_wait(owner, notebook, "cell", code)
    expect(readout_of(mine)).to_have_text("11")
    expect(readout_of(watching)).to_have_text("11")
