"""Frames of outputs far from view give their memory back, and show the same when they are near again."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from apps.notebooks.commands import import_notebook
from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import run_and_wait, stream_text

OpenTab = Callable[[Person], Tab]

FRAMES = 40
# Those near, and `MOST_LIVING` that are far: few enough of the forty to tell.
LIVING = 24
FORM = "<input aria-label='Name'>"
BOX = "<div tabindex=0 style='height: 5rem; overflow: auto'><p style='height: 40rem'>Scrolled</p></div>"
MANY = """from IPython.display import HTML, display
for number in range(30):
    display(HTML(f'<p style="height: 400px">{number}</p>'))"""


def html(number: int, text: str | None = None) -> dict[str, Any]:
    content = text or f"<p>Output {number}</p><div style='height: {300 + number}px'></div>"
    output = {"output_type": "display_data", "data": {"text/html": content}, "metadata": {}}
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {},
        "execution_count": None,
        "source": f"show({number})",
        "outputs": [output],
    }


def notebook_of(owner: Person, **special: str) -> Notebook:
    cells = [html(number, special.get(f"cell_{number}")) for number in range(FRAMES)]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return import_notebook(actor=owner.actor, content=json.dumps(content).encode())


def read_down(tab: Tab) -> None:
    """As somebody who looks at each output."""
    for number in range(FRAMES):
        tab.outputs(number).scroll_into_view_if_needed()
        expect(tab.outputs(number).locator(".output-frame")).to_have_attribute("data-drawn", "")


def is_released(tab: Tab, number: int) -> Locator:
    return tab.outputs(number).locator(".output-frame-room")


def test_few_frames_live_and_nothing_moves(open_tab: OpenTab, owner: Person) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook_of(owner).id}/")
    read_down(tab)
    heights = "() => [...document.querySelectorAll('.output-frame')].map(frame => frame.offsetHeight)"
    read = tab.page.evaluate(heights)
    expect(is_released(tab, 0)).to_have_count(1)
    wait_until(lambda: tab.page.locator(".output-frame iframe").count() <= LIVING, "most are released")
    assert tab.page.evaluate(heights) == read
    assert len(set(read)) == FRAMES

    tab.outputs(0).scroll_into_view_if_needed()
    expect(tab.outputs(0).frame_locator("iframe").locator("p")).to_have_text("Output 0")
    expect(tab.outputs(0).locator(".output-frame")).to_have_attribute("data-drawn", "")
    assert tab.page.evaluate(heights) == read


def test_what_somebody_did_in_a_frame_stays(open_tab: OpenTab, owner: Person) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook_of(owner, cell_0=FORM, cell_1=BOX).id}/")
    field = tab.outputs(0).frame_locator("iframe").get_by_label("Name")
    field.click()
    tab.page.keyboard.insert_text("unsaved")
    place = tab.outputs(1).frame_locator("iframe").locator("div[tabindex]")
    place.hover()
    tab.page.mouse.wheel(0, 100)
    wait_until(lambda: place.evaluate("element => element.scrollTop") == 100, "it is scrolled")
    tab.cell(2).focus()
    read_down(tab)
    expect(is_released(tab, 2)).to_have_count(1)
    expect(is_released(tab, 0)).to_have_count(0)
    expect(field).to_have_value("unsaved")
    assert place.evaluate("element => element.scrollTop") == 100


def test_all_of_them_are_there_to_be_printed(open_tab: OpenTab, owner: Person) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook_of(owner).id}/")
    read_down(tab)
    expect(is_released(tab, 0)).to_have_count(1)
    tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(tab.page.locator(".output-frame iframe")).to_have_count(FRAMES)
    tab.page.evaluate("dispatchEvent(new Event('afterprint'))")
    wait_until(lambda: tab.page.locator(".output-frame iframe").count() <= LIVING, "most are released")


def test_a_widget_comes_back_as_it_is_by_now(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    slider = add_cell(owner, notebook, "import ipywidgets as w\nslider = w.IntSlider(value=3)\nslider")
    many = add_cell(owner, notebook, MANY)
    for cell in (slider, many):
        run_and_wait(owner, notebook, "cell", cell)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    readout = tab.outputs(0).frame_locator("iframe").locator(".widget-readout")
    expect(readout).to_have_text("3")
    tab.cell(1).get_by_role("button", name="Show all").click()
    frames = tab.outputs(1).locator(".output-frame")
    for number in range(30):
        frames.nth(number).scroll_into_view_if_needed()
        expect(frames.nth(number)).to_have_attribute("data-drawn", "")
    expect(is_released(tab, 0)).to_have_count(1)
    # Not before: it would belong to what the others need.
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, "slider.value = 7"))
    tab.cell(0).scroll_into_view_if_needed()
    expect(readout).to_have_text("7")

    # It is used as before.
    readout.click()
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.type("12")
    tab.page.keyboard.press("Enter")
    reader = add_cell(owner, notebook, "print(slider.value)")

    def printed() -> str:
        run_and_wait(owner, notebook, "cell", reader)
        return stream_text(reader)

    wait_until(lambda: printed() == "12\n", "the kernel has it")
