"""Cells run on a real kernel in a real worker: what is stored, what is streamed, how they end."""

import json

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound
from apps.execution.commands import request_run
from apps.notebooks.commands import delete_cell, edit_cell
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.running import outputs_of, run_and_wait, stream_text, wait_for_run, wait_for_status
from tests.support.socket import NotebookSocket

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_streams_and_stores_the_same(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "print('hello')\n1 + 1")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        run = socket.result("run", scope="cell", cell_id=str(cell.id))["run"]
        assert [item["cell_id"] for item in run["cells"]] == [str(cell.id)]
        assert socket.cell_status(status="running")["cell_run_id"] == run["cells"][0]["cell_run_id"]
        ended = socket.cell_status(status="ok")
        assert socket.event("run_finished")["status"] == "ok"
        streamed = [frame for frame in socket.frames if frame["type"] == "output"]
        stored = socket.result("outputs", cell_id=str(cell.id))["outputs"]
    assert ended["execution_count"] == 1
    assert ended["elapsed_ms"] >= 0
    operations = [operation for frame in streamed for operation in frame["outputs"]]
    assert ended["output_offset"] == len(operations)
    assert operations == stored
    assert stored == [
        {"output_type": "stream", "name": "stdout", "text": "hello\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "2"},
            "metadata": {},
            "execution_count": 1,
        },
    ]


