"""Kernels that start, run, are culled, start again and end, thirty of them: nothing of them is left."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil
from django.db.models.functions import Now

from apps.execution.commands import cull_idle_kernels, request_run, shutdown_kernel
from apps.execution.models import Lane
from apps.kernels.cgroups import ROOT, groups_of
from apps.kernels.folders import pool_dir
from apps.kernels.marks import marked_processes
from apps.kernels.models import Kernel, KernelStatus
from apps.kernels.processes import runtime_dir, workspace_of
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell, new_person
from tests.support.processes import Database, WorkerProcess, in_place_of, wait_until
from tests.support.running import wait_for_run

KERNELS = 30

# What a worker keeps besides: connections to PostgreSQL and Redis, of which a later round may need more than the first
# one at the same time. Less than one for every kernel, or a leak of one each would not be seen.
SLACK = KERNELS // 2


class Machine:
    """What is there of the worker's kernels, its pool left out."""

    def __init__(self, database: Database, worker: WorkerProcess) -> None:
        self._database = database
        self._worker = psutil.Process(worker.pid)

    @property
    def files(self) -> int:
        """Descriptors of the worker, sockets and all."""
        return int(self._worker.num_fds())

    @property
    def kernels(self) -> set[str]:
        return {
            marked.name
            for marked in marked_processes(self._database.data_dir)
            if not marked.name.startswith("pool-") and marked.starter.startswith(f"{self._worker.pid}:")
        }

    @property
    def zombies(self) -> list[psutil.Process]:
        found = []
        for child in self._worker.children():
            with suppress(psutil.NoSuchProcess):
                if child.status() == psutil.STATUS_ZOMBIE:
                    found.append(child)
        return found

    def left_of(self, names: set[str]) -> list[str]:
        """Folders and control groups of these kernels."""
        folders = [folder for parent in (runtime_dir(), pool_dir()) for folder in parent.glob("*")]
        groups = groups_of(self._database.data_dir, ROOT)
        return [str(path) for path in (*folders, *groups) if any(path.name.endswith(name) for name in names)]


def names_of(notebooks: Sequence[Notebook]) -> set[str]:
    """Of their kernels, pooled or not."""
    paths = Kernel.objects.filter(pk__in=notebooks).values_list("connection_info__ip", flat=True)
    return {path.split("/")[-2] for path in paths if path}


def run_all(person: Person, notebooks: Sequence[Notebook]) -> None:
    runs = [request_run(actor=person.actor, notebook_id=each.id, scope="all") for each in notebooks]
    for run in runs:
        assert wait_for_run(run, deadline_s=120).status == "ok"


def wait_for_end(notebooks: Sequence[Notebook], end: Callable[[], object]) -> None:
    end()
    living = Kernel.objects.filter(pk__in=notebooks).exclude(status=KernelStatus.OFF)
    wait_until(lambda: not living.exists(), "the kernels are off", deadline_s=60)


def test_nothing_is_left(database: Database, worker: WorkerProcess, settings: object) -> None:
    person = new_person("tenant")
    settings.KERNEL_IDLE_S = 0  # type: ignore[attr-defined]
    notebooks = [create_notebook(actor=person.actor, title=str(number)) for number in range(KERNELS)]
    for notebook in notebooks:
        add_cell(person, notebook, "import threading, tempfile\nprint(1)\nopen('kept', 'w').write('x')")
    own = {"NOTEBOOK_LANE_LINGER_S": "0", "NOTEBOOK_DATABASE_POOL": "4"}
    other = WorkerProcess(database.data_dir, database.url, threads=KERNELS, **own)
    with in_place_of(worker, other):
        machine = Machine(database, other)
        lanes = Lane.objects.filter(notebook__in=notebooks, expires_at__gt=Now())

        def end_all() -> None:
            for notebook in notebooks:
                shutdown_kernel(actor=person.actor, notebook_id=notebook.id)

        run_all(person, notebooks)
        seen = names_of(notebooks)
        assert len(seen) == KERNELS
        wait_for_end(notebooks, cull_idle_kernels)
        wait_until(lambda: not lanes.exists(), "all lanes have let go")
        # Connections that so many lanes at once need, a worker keeps.
        before = machine.files
        run_all(person, notebooks)
        seen |= names_of(notebooks)
        assert len(seen) == 2 * KERNELS
        wait_for_end(notebooks, end_all)
        wait_until(lambda: not lanes.exists(), "all lanes have let go again")
        wait_until(lambda: not machine.kernels, "no process is left")
        wait_until(lambda: not machine.left_of(seen), "no folder and no control group is left")
        wait_until(lambda: machine.files <= before + SLACK, f"no descriptor is left above {before}")
        wait_until(lambda: not machine.zombies, "no zombie is left")
        assert all((workspace_of(notebook.id) / "kept").exists() for notebook in notebooks)
