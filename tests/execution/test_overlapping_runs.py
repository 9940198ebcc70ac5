"""People and a program that run one notebook at the same moment: plan after plan, in the order of the queue."""

import random
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from apps.execution.models import CellRun, Run
from apps.kernels.processes import workspace_of
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.races import at_once
from tests.support.running import run_and_wait
from tests.support.socket import NotebookSocket

CELLS = 12
REQUESTS = 5  # of each of them

Request = dict[str, str]


@pytest.mark.parametrize("seed", range(4))
def test_plans_do_not_mix(
    server: WebProcess,
    worker: WorkerProcess,
    owner: Person,
    editor: Person,
    notebook: Notebook,
    seed: int,
) -> None:
    chance = random.Random(seed)
    marks = workspace_of(notebook.id) / "marks"
    cells = _cells(owner, notebook, marks)
    run_and_wait(owner, notebook)  # so that what follows runs while more is asked
    program = Caller(owner)
    with (
        NotebookSocket(server, notebook.id, owner) as first,
        NotebookSocket(server, notebook.id, editor) as second,
    ):
        sockets = [first, second]
        for socket in sockets:
            socket.open()

        def by_program(request: Request) -> Any:
            body = {{"cell_id": "cell"}.get(name, name): value for name, value in request.items()}
            answer = program.post(f"notebooks/{notebook.id}/runs/", body)
            assert answer.status == 202, answer.content
            return answer.json

        askers: list[Callable[[Request], Any]] = [
            lambda request: first.result("run", **request)["run"],
            lambda request: second.result("run", **request)["run"],
            by_program,
        ]
        wishes = [[_wish(cells, chance) for _ in range(REQUESTS)] for _ in askers]
        answers = at_once(len(askers), lambda number: [askers[number](wish) for wish in wishes[number]])
        runs = []
        for answer in answers:
            assert isinstance(answer, list), answer
            runs += answer
        wait_until(
            lambda: not Run.objects.filter(notebook=notebook, finished_at=None).exists(), "all runs ended"
        )
        for socket in sockets:
            for run in runs:
                assert socket.event("run_finished", run_id=run["id"])["status"] == "ok"
    assert len({run["id"] for run in runs}) == len(askers) * REQUESTS
    _check_order(notebook, cells, marks)
    for run in runs:
        planned = [str(key) for key in CellRun.objects.filter(run=run["id"]).values_list("key", flat=True)]
        assert planned == [item["cell_run_id"] for item in run["cells"]]


def _cells(person: Person, notebook: Notebook, marks: Path) -> list[Cell]:
    """Each third cell reads from the two before it."""
    sources = []
    for number in range(CELLS):
        reads = f"v{number - 2}, v{number - 1}" if number % 3 == 2 else ""
        sources.append(
            f"with open({marks.name!r}, 'a') as _marks: _marks.write('{number}\\n')\nv{number} = [{reads}]"
        )
    return [add_cell(person, notebook, source) for source in sources]


def _wish(cells: list[Cell], chance: random.Random) -> Request:
    scope = chance.choice(["all", "cell", "cell", "above", "below"])
    return (
        {"scope": scope} if scope == "all" else {"scope": scope, "cell_id": str(chance.choice(cells[1:]).id)}
    )


def _check_order(notebook: Notebook, cells: list[Cell], marks: Path) -> None:
    """The cells ran as they stand in the queue: each once in a plan, and no plan within another."""
    numbers = {cell.id: number for number, cell in enumerate(cells)}
    queue = list(CellRun.objects.filter(notebook=notebook).order_by("id"))
    assert {cell_run.status for cell_run in queue} == {"ok"}
    assert [int(line) for line in marks.read_text().splitlines()] == [
        numbers[cell_run.cell_id] for cell_run in queue
    ]
    plans = [[item.cell_id for item in plan] for _, plan in groupby(queue, key=lambda item: item.run_id)]
    assert len(plans) == Run.objects.filter(notebook=notebook).count()
    for plan in plans:
        assert len(plan) == len(set(plan))
    started = [cell_run.started_at for cell_run in queue if cell_run.started_at]
    assert started == sorted(started)
    assert len(started) == len(queue)
