"""ipywidgets through a real lane: what a kernel says of its widgets, and what people do to them."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound, TooLarge, Unavailable
from apps.execution.commands import interrupt, request_run, shutdown_kernel
from apps.execution.comms import send_comm
from apps.execution.widget_model import MAX_WIDGET_BYTES, PROBLEM
from apps.kernels.models import Kernel
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import clear_outputs, duplicate_notebook, import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import Cell, Notebook, WidgetModel
from apps.notebooks.widgets import STATE_TYPE, VIEW_TYPE, widget_models
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.running import outputs_of, run_and_wait, stream_text, wait_for_run
from tests.support.socket import NotebookSocket

SLIDER = "import ipywidgets as widgets\nslider = widgets.IntSlider(value=3)\nslider"


def shown_in(cell: Cell) -> str:
    """The model of the widget that the cell shows."""
    (view,) = [
        output["data"][VIEW_TYPE] for output in outputs_of(cell) if VIEW_TYPE in output.get("data", {})
    ]
    return str(view["model_id"])


def state_of(notebook: Notebook, comm_id: str) -> dict[str, Any]:
    found: dict[str, Any] = WidgetModel.objects.get(notebook=notebook, comm_id=comm_id).state
    return found


def wait_for_state(notebook: Notebook, comm_id: str, **fields: Any) -> None:
    def is_stored() -> bool:
        rows = WidgetModel.objects.filter(notebook=notebook, comm_id=comm_id)
        return any(all(row.state.get(name) == value for name, value in fields.items()) for row in rows)

    wait_until(is_stored, f"the widget has {fields}")


def set_state(person: Person, cell: Cell, comm_id: str, message_id: str = "m1", **state: Any) -> None:
    say(person, cell, comm_id, {"method": "update", "state": state}, message_id)


def say(
    person: Person,
    cell: Cell,
    comm_id: str,
    data: Any,
    message_id: str = "m1",
    *buffers: bytes,
    is_again: bool = False,
) -> None:
    send_comm(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        comm_id=comm_id,
        message_id=message_id,
        cell_id=cell.id,
        data=data,
        buffers=[base64.b64encode(each).decode() for each in buffers],
        is_again=is_again,
    )


@pytest.fixture
def slider(worker: WorkerProcess, owner: Person, notebook: Notebook) -> Cell:
    cell = add_cell(owner, notebook, SLIDER)
    run_and_wait(owner, notebook, "cell", cell)
    return cell


def test_a_value_goes_to_the_kernel_and_back(
    slider: Cell, owner: Person, editor: Person, viewer: Person, notebook: Notebook
) -> None:
    comm_id = shown_in(slider)
    assert state_of(notebook, comm_id)["value"] == 3
    set_state(editor, slider, comm_id, value=7)
    wait_for_state(notebook, comm_id, value=7)
    reader = add_cell(owner, notebook, "print(slider.value)\nslider.max = 50")
    run_and_wait(owner, notebook, "cell", reader)
    assert stream_text(reader) == "7\n"
    wait_for_state(notebook, comm_id, max=50)

    # All that a view needs, for viewers too.
    found = widget_models(actor=viewer.actor, notebook_id=notebook.id, comm_ids=[comm_id])
    names = {model["state"]["_model_name"] for model in found.values()}
    assert names == {"IntSliderModel", "LayoutModel", "SliderStyleModel"}
    assert all(model["is_alive"] for model in found.values())


def test_who_may_not(
    slider: Cell, viewer: Person, stranger: Person, owner: Person, notebook: Notebook
) -> None:
    comm_id = shown_in(slider)
    with pytest.raises(Forbidden):
        set_state(viewer, slider, comm_id, value=9)
    with pytest.raises(NotFound):
        set_state(stranger, slider, comm_id, value=9)
    with pytest.raises(NotFound):
        widget_models(actor=stranger.actor, notebook_id=notebook.id, comm_ids=[comm_id])
    with pytest.raises(Invalid):
        say(owner, slider, comm_id, {"method": "request_state"})
    with pytest.raises(Invalid):
        say(owner, slider, comm_id, {"method": "update", "state": [1]})
    with pytest.raises(TooLarge):
        say(owner, slider, comm_id, {"method": "custom", "content": "x" * 5_000_000})
    # One that nobody knows harms nobody, and the next is heard.
    set_state(owner, slider, "nobody", value=9)
    set_state(owner, slider, comm_id, value=4)
    wait_for_state(notebook, comm_id, value=4)


def test_what_a_callback_prints_goes_under_its_cell(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = """
import ipywidgets as widgets
button = widgets.Button(description='Go')
def clicked(_):
    print('clicked')
    1 / 0
