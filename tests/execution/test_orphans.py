"""Kernels whose worker and supervisor are gone without a word."""

from collections.abc import Iterator

import psutil
import pytest

from apps.kernels.folders import pool_dir
from apps.kernels.marks import MarkedProcess, marked_processes
from apps.kernels.models import Kernel
from apps.kernels.processes import runtime_dir
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.kernels import kernel_process
from tests.support.processes import Database, WorkerProcess, in_place_of, wait_until
from tests.support.running import run_and_wait


@pytest.fixture
def pooling_worker(database: Database, worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """With a pool of one kernel."""
    other = WorkerProcess(database.data_dir, database.url, NOTEBOOK_KERNEL_POOL="1")
    with in_place_of(worker, other):
        yield other


def pooled(database: Database, worker: WorkerProcess) -> list[MarkedProcess]:
    """The processes of the worker's pool."""
    in_rows = [str(path) for path in Kernel.objects.values_list("connection_info__ip", flat=True)]
    return [
        marked
        for marked in marked_processes(database.data_dir)
        if marked.name.startswith("pool-")
        and marked.starter.startswith(f"{worker.pid}:")
        and not any(marked.name in path for path in in_rows)
    ]


def test_they_end_when_a_worker_starts(
    database: Database, pooling_worker: WorkerProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    run_and_wait(owner, notebook)
    wait_until(lambda: pooled(database, pooling_worker), "a kernel is in the pool")
    pooling_worker.kill()
    orphans = pooled(database, pooling_worker)
    assert orphans
    assert all(orphan.process.is_running() for orphan in orphans)
    pooling_worker.start()
    gone, alive = psutil.wait_procs([orphan.process for orphan in orphans], timeout=20)
    assert gone
    assert not alive
    left = [folder / orphan.name for orphan in orphans for folder in (runtime_dir(), pool_dir())]
    wait_until(lambda: not any(folder.exists() for folder in left), "their sockets and folders are gone")
    # One that a row names is none: the notebook goes on with it.
    before = kernel_process(notebook)
    run_and_wait(owner, notebook)
    assert kernel_process(notebook) == before
