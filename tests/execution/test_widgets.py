"""ipywidgets through a real lane: what a kernel says of its widgets, and what people do to them."""

import base64
from typing import Any

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound, TooLarge
from apps.execution.comms import send_comm
from apps.notebooks.models import Cell, Notebook, WidgetModel
from apps.notebooks.widgets import VIEW_TYPE, widget_models
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import outputs_of, run_and_wait, stream_text

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


def say(person: Person, cell: Cell, comm_id: str, data: Any, message_id: str = "m1", *buffers: bytes) -> None:
    send_comm(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        comm_id=comm_id,
        message_id=message_id,
        cell_id=cell.id,
        data=data,
        buffers=[base64.b64encode(each).decode() for each in buffers],
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
