"""Interrupt, restart, shutdown and death of a kernel."""

import psutil
import pytest

from apps.execution.commands import interrupt, request_run, restart_kernel, shutdown_kernel
from apps.execution.queries import kernel_state
from apps.kernels.models import Kernel, KernelStatus
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import delete_notebook
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.kernels import kernel_process
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import (
    outputs_of,
    run_and_wait,
    stream_text,
    wait_for_output,
    wait_for_run,
    wait_for_status,
)

ENDLESS = "import time\nprint('started', flush=True)\nwhile True: time.sleep(0.01)"


def test_interrupt_ends_the_cell_and_empties_the_queue(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, ENDLESS)
    after = add_cell(owner, notebook, "print('never')")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "started" in text)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KeyboardInterrupt"
    assert wait_for_status(after, CellStatus.CANCELLED)
    assert outputs_of(after) == []
    # The kernel lives on with its variables.
    after = add_cell(owner, notebook, "print(globals()['time'].__name__)")
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "time\n"


@pytest.mark.parametrize(
    "stubborn",
    [
        "for i in range(10**9):\n    try:\n        time.sleep(0.01)\n    except KeyboardInterrupt: pass",
        # Holds Python's lock, once what it printed is out: the kernel does not even answer.
        "import ctypes\ntry:\n    time.sleep(0.5)\nexcept KeyboardInterrupt: pass\nctypes.PyDLL(None).sleep(100)",
    ],
)
def test_a_cell_that_ignores_an_interrupt(
    worker: WorkerProcess, owner: Person, notebook: Notebook, stubborn: str
) -> None:
    cell = add_cell(owner, notebook, f"import time\nprint('started', flush=True)\n{stubborn}")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "started" in text)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_until(
        lambda: "Restart the kernel" in Kernel.objects.get(pk=notebook.id).message,
        "people are told what ends it",
        deadline_s=15,  # two seconds on a machine with nothing else to do
    )
    assert kernel_state(actor=owner.actor, notebook_id=notebook.id)["status"] == "busy"
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    new = Kernel.objects.filter(pk=notebook.id, status=KernelStatus.IDLE, message="")
    wait_until(new.exists, "a new kernel is ready, and nothing is said of the old one")


def test_that_it_goes_on_is_forgotten_when_it_ends(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    code = "import os, time\nprint('started', flush=True)\nwhile not os.path.exists('end'):\n"
    code += "    try: time.sleep(0.01)\n    except KeyboardInterrupt: pass\nprint('done')"
    cell = add_cell(owner, notebook, code)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "started" in text)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_until(lambda: Kernel.objects.get(pk=notebook.id).message, "people are told")
    (workspace_of(notebook.id) / "end").touch()
    wait_for_run(run)
    wait_until(lambda: not Kernel.objects.get(pk=notebook.id).message, "it is forgotten")
    assert stream_text(cell) == "started\ndone\n"


def test_interrupt_without_a_kernel_does_nothing(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    assert kernel_state(actor=owner.actor, notebook_id=notebook.id)["status"] == "off"


def test_restart_in_the_middle_of_a_cell(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "x = 1\n" + ENDLESS)
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_output(cell, lambda text: "started" in text)
    assert kernel_state(actor=owner.actor, notebook_id=notebook.id)["status"] == "busy"
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run)
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KernelRestarted"
    after = add_cell(owner, notebook, "'x' in globals()")
    run_and_wait(owner, notebook, "cell", after)
    assert outputs_of(after)[0]["data"]["text/plain"] == "False"
    assert after.execution_count is None or wait_for_status(after, CellStatus.OK).execution_count == 1


def test_a_restarted_kernel_is_ready_without_a_run(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook)
    before = notebook.events.count()
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)

    def statuses() -> list[str]:
        events = [event.payload for event in notebook.events.order_by("seq")[before:]]
        assert not any(event["message"] for event in events)
        return [event["status"] for event in events]

    # One of the pool is ready at once.
    wait_until(
        lambda: statuses() in (["off", "starting", "idle"], ["off", "idle"]), "the kernel has started again"
    )


def test_shutdown_and_start_again(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook)
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    _wait_for_kernel(owner, notebook, "off")
    run_and_wait(owner, notebook)
    assert wait_for_status(cell, CellStatus.OK).execution_count == 1


def test_a_kernel_that_dies_in_a_cell(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(
        owner,
        notebook,
        "import os, signal, time\nprint('bye', flush=True)\ntime.sleep(0.2)\nos.kill(os.getpid(), signal.SIGTERM)",
    )
    after = add_cell(owner, notebook, "print('alive')")
    run_and_wait(owner, notebook)
    stream, error = outputs_of(wait_for_status(cell, CellStatus.ERROR))
    assert stream["text"] == "bye\n"
    assert error["ename"] == "KernelDied"
    assert "SIGTERM" in error["evalue"]
    assert wait_for_status(after, CellStatus.BLOCKED)
    state = kernel_state(actor=owner.actor, notebook_id=notebook.id)
    assert state["status"] == "dead"
    assert "SIGTERM" in state["message"]
    run_and_wait(owner, notebook, "cell", after)
    assert stream_text(after) == "alive\n"


def test_a_kernel_that_dies_while_idle(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    source = (
        "import os, threading, time\nthreading.Thread(target=lambda: (time.sleep(0.5), os._exit(3))).start()"
    )
    cell = add_cell(owner, notebook, source)
    run_and_wait(owner, notebook)
    assert wait_for_status(cell, CellStatus.OK)
    _wait_for_kernel(owner, notebook, "dead")
    assert "exit code 3" in kernel_state(actor=owner.actor, notebook_id=notebook.id)["message"]


def test_a_deleted_notebook_ends_its_kernel(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "1")
    run_and_wait(owner, notebook)
    process = kernel_process(notebook)
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    wait_until(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "the kernel has ended"
    )
    wait_until(lambda: Kernel.objects.get(pk=notebook.id).status == KernelStatus.OFF, "and its row says so")


def _wait_for_kernel(person: Person, notebook: Notebook, status: str) -> None:
    wait_until(
        lambda: kernel_state(actor=person.actor, notebook_id=notebook.id)["status"] == status,
        f"the kernel is {status}",
    )
