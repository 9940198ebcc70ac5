"""Killed workers, a flushed Redis, a restarted web server: nothing is lost, nothing runs twice.

What becomes of a cell that runs is in test_survival.py.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models.functions import Now

from apps.execution.commands import request_run
from apps.execution.models import CellRun, CellRunStatus, Lane
from apps.execution.wake import kick
from apps.journal.publish import connection as redis_connection
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.kernels import kernel_process
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.running import run_and_wait, stream_text, wait_for_run
from tests.support.socket import NotebookSocket

HANGS_S = 30


def test_variables_survive_a_killed_worker(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "x = 41")
    wait_for_run(request_run(actor=owner.actor, notebook_id=notebook.id, scope="all"))
    mortal_worker.kill()
    mortal_worker.start()
    cell = add_cell(owner, notebook, "print(x + 1)")
    wait_for_run(request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id))
    assert stream_text(cell) == "42\n"


def test_a_kernel_that_dies_while_nobody_looks_is_shown_as_dead(
    worker: WorkerProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    run_and_wait(owner, notebook)
    lane = Lane.objects.filter(notebook=notebook, expires_at__gt=Now())
    wait_until(lambda: not lane.exists(), "the lane has let go")
    kernel_process(notebook).kill()
    dead = Kernel.objects.filter(pk=notebook.id, status=KernelStatus.DEAD)
    assert "its variables are lost" in wait_until(dead.first, "it is shown as dead").message


def test_queued_runs_survive_a_flushed_redis(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    mortal_worker.kill()
    cells = [add_cell(owner, notebook, f"print({index})") for index in range(3)]
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    redis_connection().flushall()
    mortal_worker.start()
    wait_for_run(run, deadline_s=30)
    assert [stream_text(cell) for cell in cells] == ["0\n", "1\n", "2\n"]
    assert set(CellRun.objects.filter(run=run).values_list("status", flat=True)) == {CellRunStatus.OK}


def test_a_redis_that_hangs_holds_up_nobody(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "print('ran')")
    with hanging_redis():
        began = time.monotonic()
        run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
        kick(notebook.id)
        assert time.monotonic() - began < HANGS_S / 3
    wait_for_run(run, deadline_s=30)
    assert stream_text(cell) == "ran\n"


def test_redis_is_flushed_while_a_worker_waits_for_kicks(
    mortal_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    redis_connection().flushall()
    cell = add_cell(owner, notebook, "print('ran')")
    wait_for_run(request_run(actor=owner.actor, notebook_id=notebook.id, scope="all"), deadline_s=30)
    assert stream_text(cell) == "ran\n"


def test_a_restarted_web_server_misses_nothing(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "import time\nfor i in range(40):\n    print(i)\n    time.sleep(0.05)")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        socket.result("run", scope="cell", cell_id=str(cell.id))
        socket.cell_status(status="running")
        server.kill()
        heard = max(frame["seq"] for frame in socket.received if frame["type"] == "event")
    server.start()
    with NotebookSocket(server, notebook.id, owner) as socket:
        opened = socket.result("open", since_seq=heard)
        ended = socket.cell_status(cell_id=str(cell.id), status="ok")
        stored = socket.result("outputs", cell_id=str(cell.id))
    assert opened["seq"] >= heard
    assert stored["output_offset"] == ended["output_offset"]
    assert stream_text(cell) == "".join(f"{i}\n" for i in range(40))


@contextmanager
def hanging_redis() -> Iterator[None]:
    """It takes what is written to it, and does not answer."""
    redis = redis_connection()
    redis.execute_command("CLIENT", "PAUSE", HANGS_S * 1000, "WRITE")
    try:
        yield
    finally:
        redis.execute_command("CLIENT", "UNPAUSE")
