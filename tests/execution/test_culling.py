"""Kernels that nobody uses are ended, and no others."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.execution.commands import cull_idle_kernels, request_run
from apps.execution.models import Run
from apps.execution.queries import kernel_state
from apps.kernels.models import Kernel
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.kernels import kernel_process
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import run_and_wait, stream_text, wait_for_run, wait_for_status


def let_time_pass(notebook: Notebook) -> None:
    """As if all that has happened was longer ago than a kernel may be idle."""
    long_ago = timezone.now() - timedelta(seconds=settings.KERNEL_IDLE_S + 1)
    Kernel.objects.filter(pk=notebook.id).update(started_at=long_ago)
    Run.objects.filter(notebook=notebook).exclude(finished_at=None).update(finished_at=long_ago)


def test_an_idle_kernel_is_ended_and_the_page_says_so(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x = 1")
    look = add_cell(owner, notebook, "print('again', x)")
    run_and_wait(owner, notebook)
    process = kernel_process(notebook)
    let_time_pass(notebook)
    assert notebook.id in cull_idle_kernels()

    def state() -> dict[str, str]:
        return kernel_state(actor=owner.actor, notebook_id=notebook.id)

    wait_until(lambda: state()["status"] == "off", "the kernel is off")
    assert "nothing had run for long" in state()["message"]
    assert not process.is_running()
    assert notebook.id not in cull_idle_kernels()
    # What the cell needs is gone with the kernel, so that runs too.
    assert run_and_wait(owner, notebook, "cell", look).cell_runs.count() == 2
    assert stream_text(look) == "again 1\n"
    assert state()["message"] == ""


def test_a_kernel_in_use_is_not_ended(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "1")
    run_and_wait(owner, notebook)
    assert notebook.id not in cull_idle_kernels()
    slow = add_cell(owner, notebook, "import time\ntime.sleep(0.7)")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=slow.id)
    wait_for_status(slow, CellStatus.RUNNING)
    let_time_pass(notebook)
    assert notebook.id not in cull_idle_kernels()
    assert wait_for_run(run).status == "ok"
