"""Kernels on real Jupyter Kernel Gateways."""

from collections.abc import Iterator

import psutil
import pytest

from apps.execution.commands import answer_input, interrupt, request_run, restart_kernel, shutdown_kernel
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.gateways import GatewayProcess, running_gateways
from tests.support.processes import Database, WorkerProcess, in_place_of, wait_until
from tests.support.running import (
    outputs_of,
    run_and_wait,
    stream_text,
    wait_for_output,
    wait_for_run,
    wait_for_status,
)


@pytest.fixture(scope="module")
def gateways() -> Iterator[list[GatewayProcess]]:
    with running_gateways(2) as gateways:
        yield gateways


@pytest.fixture(scope="module")
def gateway_worker(
    database: Database, worker: WorkerProcess, gateways: list[GatewayProcess]
) -> Iterator[WorkerProcess]:
    """In place of the session's: one whose kernels run on two gateways, and a third that does not exist."""
    urls = ["http://127.0.0.1:9", *(gateway.url_with_token for gateway in gateways)]
    other = WorkerProcess(
        database.data_dir,
        database.url,
        threads=64,  # so many that every lane stays and sees its kernel end
        NOTEBOOK_KERNEL_GATEWAYS=",".join(urls),
        NOTEBOOK_LANE_LINGER_S="300",
    )
    with in_place_of(worker, other):
        yield other


def ended(owner: Person, notebook: Notebook) -> None:
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_until(
        lambda: Kernel.objects.get(pk=notebook.id).status == KernelStatus.OFF, "the kernel has been shut down"
    )


def test_cells_run_there_as_here(
    gateway_worker: WorkerProcess, gateways: list[GatewayProcess], owner: Person, notebook: Notebook
) -> None:
    first = add_cell(owner, notebook, "x = 20\nprint('printed')\nx + 1")
    second = add_cell(owner, notebook, "x * 2")
    failing = add_cell(owner, notebook, "boom = 1 / 0")
    blocked = add_cell(owner, notebook, "boom")
    run_and_wait(owner, notebook)
    text, result = outputs_of(wait_for_status(first, CellStatus.OK))
    assert text["text"] == "printed\n"
    assert (result["data"]["text/plain"], result["execution_count"]) == ("21", 1)
    assert outputs_of(wait_for_status(second, CellStatus.OK))[0]["data"]["text/plain"] == "40"
    assert outputs_of(wait_for_status(failing, CellStatus.ERROR))[0]["ename"] == "ZeroDivisionError"
    assert wait_for_status(blocked, CellStatus.BLOCKED).blocked_by_id == failing.id
    assert sum(len(gateway.kernels()) for gateway in gateways) == 1
    ended(owner, notebook)
    assert sum(len(gateway.kernels()) for gateway in gateways) == 0


def test_a_clean_run_there_too(gateway_worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    """A name that is bound twice has, for each reader, the value from above it, and ends with the last."""
    add_cell(owner, notebook, "x = 1")
    early = add_cell(owner, notebook, "print('early', x)")
    add_cell(owner, notebook, "x = 2")
    late = add_cell(owner, notebook, "print('late', x)")
    run_and_wait(owner, notebook)
    run_and_wait(owner, notebook, "cell", early)
    assert stream_text(early) == "early 1\n"
    run_and_wait(owner, notebook, "cell", late)
    assert stream_text(late) == "late 2\n"
    ended(owner, notebook)


def test_input_interrupt_and_restart(
    gateway_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    asking = add_cell(owner, notebook, "name = input('Who? ')\nprint('Hello', name)")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=asking.id)

    def request() -> dict[str, str] | None:
        return Cell.objects.get(id=asking.id).input_request

    asked = wait_until(request, "the cell asks")
    assert asked["prompt"] == "Who? "
    answer_input(
        actor=owner.actor, notebook_id=notebook.id, cell_id=asking.id, request_id=asked["id"], value="Ada"
    )
    wait_for_run(run)
    assert "Hello Ada" in stream_text(asking)

    endless = add_cell(owner, notebook, "import time\nprint('on', flush=True)\nwhile True: time.sleep(0.1)")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=endless.id)
    wait_for_output(endless, lambda text: "on" in text)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    assert outputs_of(endless)[-1]["ename"] == "KeyboardInterrupt"

    started_at = Kernel.objects.get(pk=notebook.id).started_at
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_until(
        lambda: (
            (kernel := Kernel.objects.get(pk=notebook.id)).status == KernelStatus.IDLE
            and kernel.started_at != started_at
        ),
        "another kernel has started",
    )
    gone = add_cell(owner, notebook, "print('name' in globals())")
    run_and_wait(owner, notebook, "cell", gone)
    assert stream_text(gone) == "False\n"
    ended(owner, notebook)