button.on_click(clicked)
button"""
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook, "cell", cell)
    say(owner, cell, shown_in(cell), {"method": "custom", "content": {"event": "click"}})
    wait_until(lambda: stream_text(cell) == "clicked\n", "what was printed is stored")
    wait_until(lambda: outputs_of(cell)[-1]["output_type"] == "error", "the error is stored")
    assert outputs_of(cell)[-1]["ename"] == "ZeroDivisionError"


def test_interact_redraws_in_place(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    source = (
        "from ipywidgets import interact\n@interact(x=(0, 10))\ndef double(x=2):\n    print('twice', 2 * x)"
    )
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook, "cell", cell)
    box = shown_in(cell)
    found = widget_models(actor=owner.actor, notebook_id=notebook.id, comm_ids=[box])
    by_name = {model["state"]["_model_name"]: comm_id for comm_id, model in found.items()}

    def shown() -> str:
        outputs = state_of(notebook, by_name["OutputModel"])["outputs"]
        return "".join(output["text"] for output in outputs if output["output_type"] == "stream")

    wait_until(lambda: shown() == "twice 4\n", "what it printed first is in its Output")
    for value in (5, 7):
        set_state(owner, cell, by_name["IntSliderModel"], f"m{value}", value=value)
        wait_until(lambda value=value: shown() == f"twice {2 * value}\n", "it was called again")  # type: ignore[misc]
    # None of it is an output of the cell's own.
    assert [output["output_type"] for output in outputs_of(cell)] == ["display_data"]


CAPTURE = """
import ipywidgets as widgets
from IPython.display import display
outer, inner = widgets.Output(), widgets.Output()
with outer:
    print('to the outer')
    with inner:
        print('to the inner')
        display('shown', display_id='here')
    print('outer again')
print('to the cell')
with inner:
    display('shown anew', display_id='here', update=True)
outer"""


def test_output_widgets_capture(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, CAPTURE)
    run_and_wait(owner, notebook, "cell", cell)
    assert stream_text(cell) == "to the cell\n"
    outer = shown_in(cell)
    wait_for_state(notebook, outer, msg_id="")
    (text,) = state_of(notebook, outer)["outputs"]
    assert text["text"] == "to the outer\nouter again\n"
    rows = WidgetModel.objects.filter(notebook=notebook, state___model_name="OutputModel")
    (inner,) = rows.exclude(comm_id=outer)
    assert [output["output_type"] for output in inner.state["outputs"]] == ["stream", "display_data"]
    assert inner.state["outputs"][1]["data"]["text/plain"] == "'shown anew'"

    # The kernel knows them too, and what it sets is what counts.
    reader = add_cell(owner, notebook, "print(outer.outputs[0]['text'], end='')\nouter.outputs = ()")
    wait_until(
        lambda: run_and_wait(owner, notebook, "cell", reader) and "outer again" in stream_text(reader),
        "the kernel has the outputs",
    )
    wait_for_state(notebook, outer, outputs=[])


def test_progress_in_a_loop_is_told_and_stored(
    worker: WorkerProcess, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    source = """
import ipywidgets as widgets, time
bar = widgets.IntProgress(max=2000)
display(bar)
for bar.value in range(2001):
    time.sleep(0.0005)"""
    cell = add_cell(owner, notebook, source)
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        told = list(updates(socket, "value", until=2000))
        wait_for_run(run)
    # Many values, in order, but far from all; the number of frames has no gap.
    values = [item["state"]["value"] for _, item in told]
    assert values == sorted(values)
    assert 5 < len(values) < 500
    wait_for_state(notebook, shown_in(cell), value=2000)


def updates(socket: NotebookSocket, name: str, *, until: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The updates of that field, with the numbers of their frames, to the one with this value."""
    number = 0
    while True:
        frame = socket.wait_for(lambda frame: frame["type"] == "widgets" and bool(frame["number"]))
        assert number in (0, frame["number"] - min(len(frame["items"]), 1))
        number = frame["number"]
        for item in frame["items"]:
            if item["kind"] == "updated" and name in item["state"]:
                yield number, item
                if item["state"][name] == until:
                    return


