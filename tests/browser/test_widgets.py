"""ipywidgets and anywidget in the page, on real kernels."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from apps.execution.commands import request_run, restart_kernel, shutdown_kernel
from apps.notebooks.commands import import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import run_and_wait, stream_text, wait_for_output, wait_for_run

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

    # Beyond its end, and on the way through many values.
    drag(mine, handle_of(mine), 600)
    for tab in (mine, theirs, watching):
        expect(readout_of(tab)).to_have_text("20")
    run_and_wait(owner, notebook, "cell", reader)
    assert stream_text(reader) == "20\n"

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


ALL_SORTS = """
import ipywidgets as widgets
name = widgets.Text(description='Name')
button = widgets.Button(description='Greet', icon='check')
bar = widgets.FloatProgress(value=0.4, max=1, description='Done')
choice = widgets.Dropdown(options=['one', 'two'], description='Choice')
out = widgets.Output(layout={'border': '1px solid'})
@button.on_click
def greet(_):
    with out:
        print('Hello', name.value, choice.value)
tabs = widgets.Tab([widgets.HTML('<b>bold</b>'), widgets.Checkbox(description='Sure?')], titles=['First', 'Second'])
day = widgets.DatePicker(description='Day')
widgets.VBox([widgets.HBox([name, button]), bar, choice, tabs, day, out])"""


def test_a_form(open_notebook: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, ALL_SORTS)
    tab = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", cell)
    frame = frame_of(tab)
    frame.get_by_label("Name").fill("Ada")
    frame.get_by_label("Name").press("Enter")
    frame.get_by_label("Choice").select_option("two")
    frame.get_by_role("button", name="Greet").click()
    expect(frame.locator(".widget-output")).to_have_text("Hello Ada two\n")
    frame.get_by_text("Second").click()
    frame.get_by_label("Sure?").check()
    reader = add_cell(
        owner, notebook, "print(tabs.selected_index, tabs.children[1].value, out.outputs[0]['text'])"
    )
    # What was clicked is on its way through the page, and the run is not.
    wait_until(
        lambda: _printed(owner, notebook, reader) == "1 True Hello Ada two\n\n", "the kernel knows all"
    )
    # The frame is as high as what is in it.
    iframe = tab.outputs(0).locator(".output-widget iframe")
    height = frame.locator("body").evaluate("body => body.scrollHeight")
    box = iframe.bounding_box()
    assert box is not None
    assert abs(box["height"] - height) <= 2
    assert frame.locator("body").evaluate("() => document.fonts.check('900 14px \"Font Awesome 5 Free\"')")

    # What is in the Output is there for who comes later.
    tab.page.reload()
    expect(frame_of(tab).locator(".widget-output")).to_have_text("Hello Ada two\n")
    expect(frame_of(tab).get_by_label("Name")).to_have_value("Ada")


INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import interact
@interact(power=(1, 5), title='Powers')
def draw(power=2, title=''):
    plt.figure(figsize=(2, 1))
    plt.plot([x ** power for x in range(5)])
    plt.show()
    print('power', power, title)"""


def test_interact_redraws(
    open_notebook: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    tab = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, INTERACT))
    output = frame_of(tab).locator(".widget-output")
    expect(output).to_contain_text("power 2 Powers")
    image = output.locator("img")
    expect(image).to_have_count(1)
    before = image.get_attribute("src")
    handle_of(tab).focus()
    tab.page.keyboard.press("ArrowRight")
    expect(output).to_contain_text("power 3 Powers")
    expect(image).to_have_count(1)
    assert image.get_attribute("src") != before


def test_a_callback_prints_under_its_cell(
    open_notebook: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = (
        "from ipywidgets import Button\nb = Button(description='Go')\nb.on_click(lambda _: print('went'))\nb"
    )
    cell = add_cell(owner, notebook, source)
    tab = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", cell)
    for count in (1, 2):
        frame_of(tab).get_by_role("button", name="Go").click()
        wait_for_output(cell, lambda text, count=count: text == "went\n" * count)  # type: ignore[misc]
    expect(tab.outputs(0).locator(".output-stdout")).to_have_text("went\nwent")


COUNTER = '''
import anywidget, traitlets
class Counter(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const button = document.createElement("button");
      const show = () => {
        button.textContent = `count is ${model.get("value")} of ${model.get("bytes")?.byteLength}`;
      };
      button.addEventListener("click", () => {
        model.set("value", model.get("value") + 1);
        model.save_changes();
      });
      model.on("change:value", show);
      model.on("msg:custom", (message, buffers) => {
        button.title = message.say + buffers[0].byteLength;
        model.send({ heard: true });
      });
      show();
      el.append(button);
    }
    export default { render };
    """
    _css = "button { color: rgb(1, 2, 3); }"
    value = traitlets.Int(0).tag(sync=True)
    bytes = traitlets.Bytes(b"12345").tag(sync=True)
counter = Counter()
counter.on_msg(lambda widget, content, buffers: print("the kernel", content))
counter'''


def test_anywidget(
    open_notebook: OpenTab, worker: WorkerProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, COUNTER)
    mine, theirs = open_notebook(owner), open_notebook(editor)
    run_and_wait(owner, notebook, "cell", cell)
    button = frame_of(mine).locator("button")
    expect(button).to_have_text("count is 0 of 5")
    expect(button).to_have_css("color", "rgb(1, 2, 3)")
    button.click()
    button.click()
    for tab in (mine, theirs):
        expect(frame_of(tab).locator("button")).to_have_text("count is 2 of 5")
    run_and_wait(
        owner, notebook, "cell", add_cell(owner, notebook, "counter.send({'say': 'hey '}, [b'four'])")
    )
    expect(button).to_have_attribute("title", "hey 4")
    wait_for_output(cell, lambda text: "the kernel {'heard': True}" in text)
    mine.page.reload()
    expect(frame_of(mine).locator("button")).to_have_text("count is 2 of 5")


def test_no_click_is_lost_at_the_end_of_a_run(
    open_notebook: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    tab = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, COUNTER))
    # So that the clicks come before the end, at it and after it.
    source = "import time\npauses = iter([0.02 * step for step in range(20)])"
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, source))
    pause = add_cell(owner, notebook, "time.sleep(next(pauses))")
    button = frame_of(tab).locator("button")
    expect(button).to_have_text("count is 0 of 5")
    for count in range(1, 21):
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=pause.id)
        button.click()
        wait_for_run(run)
        expect(button).to_have_text(f"count is {count} of 5")
    reader = add_cell(owner, notebook, "print(counter.value)")
    wait_until(
        lambda: run_and_wait(owner, notebook, "cell", reader) and stream_text(reader) == "20\n",
        "the kernel has all clicks",
    )


