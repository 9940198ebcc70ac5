"""What goes wrong around a running cell, and how it ends."""

from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.db import transaction
from django.utils import timezone

from apps.execution.commands import request_run
from apps.execution.lease import Lease
from apps.execution.models import CellRun, CellRunStatus
from apps.execution.plan_in_flight import PlanInFlight
from apps.execution.transitions import end
from apps.journal.publish import connection as redis_connection
from apps.notebooks.commands import delete_notebook
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.kernels import kernel_process
from tests.support.processes import Database, WebProcess, WorkerProcess, wait_until
from tests.support.running import (
    outputs_of,
    run_and_wait,
    stream_text,
    wait_for_output,
    wait_for_run,
    wait_for_status,
)
from tests.support.socket import NotebookSocket


@pytest.fixture
def kernel_startup(database: Database, notebook: Notebook) -> Path:
    """A file that the notebook's kernel runs before it is ready."""
    home = database.data_dir / "kernel_homes" / str(notebook.id)
    folder = home / ".ipython" / "profile_default" / "startup"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "startup.py"


def test_nothing_is_dropped_while_the_lane_is_held_up(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "1")
    run_and_wait(owner, notebook)
    cell = add_cell(owner, notebook, "for i in range(4000): display(i)")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
    wait_for_status(cell, CellStatus.RUNNING)
    with transaction.atomic():
        Notebook.objects.select_for_update(no_key=True).get(id=notebook.id)
        kernel = kernel_process(notebook)
        wait_until(lambda: _is_idle(kernel.pid), "the kernel is done, with nobody to read it")
    wait_for_run(run)
    shown = [output["data"]["text/plain"] for output in outputs_of(cell)]
    assert shown == [str(i) for i in range(4000)]


def test_a_kernel_that_starts_slowly_is_waited_for(
    worker: WorkerProcess, owner: Person, notebook: Notebook, kernel_startup: Path
) -> None:
    # Longer than a lease lasts that nobody renews.
    kernel_startup.write_text("import time; time.sleep(12)")
    cell = add_cell(owner, notebook, "print('patience')")
    assert run_and_wait(owner, notebook).status == "ok"
    assert stream_text(cell) == "patience\n"


def test_a_kernel_that_dies_at_its_start_says_why(
    worker: WorkerProcess, owner: Person, notebook: Notebook, kernel_startup: Path
) -> None:
    kernel_startup.write_text("import os, sys; sys.__stderr__.write('no such luck\\n'); os._exit(7)")
    cell = add_cell(owner, notebook, "1")
    run_and_wait(owner, notebook)
    (error,) = outputs_of(wait_for_status(cell, CellStatus.ERROR))
    assert error["ename"] == "KernelNotStarted"
    assert "exit code 7" in error["evalue"]


@pytest.mark.parametrize("started_ago", [timedelta(days=40), timedelta(seconds=-5)])
def test_clocks_that_jump(owner: Person, notebook: Notebook, started_ago: timedelta) -> None:
    add_cell(owner, notebook, "1")
    lease = Lease.acquire(notebook.id)  # before a worker hears of the run
    assert lease
    request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    _, claim = lease.claim()
    assert claim
    plan = PlanInFlight(claim)
    turn = plan.begin(claim.turns[0].key, timezone.now() - started_ago)
    with transaction.atomic():
        end(notebook.id, [plan.fail(turn)], {})
    assert Cell.objects.get(id=turn.cell_id).elapsed_ms in (0, 2**31 - 1)
    assert CellRun.objects.get(id=turn.id).status == CellRunStatus.ERROR


def test_a_notebook_deleted_while_a_cell_computes(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "while True: pass")
    request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_status(cell, CellStatus.RUNNING)
    kernel = kernel_process(notebook)
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    wait_until(
        lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE, "the kernel has ended"
    )


@pytest.mark.parametrize(
    "source",
    [
        "from IPython.display import publish_display_data as p\np({'text/plain': 'x'}, update=True)",
        "display('x', raw=True, display_id=[1])",
        "display({'text/plain': 'x'}, raw=True, display_id='d' * 5000)",
        "nested = []\nfor _ in range(900): nested = [nested]\n"
        "display({'application/json': nested, 'text/plain': 'x'}, raw=True)",
        "get_ipython().kernel.iopub_thread.socket.send_multipart([b'nonsense'])",
        "k = get_ipython().kernel\nk.session.send(k.iopub_socket, 'display_data', {'data': 7}, parent=k.get_parent())",
        "k = get_ipython().kernel\nk.session.send(k.iopub_socket, 'stream', {}, parent=k.get_parent())",
    ],
)
def test_odd_output_does_not_hurt(
    worker: WorkerProcess, owner: Person, notebook: Notebook, source: str
) -> None:
    odd = add_cell(owner, notebook, source)
    after = add_cell(owner, notebook, "print('fine')")
    run_and_wait(owner, notebook)
    if wait_for_status(odd, CellStatus.OK, CellStatus.ERROR).status == CellStatus.ERROR:
        # The kernel itself may refuse to send it; then it says so.
        assert outputs_of(odd)[-1]["ename"] in ("TypeError", "RecursionError", "ValueError")
        run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "fine\n"


def test_a_lane_that_lost_redis_hears_again(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "import time\nprint('began', flush=True)\ntime.sleep(2.5)")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "began" in text)
    channel = f"tandem:lane:{notebook.id.hex}"
    redis_connection().client_kill_filter(_type="pubsub")
    wait_until(
        lambda: dict(redis_connection().pubsub_numsub(channel)).get(channel.encode()), "it listens again"
    )
    assert wait_for_run(run).status == "ok"


def test_an_open_page_learns_what_a_dead_worker_did_not_store(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "import time\nfor i in range(500):\n    print(i)\n    time.sleep(0.01)")
    with NotebookSocket(server, notebook.id, owner) as socket:
        socket.open()
        socket.result("run", scope="cell", cell_id=str(cell.id))
        for _ in range(5):
            shown = socket.wait_for(lambda frame: frame["type"] == "output")
        worker.kill()
        worker.start()
        ended = socket.cell_status(cell_id=str(cell.id), status="ok")
        stored = socket.result("outputs", cell_id=str(cell.id))
    # Further than any page can be: so every page asks, and gets what is stored.
    assert ended["output_offset"] > shown["offset"] + 5000
    assert stored["output_offset"] == ended["output_offset"]
    assert stored["outputs"][0]["text"] == "".join(f"{i}\n" for i in range(500))


def test_a_live_plot_does_not_run_into_the_limit(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(
        owner,
        notebook,
        "from IPython.display import clear_output\n"
        "for i in range(30):\n    clear_output(wait=True)\n    print(i, 'x' * 2**20)",
    )
    run_and_wait(owner, notebook)
    assert stream_text(cell).startswith("29 x")
    assert stream_text(cell, "stderr") == ""


def _is_idle(pid: int) -> bool:
    """Whether the process has used no processor for a moment."""

    return psutil.Process(pid).cpu_percent(interval=0.3) < 5
