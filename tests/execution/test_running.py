"""Cells run on a real kernel, in a real worker, seen through the socket."""

from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.socket import NotebookSocket


def test_output_arrives_in_order(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "print('hello')\n1 + 1")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        run = socket.result("run", scope="cell", cell_id=str(cell.id))["run"]
        assert [item["cell_id"] for item in run["cells"]] == [str(cell.id)]
        assert socket.event("cell_status", status="running")["cell_run_id"] == run["cells"][0]["cell_run_id"]
        ended = socket.event("cell_status", status="ok")
        assert ended["execution_count"] == 1
        assert ended["output_offset"] == 2
        stored = socket.result("outputs", cell_id=str(cell.id))
    assert stored["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "hello\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "2"},
            "metadata": {},
            "execution_count": 1,
        },
    ]