def test_clicks_survive_a_lost_connection_and_another_lane(
    open_notebook: OpenTab, mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    tab = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, COUNTER))
    button = frame_of(tab).locator("button")
    expect(button).to_have_text("count is 0 of 5")
    mortal_worker.kill()
    tab.page.context.set_offline(True)
    expect(tab.page.locator("tandem-connection")).not_to_have_attribute("data-status", "connected")
    button.click()
    button.click()
    expect(tab.outputs(0)).to_contain_text("It is tried again.")
    tab.page.context.set_offline(False)
    tab.wait_until_connected()
    mortal_worker.start()
    reader = add_cell(owner, notebook, "print(counter.value)")
    wait_until(
        lambda: run_and_wait(owner, notebook, "cell", reader) and stream_text(reader) == "2\n",
        "the kernel has both clicks",
    )
    expect(button).to_have_text("count is 2 of 5")
    expect(tab.outputs(0)).not_to_contain_text("It is tried again.")


def test_after_the_kernel_is_gone(
    open_notebook: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, SLIDER)
    tab = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", cell)
    expect(readout_of(tab)).to_have_text("3")
    place = frame_of(tab).locator(".widget-place")
    expect(place).not_to_have_attribute("inert", "")
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    gone = "The kernel that made this widget is gone. Run the cell again to use it."
    expect(tab.outputs(0)).to_contain_text(gone)
    expect(place).to_have_attribute("inert", "")
    tab.page.reload()
    expect(readout_of(tab)).to_have_text("3")
    expect(tab.outputs(0)).to_contain_text(gone)
    # Run again, it lives again.
    run_and_wait(owner, notebook, "cell", cell)
    expect(place).not_to_have_attribute("inert", "")
    expect(tab.outputs(0)).not_to_contain_text(gone)

    # Also in a notebook that comes from a file.
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    copy = import_notebook(actor=owner.actor, content=export_ipynb(notebook_id=notebook.id))
    tab.open(f"/notebooks/{copy.id}/")
    expect(readout_of(tab)).to_have_text("3")
    expect(tab.outputs(0)).to_contain_text(gone)


UNKNOWN = """
import ipywidgets as widgets, traitlets
class Chart(widgets.DOMWidget):
    _model_module = traitlets.Unicode('bqplot').tag(sync=True)
    _model_name = _view_name = traitlets.Unicode('Chart').tag(sync=True)
    def __repr__(self): return 'a chart in words'
chart = Chart()
chart"""


def test_what_cannot_be_shown_is_said(
    open_notebook: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    tab = open_notebook(owner)
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, UNKNOWN))
    expect(tab.outputs(0)).to_contain_text("Widgets of “bqplot” cannot be shown")
    expect(tab.outputs(0)).to_contain_text("a chart in words")
    expect(tab.outputs(0).locator("iframe")).to_have_count(0)


def test_linked_in_the_page(
    open_notebook: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    """Across cells, and after a reload: nothing shows the link itself."""
    add_cell(owner, notebook, SLIDER)
    add_cell(owner, notebook, "other = widgets.IntSlider(value=1, max=20)\nother")
    add_cell(owner, notebook, "link = widgets.jslink((slider, 'value'), (other, 'value'))")
    reader = add_cell(owner, notebook, "print(slider.value, other.value)")
    tab = open_notebook(owner)
    run_and_wait(owner, notebook)
    drag(tab, handle_of(tab, 0), 600)
    expect(readout_of(tab, 1)).to_have_text("20")
    wait_until(lambda: _printed(owner, notebook, reader) == "20 20\n", "the kernel knows both")
    tab.page.reload()
    for index in (0, 1):
        expect(readout_of(tab, index)).to_have_text("20")
    drag(tab, handle_of(tab, 1), -300)
    expect(readout_of(tab, 0)).to_have_text("0")
    wait_until(lambda: _printed(owner, notebook, reader) == "0 0\n", "the kernel knows both")


def _printed(person: Person, notebook: Notebook, cell: Cell) -> str:
    run_and_wait(person, notebook, "cell", cell)
    return stream_text(cell)
