"""The law of reactive runs with real kernels: after a run of what is stale all is as in a new kernel that ran all.

tests/dataflow/test_clean_run.py checks plans by the thousand, in a dict for a kernel. This is about what comes between
a plan and a kernel: requests, the queue, lanes, what is stored of the kernel's memory, and what the kernel does.
"""

import inspect
from ast import literal_eval
from typing import Any, assert_never

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jupyter_client import BlockingKernelClient

from apps.dataflow.cell import CellId
from apps.dataflow.graph import Graph
from apps.dataflow.plan import Plan, plan_stale
from apps.execution.commands import request_run, restart_kernel
from apps.execution.kernel_memory import kernel_state
from apps.execution.planning import notebook_graph
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.commands import (
    configure_cell,
    configure_notebook,
    create_cell,
    delete_cell,
    edit_cell,
    move_cell,
)
from apps.notebooks.models import Cell, CellStatus, Notebook
from apps.notebooks.positions import START, Position
from tests.dataflow import comparable
from tests.dataflow.operations import (
    Change,
    Delete,
    Edit,
    Insert,
    Move,
    Run,
    RunStale,
    Switch,
    changes,
    notebooks,
    runs,
)
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import outputs_of, python_cells_of, stream_text, wait_for_run

OPERATIONS = st.lists(st.one_of(changes(), runs(), runs(), st.just(RunStale())), min_size=3, max_size=8)

DEADLINE_S = 20

# What names are bound in the kernel by cells, and to what.
NAMES = """{
    name: _comparing["comparable"](value)
    for name, value in globals().items()
    if not name.startswith("_") and name not in get_ipython().user_ns_hidden
}"""


# One kernel start an example: each begins in the kernel, and with the names, of the one before. So a failure may depend
# on that one, and is told as it was found.
@settings(
    max_examples=30,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(notebooks(), OPERATIONS)
def test_a_run_of_what_is_stale_leaves_all_as_in_a_new_kernel(
    author: "Author", sources: list[str], operations: list[Change | Run | RunStale]
) -> None:
    author.begin_anew(sources)
    for operation in operations:
        author.do(operation)
    author.do(RunStale())
    shown, names = author.shown(), author.names()
    author.restart()
    author.run("all")
    assert (shown, names) == (author.shown(), author.names())


def test_the_variables_of_a_disabled_cell_go(author: "Author") -> None:
    assert author.names() == {"x": 0}
    author.do(Switch(0))
    author.do(RunStale())
    assert author.names() == {}
    author.do(Switch(0))
    author.do(RunStale())
    assert author.names() == {"x": 0}


@pytest.fixture
def author(worker: WorkerProcess, owner: Person, notebook: Notebook) -> "Author":
    """Of a notebook whose kernel has started."""
    add_cell(owner, notebook, "x = 0")
    author = Author(owner, notebook)
    author.run("all")
    return author


class Author:
    """Edits and runs a notebook as a person does, and waits for each run."""

    def __init__(self, person: Person, notebook: Notebook) -> None:
        self._person = person
        self._notebook = notebook
        self._place: dict[str, Any] = {"actor": person.actor, "notebook_id": notebook.id}

    def begin_anew(self, sources: list[str]) -> None:
        """Other cells, in the same kernel."""
        for cell in python_cells_of(self._notebook):
            delete_cell(**self._place, cell_id=cell.id)
        for source in sources:
            add_cell(self._person, self._notebook, source)

    def restart(self) -> None:
        before = self._kernel().started_at
        restart_kernel(**self._place)
        new = Kernel.objects.filter(pk=self._notebook.id, status=KernelStatus.IDLE).exclude(started_at=before)
        wait_until(new.exists, "there is a new kernel", deadline_s=DEADLINE_S)

    def do(self, operation: Change | Run | RunStale) -> None:
        cells = python_cells_of(self._notebook)
        count = len(cells)
        match operation:
            case Insert(place, source):
                after = _after(cells, place % (count + 1))
                create_cell(**self._place, kind="python", source=source, after=after)
            case Edit(place, source):
                cell = cells[place % count]
                edit_cell(**self._place, cell_id=cell.id, source=source, expected_version=cell.version)
            case Delete(place):
                if count > 1:
                    delete_cell(**self._place, cell_id=cells[place % count].id)
            case Move(place, target):
                cell = cells.pop(place % count)
                move_cell(**self._place, cell_id=cell.id, after=_after(cells, target % count))
            case Switch(place):
                cell = cells[place % count]
                configure_cell(**self._place, cell_id=cell.id, is_disabled=not cell.is_disabled)
            case Run(place, mode):
                configure_notebook(**self._place, mode=mode)
                self.run("cell", cells[place % count])
            case RunStale():
                self._run_stale()
            case _:
                assert_never(operation)

    def run(self, scope: str, cell: Cell | None = None) -> None:
        """Unless nothing of it can run."""
        graph = self._graph()
        wanted = graph.cells.keys() if cell is None else {str(cell.id)}
        if wanted - graph.obstacles.keys():
            run = request_run(**self._place, scope=scope, cell_id=cell.id if cell else None)
            wait_for_run(run, deadline_s=DEADLINE_S)

    def shown(self) -> dict[CellId, Any]:
        """How each cell ended that can run, and what it shows. What blocked ones show is from before."""
        obstacles = self._graph().obstacles
        cells = [cell for cell in python_cells_of(self._notebook) if str(cell.id) not in obstacles]
        return {
            str(cell.id): (cell.status, [] if cell.status == CellStatus.BLOCKED else _shown(cell))
            for cell in cells
        }

    def names(self) -> dict[str, Any]:
        """The public names of the kernel. Asked past the lane, which would make a plan for it, and tidy up."""
        client = BlockingKernelClient()
        client.load_connection_info(self._kernel().connection_info)
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        try:
            reply = client.execute(
                f"_comparing = {{}}; exec({inspect.getsource(comparable)!r}, _comparing)",
                silent=True,
                user_expressions={"names": NAMES},
                reply=True,
                timeout=DEADLINE_S,
            )
        finally:
            client.stop_channels()
        text = reply["content"]["user_expressions"]["names"]["data"]["text/plain"]
        names: dict[str, Any] = literal_eval(text)
        return names

    def _run_stale(self) -> None:
        wait_for_run(request_run(**self._place, scope="stale"), deadline_s=DEADLINE_S)
        nothing = Plan(forget=[], steps=[], restores=[], skipped={})
        wait_until(lambda: self._plan_stale() == nothing, "nothing is stale or left", deadline_s=DEADLINE_S)

    def _plan_stale(self) -> Plan:
        return plan_stale(self._graph(), kernel_state(self._notebook.id))

    def _kernel(self) -> Kernel:
        return Kernel.objects.get(pk=self._notebook.id)

    def _graph(self) -> Graph:
        return notebook_graph(self._notebook.id)


def _after(cells: list[Cell], place: int) -> Position:
    return cells[place - 1].id if place else START


def _shown(cell: Cell) -> list[Any]:
    """Without tracebacks, which tell execution counts."""
    errors = [output for output in outputs_of(cell) if output["output_type"] == "error"]
    return [stream_text(cell), *((error["ename"], error["evalue"]) for error in errors)]
