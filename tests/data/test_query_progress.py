"""What people see of a query while it runs: a real PostgreSQL that takes its time, and sockets of real pages."""

import time

from apps.data.commands import share_connection
from apps.execution.commands import request_run
from apps.execution.models import CellRun, CellRunStatus
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import Elsewhere, ask, connect
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.running import error_of, wait_for_run
from tests.support.socket import Frame, NotebookSocket

DEADLINE_S = 100.0


def told(socket: NotebookSocket, state: str) -> Frame:
    return socket.wait_for(
        lambda frame: frame["type"] == "query_progress" and frame["state"] == state, deadline_s=DEADLINE_S
    )


def test_rows_are_counted_while_they_come(
    server: WebProcess,
    worker: WorkerProcess,
    elsewhere: Elsewhere,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    text = (
        "SELECT i, repeat('x', 5000) AS text, CASE WHEN i = 1 THEN pg_advisory_xact_lock(1) IS NULL "
        "WHEN i = 3000 THEN pg_advisory_xact_lock(2) IS NULL END AS passed FROM generate_series(1, 4000) i"
    )
    cell = add_cell(owner, notebook, text, kind="sql")
    ask(owner, cell, connect(owner, elsewhere))
    with NotebookSocket(server, notebook.id, viewer) as socket:
        socket.open()
        began = time.monotonic()
        with elsewhere.gate(2):
            with elsewhere.gate(1):
                run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
                waiting = told(socket, "waiting")
                assert (waiting["rows"], waiting["bytes"]) == (0, 0)
            first = told(socket, "fetching")
        assert 0 < first["rows"] < 4000
        assert first["bytes"] > first["rows"] * 5000
        socket.event("run_finished")
        took = time.monotonic() - began
        wait_for_run(run)
        frames = [frame for frame in socket.received if frame["type"] == "query_progress"]
        key = str(CellRun.objects.get(cell=cell).key)
        assert {(frame["cell_id"], frame["cell_run_id"]) for frame in frames} == {(str(cell.id), key)}
        rows = [frame["rows"] for frame in frames]
        assert rows == sorted(rows)
        assert len(frames) <= took / 0.5 + 1
        # After the end there is nothing to tell.
        position = socket.received.index(frames[-1])
        ends = [place for place, frame in enumerate(socket.received) if _is_end(frame)]
        assert position < ends[-1]
    cell.refresh_from_db()
    assert cell.status == CellRunStatus.OK, error_of(cell)


def test_it_says_that_other_queries_come_first(
    server: WebProcess, worker: WorkerProcess, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere, max_queries=1)
    other = create_notebook(actor=owner.actor, title="Another")
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=other.id)
    long = add_cell(owner, other, "SELECT pg_advisory_xact_lock(1) IS NULL AS passed /* first */", kind="sql")
    short = add_cell(owner, notebook, "SELECT 1 AS one", kind="sql")
    for cell in (long, short):
        ask(owner, cell, connection)
    with elsewhere.gate(1), NotebookSocket(server, notebook.id, owner) as socket:
        runs = [request_run(actor=owner.actor, notebook_id=other.id, scope="all")]
        wait_until(lambda: any("first" in each for each in elsewhere.running()), "the first is asked")
        socket.open()
        runs.append(request_run(actor=owner.actor, notebook_id=notebook.id, scope="all"))
        assert told(socket, "queued")["rows"] == 0
    for run in runs:
        wait_for_run(run)
    assert not error_of(short)


def _is_end(frame: Frame) -> bool:
    return bool(frame["type"] == "event" and frame["event"]["type"] == "run_finished")