def test_what_people_do_waits_for_the_run_and_is_one(
    slider: Cell, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    comm_id = shown_in(slider)
    seen = "seen = []\nslider.observe(lambda change: seen.append(change.new), 'value')\ngate = 'gate'"
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, seen))
    busy = add_cell(owner, notebook, "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=busy.id)
        socket.cell_status(cell_id=str(busy.id), status="running")
        for value in range(10, 20):
            set_state(owner, slider, comm_id, f"m{value}", value=value)
        (workspace_of(notebook.id) / "go").touch()
        wait_for_run(run)
        handled = socket.wait_for(
            lambda frame: (
                frame["type"] == "widgets" and any(item["kind"] == "handled" for item in frame["items"])
            )
        )
    (ids,) = [item["message_ids"] for item in handled["items"] if item["kind"] == "handled"]
    assert ids == [f"m{value}" for value in range(10, 20)]
    reader = add_cell(owner, notebook, "print(seen)")
    run_and_wait(owner, notebook, "cell", reader)
    assert stream_text(reader) == "[19]\n"


def test_a_callback_can_be_interrupted(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    source = """
import ipywidgets as widgets, itertools
button = widgets.Button()
def spin(_):
    print('began')
    for _ in itertools.count(): pass
button.on_click(spin)
button"""
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook, "cell", cell)
    say(owner, cell, shown_in(cell), {"method": "custom", "content": {"event": "click"}})
    wait_until(lambda: "began" in stream_text(cell), "it runs")
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_until(lambda: outputs_of(cell)[-1].get("ename") == "KeyboardInterrupt", "it was interrupted")
    after = add_cell(owner, notebook, "print('alive')")
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "alive\n"


def test_binary_parts_come_and_go(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(
        owner, notebook, "import ipywidgets as widgets\nimage = widgets.Image(value=b'\\x00\\xffone')\nimage"
    )
    run_and_wait(owner, notebook, "cell", cell)
    comm_id = shown_in(cell)
    wait_for_state(notebook, comm_id, format="png")
    row = WidgetModel.objects.get(notebook=notebook, comm_id=comm_id)
    assert row.buffers == [
        {"path": ["value"], "encoding": "base64", "data": base64.b64encode(b"\x00\xffone").decode()}
    ]
    data = {"method": "update", "state": {}, "buffer_paths": [["value"]]}
    say(owner, cell, comm_id, data, "m1", b"\x01two")
    reader = add_cell(owner, notebook, "print(bytes(image.value))")
    wait_until(
        lambda: run_and_wait(owner, notebook, "cell", reader) and "two" in stream_text(reader), "it arrived"
    )
    assert stream_text(reader) == "b'\\x01two'\n"


def test_a_closed_widget_is_gone(slider: Cell, owner: Person, notebook: Notebook) -> None:
    comm_id = shown_in(slider)
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, "slider.close()"))
    wait_until(lambda: not WidgetModel.objects.filter(comm_id=comm_id).exists(), "it is not stored any more")


def test_after_the_kernel_it_can_be_looked_at(slider: Cell, owner: Person, notebook: Notebook) -> None:
    comm_id = shown_in(slider)
    add_cell(owner, notebook, "")
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, "widgets.Text('shown nowhere')\nNone"))
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_until(
        lambda: not WidgetModel.objects.filter(notebook=notebook, is_alive=True).exists(), "none is alive"
    )
    # Those that an output shows are left.
    names = {row.state["_model_name"] for row in WidgetModel.objects.filter(notebook=notebook)}
    assert names == {"IntSliderModel", "LayoutModel", "SliderStyleModel"}
    wait_until(lambda: Kernel.objects.get(pk=notebook.pk).status == "off", "the kernel is off")
    with pytest.raises(Unavailable, match="Run the cell again"):
        set_state(owner, slider, comm_id, value=5)
    assert state_of(notebook, comm_id)["value"] == 3


def test_a_widget_that_is_too_large_is_a_sentence(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = f"import ipywidgets as widgets\ntext = widgets.HTML('x' * {MAX_WIDGET_BYTES})\ntext"
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook, "cell", cell)
    comm_id = shown_in(cell)
    wait_until(lambda: WidgetModel.objects.filter(comm_id=comm_id).exists(), "it is stored")
    assert "too large" in state_of(notebook, comm_id)[PROBLEM]


def test_messages_that_no_widget_sends(slider: Cell, owner: Person, notebook: Notebook) -> None:
    source = """
kernel = get_ipython().kernel
def send(kind, content):
    kernel.session.send(kernel.iopub_socket, kind, content, ident=b'comm-x')
deep = []
for _ in range(400): deep = [deep]
strange = {'x\\x00': '\\x00', 'n': float('nan'), 'deep': deep}
captor = {'msg_id': 7, '_model_name': 'OutputModel'}
for content in (
    {}, {'comm_id': 7}, {'comm_id': ''}, {'comm_id': 'x' * 101}, {'comm_id': 'a\\x00'},
    {'comm_id': 'a', 'target_name': 'jupyter.widget'},
    {'comm_id': 'a', 'target_name': 'jupyter.widget', 'data': {'state': 3}},
    {'comm_id': 'a', 'target_name': 'jupyter.widget', 'data': {'state': {}, 'buffer_paths': [3, [[]], []]}},
    {'comm_id': 'b', 'target_name': 'jupyter.widget', 'data': {'state': strange}},
):
    send('comm_open', content)
for kind in ('comm_msg', 'comm_close', 'comm_handled'):
    for content in ({}, {'comm_id': 'b', 'data': 7}, {'comm_id': 'b', 'data': {'method': 'update', 'state': None}}):
        send(kind, content)
send('comm_open', {'comm_id': 'c', 'target_name': 'jupyter.widget', 'data': {'state': captor}})
slider.value = 12
print('done')"""
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook, "cell", cell)
    assert stream_text(cell) == "done\n", outputs_of(cell)
    wait_for_state(notebook, shown_in(slider), value=12)


