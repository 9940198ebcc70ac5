"""Real notebooks of other projects, run through Celery on a real kernel: the outputs are those in their files."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from apps.execution.commands import interrupt, request_run
from apps.notebooks.commands import create_cell, import_notebook
from apps.notebooks.models import CellStatus, Notebook
from apps.notebooks.positions import START
from tests.support.cast import Person
from tests.support.processes import Database, WorkerProcess, in_place_of
from tests.support.real_notebooks import real_notebook
from tests.support.running import (
    outputs_of,
    python_cells_of,
    run_and_wait,
    stream_text,
    wait_for_run,
    wait_for_status,
)

Outputs = list[dict[str, Any]]


def imported(person: Person, name: str) -> Notebook:
    path = real_notebook(name)
    return import_notebook(actor=person.actor, content=path.read_bytes(), filename=path.name)


@pytest.mark.parametrize(
    "name",
    [
        "nbclient__tests__files__Clear_Output",
        "nbclient__tests__files__Empty_Cell",
        "nbclient__tests__files__Factorials",
        "nbclient__tests__files__Unicode",
        "nbclient__tests__files__UnicodePy3",
        "nbconvert__tests__preprocessors__files__HelloWorld",
        "pytudes__ipynb__Cheryl",
    ],
)
def test_the_outputs_are_those_in_the_file(worker: WorkerProcess, owner: Person, name: str) -> None:
    notebook = imported(owner, name)
    expected = [comparable(outputs_of(cell)) for cell in python_cells_of(notebook)]
    run = run_and_wait(owner, notebook)
    assert run.status == "ok"
    assert [comparable(outputs_of(cell)) for cell in python_cells_of(notebook)] == expected


def test_seventy_cells_of_probability(worker: WorkerProcess, owner: Person) -> None:
    notebook = imported(owner, "pytudes__ipynb__Probability")
    cells = python_cells_of(notebook)
    recorded = [comparable(outputs_of(cell)) for cell in cells]
    assert run_and_wait(owner, notebook).status == "ok"
    counts = [cell.execution_count for cell in python_cells_of(notebook)]
    assert counts == list(range(1, len(cells) + 1))
    now = [comparable(outputs_of(cell)) for cell in cells]
    first_by_hash = next(index for index, cell in enumerate(cells) if "list(Hands)" in cell.source)
    assert first_by_hash > 5
    assert now[:first_by_hash] == recorded[:first_by_hash]
    # Further down the order of sets shows, which is random in every kernel; as many outputs, though.
    assert list(map(len, now)) == list(map(len, recorded))


@pytest.mark.parametrize(
    "name", ["nbclient__tests__files__Check_History_in_Memory", "nbclient__tests__files__Other_Comms"]
)
def test_runs_without_an_error(worker: WorkerProcess, owner: Person, name: str) -> None:
    notebook = imported(owner, name)
    assert run_and_wait(owner, notebook).status == "ok"
    assert [error for cell in python_cells_of(notebook) for error in errors(outputs_of(cell))] == []


def test_an_exception_with_unicode(worker: WorkerProcess, owner: Person) -> None:
    notebook = imported(owner, "nbclient__tests__files__Skip_Exceptions")
    first, second = python_cells_of(notebook)
    run_and_wait(owner, notebook)
    (error,) = outputs_of(first)
    assert (error["ename"], error["evalue"]) == ("Exception", "message")
    assert "üñîçø∂é" in "".join(error["traceback"])
    # The second needs nothing of the first.
    assert stream_text(second) == "ok\n"


def test_keyboard_interrupt(worker: WorkerProcess, owner: Person) -> None:
    notebook = imported(owner, "papermill__papermill__tests__notebooks__keyboard_interrupt")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_status(python_cells_of(notebook)[0], CellStatus.RUNNING)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    wait_for_run(run, deadline_s=20)
    (error,) = outputs_of(python_cells_of(notebook)[0])
    assert error["ename"] == "KeyboardInterrupt"


@pytest.mark.parametrize("name", ["sysexit", "sysexit0"])
def test_sys_exit_fails_the_cell_and_keeps_the_kernel(
    worker: WorkerProcess, owner: Person, name: str
) -> None:
    notebook = imported(owner, f"papermill__papermill__tests__notebooks__{name}")
    run_and_wait(owner, notebook)
    *_, exiting, last = python_cells_of(notebook)
    assert errors(outputs_of(exiting))[0]["ename"] == "SystemExit"
    assert last.status == CellStatus.OK
    assert last.execution_count == 3


def test_a_notebook_that_kills_its_kernel(worker: WorkerProcess, owner: Person) -> None:
    notebook = imported(owner, "nbclient__tests__files__Autokill")
    run_and_wait(owner, notebook)
    (cell,) = python_cells_of(notebook)
    assert errors(outputs_of(cell))[0]["ename"] == "KernelDied"
    added = create_cell(
        actor=owner.actor, notebook_id=notebook.id, kind="python", source="print('usable')", after=START
    )
    run_and_wait(owner, notebook, "cell", added)
    assert stream_text(added) == "usable\n"


@pytest.fixture
def open_worker(database: Database, worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """In place of the session's: one whose kernels have no sandbox, so that they can meet in a folder."""
    unguarded = WorkerProcess(database.data_dir, database.url, NOTEBOOK_SANDBOX="off")
    with in_place_of(worker, unguarded):
        yield unguarded


def test_two_notebooks_that_wait_for_each_other(
    open_worker: WorkerProcess, owner: Person, tmp_path: os.PathLike[str]
) -> None:
    notebooks = [imported(owner, f"nbclient__tests__files__Parallel_Execute_{letter}") for letter in "AB"]
    for notebook in notebooks:
        source = f"import os\nos.environ['NBEXECUTE_TEST_PARALLEL_TMPDIR'] = {str(tmp_path)!r}"
        added = create_cell(
            actor=owner.actor, notebook_id=notebook.id, kind="python", source=source, after=START
        )
        # The kernels start first: the notebooks wait five seconds for each other.
        run_and_wait(owner, notebook, "cell", added)
    runs = [request_run(actor=owner.actor, notebook_id=notebook.id, scope="all") for notebook in notebooks]
    assert [wait_for_run(run).status for run in runs] == ["ok", "ok"]


def comparable(outputs: Outputs) -> Outputs:
    """Without what differs between runs and versions: addresses, ids of displays, execution counts."""
    return [
        {"type": output["output_type"], "text": re.sub(r"0x[0-9a-f]+", "0x…", text_of(output))}
        for output in outputs
    ]


def text_of(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return str(output["text"])
    return str(output.get("data", {}).get("text/plain", output.get("ename")))


def errors(outputs: Outputs) -> Outputs:
    return [output for output in outputs if output["output_type"] == "error"]
