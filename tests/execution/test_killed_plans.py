"""Workers killed in the middle of a plan of many cells: each runs once and ends well, and another worker goes on."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone

from apps.execution.commands import request_run, shutdown_kernel
from apps.execution.lease import Lease
from apps.execution.models import CellRun, CellRunStatus, Lane, Run
from apps.execution.tasks import sweep_lanes
from apps.execution.wake import WakeListener
from apps.kernels.models import Kernel
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import import_notebook
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import Database, WorkerProcess, wait_until
from tests.support.running import cells_of, wait_for_run

CELLS = 200
KILLS = 20
# So that a plan takes about a second: a worker needs some of it to take over.
CELL_S = 0.004

Needs = list[list[int]]


@pytest.fixture(scope="module")
def workers(database: Database, worker: WorkerProcess) -> Iterator[list[WorkerProcess]]:
    """The session's worker, which runs again afterwards, and two more. The last one may still start."""
    others = [WorkerProcess(database.data_dir, database.url) for _ in range(2)]
    for other in others:
        other.launch()
    yield [worker, *others]
    for other in others:
        other.kill()
    if not worker.is_alive():
        worker.launch()
    worker.wait_until_ready()


@pytest.mark.parametrize("seed", range(KILLS))
def test_another_worker_finishes_the_plan(workers: list[WorkerProcess], owner: Person, seed: int) -> None:
    chance = random.Random(seed)
    needs = [_some_before(number, chance) for number in range(CELLS)]
    # The points are spread over the plan; at 0 the kernel still starts.
    point = chance.randrange(seed * 9, seed * 9 + 9) if seed else 0
    notebook = _notebook(owner, needs)
    workspace = workspace_of(notebook.id)
    for worker in workers[:-1]:
        worker.wait_until_ready()
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    holder = _holder(workers, notebook)
    wait_until(lambda: len(_marks(workspace)) >= point, f"{point} cells have run")
    holder.kill()
    (workspace / "killed").touch()
    run.refresh_from_db()
    assert run.finished_at is None
    _let_another_take_over(notebook)
    holder.launch()
    workers.append(workers.pop(workers.index(holder)))
    wait_for_run(run, deadline_s=30)
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    _check_ends(run, cells_of(notebook), Counter(_marks(workspace)))


def test_a_plan_that_was_claimed_and_not_begun_is_found(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "1")
    lease = Lease.acquire(notebook.id)
    assert lease
    ear = WakeListener(notebook.id)  # so that nobody kicks a worker
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    assert lease.claim()[1]
    ear.close()
    _expire(notebook)
    assert wait_for_run(run, deadline_s=20).status == "error"


def _some_before(number: int, chance: random.Random) -> list[int]:
    """The cells that the cell reads from: none for half of them, so that not everything depends on everything."""
    count = min(number, chance.choice([0, 0, 1, 2]))
    return sorted(chance.sample(range(number), count))


def _notebook(person: Person, needs: Needs) -> Notebook:
    sources = [_source(number, reads) for number, reads in enumerate(needs)]
    # The plan cannot be over before the worker is killed.
    sources[-1] += f"\nwhile not _Path('killed').exists(): _sleep({CELL_S})"
    cells: list[Any] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in sources
    ]
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    return import_notebook(actor=person.actor, content=json.dumps(content).encode(), filename="plan.ipynb")


def _source(number: int, reads: list[int]) -> str:
    return f"""from pathlib import Path as _Path
from time import sleep as _sleep
with open('marks', 'a') as _marks: _marks.write('{number}\\n')
_sleep({CELL_S})
v{number} = [{", ".join(f"v{read}" for read in reads)}]"""


def _marks(workspace: Path) -> list[int]:
    """The numbers of the cells in the order in which they ran."""
    path = workspace / "marks"
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def _holder(workers: list[WorkerProcess], notebook: Notebook) -> WorkerProcess:
    """The worker whose lane it is: the one that started the kernel."""
    kernels = Kernel.objects.filter(pk=notebook.id, provisioner_info__has_key="pid")
    kernel = wait_until(kernels.first, "a kernel was started")
    parents = {parent.pid for parent in psutil.Process(kernel.provisioner_info["pid"]).parents()}
    return next(worker for worker in workers if worker.pid in parents)


def _let_another_take_over(notebook: Notebook) -> None:
    """While the killed worker is still down. The kernel goes on meanwhile."""
    fence = Lane.objects.get(pk=notebook.id).fence
    _expire(notebook)
    sweep_lanes()
    wait_until(lambda: Lane.objects.get(pk=notebook.id).fence > fence, "the lane has a new owner")


def _expire(notebook: Notebook) -> None:
    """As if LANE_TTL_S were over."""
    Lane.objects.filter(pk=notebook.id).update(expires_at=timezone.now() - timedelta(seconds=1))


def _check_ends(run: Run, cells: list[Cell], times_run: Counter[int]) -> None:
    statuses = dict(CellRun.objects.filter(run=run).values_list("cell_id", "status"))
    assert statuses == {cell.id: CellRunStatus.OK for cell in cells}
    assert {cell.status for cell in cells} == {CellRunStatus.OK}
    assert times_run == Counter(range(CELLS))
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, CELLS + 1))
    assert run.status == "ok"