def test_another_lane_goes_on(mortal_worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, SLIDER)
    run_and_wait(owner, notebook, "cell", cell)
    comm_id = shown_in(cell)
    wait_for_state(notebook, comm_id, value=3)
    mortal_worker.kill()
    mortal_worker.start()
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, "slider.max = 70"))
    wait_for_state(notebook, comm_id, max=70, value=3)
    set_state(owner, cell, comm_id, value=60)
    wait_for_state(notebook, comm_id, value=60)


CLICKED = """
import ipywidgets as widgets
button, count = widgets.Button(), widgets.IntText()
def clicked(_): count.value += 1
button.on_click(clicked)
box = widgets.Box([button, count])
button"""
CLICK = {"method": "custom", "content": {"event": "click"}}
BUSY = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)"


def count_of(notebook: Notebook) -> str:
    (row,) = WidgetModel.objects.filter(notebook=notebook, state___model_name="IntTextModel")
    return str(row.comm_id)


def test_what_is_sent_again_happens_once(
    worker: WorkerProcess, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, CLICKED)
    run_and_wait(owner, notebook, "cell", cell)
    button, count = shown_in(cell), count_of(notebook)
    busy = add_cell(owner, notebook, BUSY)

    def is_handled(frame: dict[str, Any]) -> bool:
        return frame["type"] == "widgets" and any(
            "m1" in item["message_ids"] for item in frame["items"] if item["kind"] == "handled"
        )

    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=busy.id)
        socket.cell_status(cell_id=str(busy.id), status="running")
        for is_again in (False, True, True):
            say(owner, cell, button, CLICK, is_again=is_again)
        (workspace_of(notebook.id) / "go").touch()
        wait_for_run(run)
        socket.wait_for(is_handled)
        # A page that did not hear it is told once more.
        say(owner, cell, button, CLICK, is_again=True)
        socket.wait_for(is_handled)
    say(owner, cell, button, CLICK, "m2")
    wait_for_state(notebook, count, value=2)


def test_what_waits_when_a_worker_dies_is_sent_again(
    mortal_worker: WorkerProcess, server: WebProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, CLICKED)
    run_and_wait(owner, notebook, "cell", cell)
    button, count = shown_in(cell), count_of(notebook)
    say(owner, cell, button, CLICK, "m1")
    wait_for_state(notebook, count, value=1)
    busy = add_cell(owner, notebook, BUSY)
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=busy.id)
        socket.cell_status(cell_id=str(busy.id), status="running")
    say(owner, cell, button, CLICK, "m2")
    mortal_worker.kill()
    mortal_worker.start()
    (workspace_of(notebook.id) / "go").touch()
    wait_for_run(run)
    # One that the kernel has had, and one that went with the worker.
    for message_id in ("m1", "m2"):
        say(owner, cell, button, CLICK, message_id, is_again=True)
    say(owner, cell, button, CLICK, "m3")
    wait_for_state(notebook, count, value=3)


def test_files_carry_the_state(slider: Cell, owner: Person, viewer: Person, notebook: Notebook) -> None:
    comm_id = shown_in(slider)
    content = export_ipynb(notebook_id=notebook.id)
    states = json.loads(content)["metadata"]["widgets"][STATE_TYPE]["state"]
    assert len(states) == 3
    assert states[comm_id]["model_name"] == "IntSliderModel"
    assert states[comm_id]["state"]["value"] == 3

    copies = [
        import_notebook(actor=owner.actor, content=content),
        duplicate_notebook(actor=viewer.actor, notebook_id=notebook.id),
    ]
    for copy, person in zip(copies, (owner, viewer), strict=True):
        found = widget_models(actor=person.actor, notebook_id=copy.id, comm_ids=[comm_id])
        assert set(found) == set(states)
        assert found[comm_id]["state"]["value"] == 3
        assert not any(model["is_alive"] for model in found.values())
    # What came with a file comes out as it was.
    again = json.loads(export_ipynb(notebook_id=copies[0].id))
    assert again["metadata"]["widgets"] == json.loads(content)["metadata"]["widgets"]
    clear_outputs(actor=owner.actor, notebook_id=notebook.id)
    assert "widgets" not in json.loads(export_ipynb(notebook_id=notebook.id))["metadata"]
