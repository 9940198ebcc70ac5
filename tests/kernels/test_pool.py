"""The pool of warm kernels, with real kernels in sandboxes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from apps.kernels.folders import folders_of, pool_dir
from apps.kernels.marks import marked_processes
from apps.kernels.pool import KernelPool
from apps.kernels.processes import KernelProcess
from tests.support.kernels import printed_by
from tests.support.processes import wait_until


@pytest.fixture
def pool(database: Any) -> Iterator[KernelPool]:
    pool = KernelPool(1)
    pool.start()
    wait_until(lambda: pool._warm, "a kernel is warm")
    yield pool
    pool.stop()
    pool._thread.join()


def test_its_workspace_and_home_become_the_notebooks(pool: KernelPool) -> None:
    notebook_id = uuid4()
    process = pool.take(notebook_id)
    assert process
    write = "open('here.txt', 'w').write('x'); open(os.path.expanduser('~/there.txt'), 'w').write('y')"
    assert printed_by(process, f"import os; {write}; print(os.getcwd())") == "/workspace\n"
    workspace, home = folders_of(notebook_id)
    assert (workspace / "here.txt").read_text() == "x"
    assert (home / "there.txt").read_text() == "y"
    assert process.excess() == ""
    process.end()
    again = KernelProcess.launch(notebook_id)  # and the next kernel of the notebook finds them
    assert printed_by(again, "print(open('here.txt').read())") == "x\n"
    again.end()


def test_a_notebook_with_files_gets_none(pool: KernelPool) -> None:
    notebook_id = uuid4()
    workspace, home = folders_of(notebook_id).make()
    (workspace / "data.csv").write_text("1")
    assert pool.take(notebook_id) is None
    assert (workspace / "data.csv").read_text() == "1"
    (workspace / "data.csv").unlink()
    (home / ".netrc").write_text("mine")
    assert pool.take(notebook_id) is None
    assert (home / ".netrc").read_text() == "mine"
    assert pool._warm


def test_a_notebook_whose_kernel_left_nothing_gets_one(pool: KernelPool) -> None:
    notebook_id = uuid4()
    first = KernelProcess.launch(notebook_id)
    assert printed_by(first, "print(1)") == "1\n"
    first.end()
    process = pool.take(notebook_id)
    assert process
    assert printed_by(process, "print(2)") == "2\n"
    process.end()


def test_a_dead_one_is_replaced(pool: KernelPool) -> None:
    (dead,) = pool._warm
    psutil.Process(dead.process.provisioner_info["pid"]).kill()
    wait_until(lambda: dead.process.exit_code() is not None, "it is dead")
    assert pool.take(uuid4()) is None
    wait_until(lambda: pool._warm and pool._warm[0] is not dead, "another is warm")
    process = pool.take(uuid4())
    assert process
    assert printed_by(process, "print(3)") == "3\n"
    process.end()


def test_it_ends_with_its_worker(pool: KernelPool, settings: Any) -> None:
    (warm,) = pool._warm
    name = Path(warm.process.connection_info["ip"]).parent.name
    pool.stop()
    pool._thread.join()
    assert name not in {marked.name for marked in marked_processes(settings.NOTEBOOK_DATA_DIR)}
    assert not (Path(settings.RUNTIME_DIR) / "kernels" / name).exists()
    assert not (pool_dir() / name).exists()


def test_it_can_be_switched_off(database: Any) -> None:
    pool = KernelPool(0)
    pool.start()
    assert pool.take(uuid4()) is None
    pool.stop()
    pool._thread.join()
    assert not pool._warm
