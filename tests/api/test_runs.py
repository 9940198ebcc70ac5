"""notebooks/{id}/runs/…"""

import time
from typing import Any
from uuid import uuid4

import pytest

from apps.api import responses
from apps.execution.models import Run
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until


def test_a_run_is_queued(editor: Person, owner: Person, notebook: Notebook, cell: Cell) -> None:
    add_cell(owner, notebook, "# text", kind="markdown")
    second = add_cell(owner, notebook, "y")
    path = f"notebooks/{notebook.id}/runs/"
    run = Caller(editor).post(path, {"scope": "all"}).shaped(responses.Run, 202)
    assert [item["cell_id"] for item in run["cells"]] == [str(cell.id), str(second.id)]
    assert Caller(editor).get(f"{path}{run['id']}/").shaped(responses.Run)["id"] == run["id"]
    below = Caller(editor).post(path, {"scope": "below", "cell": str(second.id)}).shaped(responses.Run, 202)
    assert [item["cell_id"] for item in below["cells"]] == [str(second.id)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"scope": "everything"},
        {"scope": "cell"},
        {"scope": "cell", "cell": "x"},
        {"scope": "cell", "cell": 1},
        {"scope": "all", "wait_s": -1},
        {"scope": "all", "wait_s": 61},
        {"scope": "all", "wait_s": "NaN"},
        {"scope": "all", "wait": 1},
        {"scope": "above", "cell": "CELL"},
    ],
)
def test_what_cannot_be_run_is_refused(editor: Person, notebook: Notebook, cell: Cell, body: Any) -> None:
    body = {key: str(cell.id) if value == "CELL" else value for key, value in body.items()}
    Caller(editor).post(f"notebooks/{notebook.id}/runs/", body).refused(400, "invalid")
    assert not Run.objects.filter(notebook=notebook).exists()


def test_a_cell_or_run_that_is_not_there(editor: Person, notebook: Notebook, cell: Cell) -> None:
    path = f"notebooks/{notebook.id}/runs/"
    Caller(editor).post(path, {"scope": "cell", "cell": str(uuid4())}).refused(404, "not_found")
    Caller(editor).get(f"{path}{uuid4()}/").refused(404, "not_found")
    Caller(editor).get(f"{path}1/").refused(404, "not_found")


def test_roles(editor: Person, notebook: Notebook, cell: Cell, viewer: Person, stranger: Person) -> None:
    path = f"notebooks/{notebook.id}/runs/"
    run = Caller(editor).post(path, {"scope": "all"}).json["id"]
    assert Caller(viewer).get(f"{path}{run}/").status == 200
    Caller(viewer).post(path, {"scope": "all"}).refused(403, "forbidden")
    Caller(stranger).post(path, {"scope": "all"}).refused(404, "not_found")
    Caller(stranger).get(f"{path}{run}/").refused(404, "not_found")
    Caller().post(path, {"scope": "all"}).refused(401, "unauthenticated")
    Caller().get(f"{path}{run}/").refused(401, "unauthenticated")


def test_waiting_ends_with_the_time(owner: Person, notebook: Notebook, worker: WorkerProcess) -> None:
    add_cell(owner, notebook, "import time; time.sleep(60)")
    started = time.monotonic()
    run = Caller(owner).post(f"notebooks/{notebook.id}/runs/", {"scope": "all", "wait_s": 0.5})
    assert run.shaped(responses.Run, 202)["status"] in ("queued", "running")
    assert time.monotonic() - started < 5
    Caller(owner).post(f"notebooks/{notebook.id}/kernel/shutdown/").shaped(responses.KernelState, 202)


def test_a_program_runs_a_notebook(owner: Person, notebook: Notebook, worker: WorkerProcess) -> None:
    add_cell(owner, notebook, "print('a')\n1 + 1")
    add_cell(owner, notebook, "quotient = 1 / 0")
    add_cell(owner, notebook, "quotient + 3")
    caller, path = Caller(owner), f"notebooks/{notebook.id}/"
    run = caller.post(f"{path}runs/", {"scope": "all", "wait_s": 60}).shaped(responses.Run, 202)
    assert run["status"] == "error"
    assert [item["status"] for item in run["cells"]] == ["ok", "error", "blocked"]
    cells = caller.get(path).shaped(responses.Notebook)["cells"]
    assert [output["output_type"] for output in cells[0]["outputs"]] == ["stream", "execute_result"]
    assert cells[1]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert caller.get(f"{path}kernel/").shaped(responses.KernelReport)["status"] == "idle"
    exported = caller.get(f"{path}export/").json
    assert exported["cells"][0]["outputs"][0]["text"] == ["a\n"]
    caller.post(f"{path}kernel/shutdown/").shaped(responses.KernelState, 202)
    wait_until(lambda: caller.get(f"{path}kernel/").json["status"] == "off", "the kernel is off")
