"""The variables of a notebook's kernel, by the server."""

import pytest

from apps.base.errors import Forbidden, NotFound, Unavailable
from apps.execution.commands import request_run, shutdown_kernel
from apps.execution.queries import kernel_state
from apps.execution.variables import variable, variables
from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.running import run_and_wait, wait_for_run
from tests.support.socket import NotebookSocket


def test_who_bound_a_variable_and_when(worker: WorkerProcess, editor: Person, notebook: Notebook) -> None:
    first = add_cell(editor, notebook, "numbers = [1]\nname = 'Ada'")
    second = add_cell(editor, notebook, "numbers += [2]")
    third = add_cell(editor, notebook, "other = 3")
    run_and_wait(editor, notebook)
    run_and_wait(editor, notebook, "cell", third)
    shown = variables(actor=editor.actor, notebook_id=notebook.id)
    assert shown["is_complete"] is True
    by_name = {each["name"]: each for each in shown["variables"]}
    assert {name: (each["cell_id"], each["is_changed"]) for name, each in by_name.items()} == {
        "name": (str(first.id), False),
        "numbers": (str(second.id), False),
        "other": (str(third.id), True),
    }
    assert by_name["numbers"]["preview"] == "[1, 2]"
    details = variable(actor=editor.actor, notebook_id=notebook.id, name="numbers")
    assert details["rows"] == [["0", "int", "1"], ["1", "int", "2"]]
    with pytest.raises(NotFound):
        variable(actor=editor.actor, notebook_id=notebook.id, name="gone")


def test_a_busy_kernel_is_not_waited_for(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "x = input()")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_until(
        lambda: kernel_state(actor=owner.actor, notebook_id=notebook.id)["status"] == "busy", "it is busy"
    )
    with pytest.raises(Unavailable):
        variables(actor=owner.actor, notebook_id=notebook.id)
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    with pytest.raises(Unavailable):
        variable(actor=owner.actor, notebook_id=notebook.id, name="x")


def test_what_a_changed_kernel_replies_is_text(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = """
import kernel_variables
kernel_variables.variables = lambda *args: {
    "status": "ok", "variables": [{"name": ["x"], "size_bytes": "y", "preview": 1}, 5], "next": None}
kernel_variables.variable = lambda *args: {"found": True, "columns": 1, "rows": [["a", 2], 3], "more": "m"}
"""
    add_cell(owner, notebook, source)
    run_and_wait(owner, notebook)
    shown = variables(actor=owner.actor, notebook_id=notebook.id)["variables"]
    nothing = {"name": "", "type": "", "shape": "", "preview": "", "size_bytes": None}
    assert shown == [nothing | {"cell_id": None, "is_changed": False}] * 2
    details = variable(actor=owner.actor, notebook_id=notebook.id, name="x")
    assert details == {"type": "", "columns": [], "rows": [["a", ""], []], "text": "", "more": 0}


def test_over_the_socket_for_editors(
    server: WebProcess,
    worker: WorkerProcess,
    owner: Person,
    viewer: Person,
    stranger: Person,
    notebook: Notebook,
) -> None:
    add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook)
    with NotebookSocket(server, notebook.id, owner) as page:
        (shown,) = page.result("variables")["variables"]
        assert (shown["name"], shown["type"], shown["preview"]) == ("x", "int", "1")
        assert page.result("variable", name="x")["text"] == "1"
    with NotebookSocket(server, notebook.id, viewer) as page:
        assert page.call("variables")["error"]["code"] == "forbidden"
    for person, error in ((viewer, Forbidden), (stranger, NotFound)):
        with pytest.raises(error):
            variable(actor=person.actor, notebook_id=notebook.id, name="x")