def test_a_killed_worker_loses_nothing(
    gateway_worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    source = "import time\nfor number in range(60):\n    print(number, flush=True)\n    time.sleep(0.05)"
    cell = add_cell(owner, notebook, source)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
    wait_for_output(cell, lambda text: "5\n" in text)
    gateway_worker.kill()
    gateway_worker.start()
    wait_for_run(run)
    wait_for_status(cell, CellStatus.OK)
    assert stream_text(cell) == "".join(f"{number}\n" for number in range(60))
    ended(owner, notebook)


def test_a_server_that_stops_ends_what_it_has_there(
    gateway_worker: WorkerProcess, gateways: list[GatewayProcess], owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook)
    bridge = psutil.Process(Kernel.objects.get(pk=notebook.id).provisioner_info["pid"])
    bridge.terminate()
    assert psutil.wait_procs([bridge], timeout=10)[1] == []
    wait_until(lambda: not any(gateway.kernels() for gateway in gateways), "the kernel has ended there too")


def test_a_bridge_that_is_killed_leaves_no_kernel_there(
    gateway_worker: WorkerProcess, gateways: list[GatewayProcess], owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook)
    psutil.Process(Kernel.objects.get(pk=notebook.id).provisioner_info["pid"]).kill()
    dead = Kernel.objects.filter(pk=notebook.id, status=KernelStatus.DEAD)
    wait_until(dead.exists, "the kernel is shown as dead", deadline_s=60)
    wait_until(lambda: not any(gateway.kernels() for gateway in gateways), "the kernel has ended there too")


def test_the_least_loaded_is_chosen_and_one_that_is_down_is_skipped(
    gateway_worker: WorkerProcess, gateways: list[GatewayProcess], owner: Person
) -> None:
    notebooks = [create_notebook(actor=owner.actor, title=str(number)) for number in range(4)]
    cells = [add_cell(owner, notebook, "x = 1") for notebook in notebooks]
    for notebook in notebooks:
        run_and_wait(owner, notebook)
    assert [len(gateway.kernels()) for gateway in gateways] == [2, 2]

    lost = [
        notebook
        for notebook in notebooks
        if Kernel.objects.get(pk=notebook.id).provisioner_info["gateway"] == gateways[0].url
    ]
    gateways[0].kill()
    for notebook in lost:
        dead = Kernel.objects.filter(pk=notebook.id, status=KernelStatus.DEAD)
        wait_until(dead.exists, "the kernel is shown as lost", deadline_s=60)
        assert "its gateway cannot be reached any more" in Kernel.objects.get(pk=notebook.id).message
        run_and_wait(owner, notebook)
    assert all(Cell.objects.get(id=cell.id).status == CellStatus.OK for cell in cells)
    assert len(gateways[1].kernels()) == 4
    for notebook in notebooks:
        ended(owner, notebook)
    gateways[0].start()


def test_without_any_gateway_the_cell_says_so(
    database: Database,
    worker: WorkerProcess,
    gateway_worker: WorkerProcess,
    owner: Person,
    notebook: Notebook,
) -> None:
    cell = add_cell(owner, notebook, "1")
    refusing = WorkerProcess(database.data_dir, database.url, NOTEBOOK_KERNEL_GATEWAYS="http://x@127.0.0.1:9")
    with in_place_of(gateway_worker, refusing):
        run_and_wait(owner, notebook)
    (error,) = outputs_of(wait_for_status(cell, CellStatus.ERROR))
    assert error["ename"] == "KernelNotStarted"
    assert "No kernel gateway can start a kernel (http://127.0.0.1:9 does not answer" in error["evalue"]