def test_output_arrives_while_the_cell_runs(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = "import time\nfor i in range(1000):\n    print(i)\n    time.sleep(0.02)"
    cell = add_cell(owner, notebook, source)
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        socket.result("run", scope="cell", cell_id=str(cell.id))
        first = socket.wait_for(lambda frame: frame["type"] == "output")
        assert first["offset"] == 0
        second = socket.wait_for(lambda frame: frame["type"] == "output")
        assert second["offset"] == first["offset"] + len(first["outputs"])
        cell.refresh_from_db()
        assert cell.status == CellStatus.RUNNING
        # A reload in the middle of the run shows what came so far.
        wait_until(lambda: len(stream_text(cell)) > 0, "something is stored")
        socket.result("interrupt")
        assert socket.cell_status(cell_id=str(cell.id), status="error")
    error = outputs_of(cell)[-1]
    assert (error["output_type"], error["ename"]) == ("error", "KeyboardInterrupt")


def test_rich_outputs(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    source = f"""
from IPython.display import display, HTML, Image
import base64, sys
display(HTML('<b>bold</b>'))
display(Image(base64.b64decode('{PNG}')))
print('warned', file=sys.stderr)
"""
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook)
    html, image, stderr = outputs_of(cell)
    assert html["data"]["text/html"] == "<b>bold</b>"
    assert image["data"]["image/png"].strip() == PNG
    assert stderr == {"output_type": "stream", "name": "stderr", "text": "warned\n"}


def test_clear_output_and_display_updates(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(
        owner,
        notebook,
        """
from IPython.display import display, clear_output
print('gone at once')
clear_output()
handle = display('first', display_id='one')
print('kept')
handle.update('second')
clear_output(wait=True)
handle = display('third', display_id='one')
""",
    )
    other = add_cell(owner, notebook, "handle.update('from another cell')\nprint('done')")
    run_and_wait(owner, notebook)
    (shown,) = outputs_of(cell)
    assert shown["data"] == {"text/plain": "'from another cell'"}
    assert shown["transient"] == {"display_id": "one"}
    assert stream_text(other) == "done\n"
    assert len(outputs_of(other)) == 1


def test_text_that_cannot_be_stored(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "print('a\\x00b')\n'\\x00'")
    run_and_wait(owner, notebook)
    assert stream_text(cell) == "a\ufffdb\n"


def test_run_all_in_order_stops_at_an_error(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    first = add_cell(owner, notebook, "x = 20")
    add_cell(owner, notebook, "# Words", kind="markdown")
    second = add_cell(owner, notebook, "print(x + 1)\ny = 1 / 0")
    third = add_cell(owner, notebook, "print('never', y)")
    run = run_and_wait(owner, notebook)
    assert run.status == "error"
    assert wait_for_status(first, CellStatus.OK).execution_count == 1
    assert wait_for_status(second, CellStatus.ERROR).execution_count == 2
    assert stream_text(second) == "21\n"
    assert outputs_of(second)[1]["ename"] == "ZeroDivisionError"
    assert wait_for_status(third, CellStatus.BLOCKED).execution_count is None
    assert outputs_of(third) == []


def test_scopes(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cells = [add_cell(owner, notebook, f"print({index})") for index in range(3)]
    assert run_and_wait(owner, notebook, "above", cells[1]).cell_runs.count() == 1
    below = run_and_wait(owner, notebook, "below", cells[1])
    assert [item.cell_id for item in below.cell_runs.all()] == [cells[1].id, cells[2].id]


def test_a_queued_cell_runs_the_source_it_was_queued_with(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "import time\ntime.sleep(0.7)")
    cell = add_cell(owner, notebook, "print('before')")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    edit_cell(
        actor=owner.actor,
        notebook_id=notebook.id,
        cell_id=cell.id,
        source="print('after')",
        expected_version=0,
    )
    wait_for_run(run)
    assert stream_text(cell) == "before\n"


def test_a_deleted_cell_does_not_run(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    slow = add_cell(owner, notebook, "import time\ntime.sleep(0.7)")
    cell = add_cell(owner, notebook, "print('never')")
    last = add_cell(owner, notebook, "print('last')")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_status(slow, CellStatus.RUNNING)
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id)
    wait_for_run(run)
    assert outputs_of(cell) == []
    assert stream_text(last) == "last\n"


def test_threads_print_after_their_cell_has_ended(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(
        owner,
        notebook,
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.7), print('late'))).start()\nprint('early')",
    )
    run_and_wait(owner, notebook)
    wait_until(lambda: stream_text(cell) == "early\nlate\n", "late output is stored")


def test_output_beyond_the_limit_is_cut_with_a_notice(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "for _ in range(30): display({'text/plain': 'x' * 2**20}, raw=True)")
    run_and_wait(owner, notebook)
    assert wait_for_status(cell, CellStatus.OK)
    assert len(json.dumps(outputs_of(cell))) < 22 * 2**20
    assert "of a cell at most 20 MiB are kept" in stream_text(cell, "stderr")


def test_who_may_run(
    owner: Person, editor: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "1")
    assert request_run(actor=editor.actor, notebook_id=notebook.id, scope="all")
    with pytest.raises(Forbidden, match="viewer"):
        request_run(actor=viewer.actor, notebook_id=notebook.id, scope="all")
    with pytest.raises(NotFound):
        request_run(actor=stranger.actor, notebook_id=notebook.id, scope="all")


def test_what_cannot_run(owner: Person, notebook: Notebook) -> None:
    words = add_cell(owner, notebook, "# Words", kind="markdown")
    with pytest.raises(Invalid, match="no cell to run"):
        request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    with pytest.raises(Invalid, match="Markdown"):
        request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=words.id)
    with pytest.raises(Invalid, match="scope must be"):
        request_run(actor=owner.actor, notebook_id=notebook.id, scope="everything")
    with pytest.raises(Invalid, match="needs a cell"):
        request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell")
    notebook.metadata = {"kernelspec": {"name": "julia-1.9", "language": "julia"}}
    notebook.save()
    with pytest.raises(Invalid, match="julia"):
        request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")


def test_numbers_that_json_cannot_hold(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = """
from IPython.display import display
display({'application/json': {'huge': 10**40}, 'text/plain': 'numbers'}, raw=True)
"""
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook)
    with NotebookSocket(server, notebook.id, owner) as socket:
        (shown,) = socket.open()["notebook"]["cells"][0]["outputs"]
    assert shown == outputs_of(cell)[0]
    assert shown["data"]["application/json"] == {"huge": 10**40}
