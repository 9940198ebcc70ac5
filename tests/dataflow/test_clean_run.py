"""The law of reactive runs: what is not stale is as in a clean run, whatever was edited and run before.

Here in a dict for a kernel, thousands of times; tests/execution/test_clean_run_with_kernels.py has real ones.
"""

import os
from typing import assert_never

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.dataflow.plan import Plan, plan_stale
from apps.dataflow.selection import Mode
from apps.dataflow.staleness import stale_cells
from tests.dataflow.comparable import comparable
from tests.dataflow.executor import Notebook
from tests.dataflow.operations import (
    Delete,
    Edit,
    Insert,
    InterruptedRun,
    Move,
    Operation,
    Restart,
    Run,
    RunStale,
    Switch,
    changes,
    interrupted_runs,
    notebooks,
    runs,
)

# bin/fuzz or a person who has time may want more.
EXAMPLES = int(os.environ.get("CLEAN_RUN_EXAMPLES", "2000"))

OPERATIONS = st.lists(
    st.one_of(changes(), runs(), runs(), interrupted_runs(), st.just(RunStale()), st.just(Restart())),
    min_size=3,
    max_size=8,
)


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(notebooks(), OPERATIONS)
def test_what_is_not_stale_is_as_in_a_clean_run(cells: list[str], operations: list[Operation]) -> None:
    notebook = Notebook.of(*cells)
    for operation in [*operations, RunStale()]:
        do(notebook, operation)
        check_what_is_not_stale(notebook)


def do(notebook: Notebook, operation: Operation) -> None:
    cell_ids = [cell.cell_id for cell in notebook.cells]
    count = len(cell_ids)
    match operation:
        case Insert(place, source):
            notebook.insert(place % (count + 1), source)
        case Edit(place, source):
            notebook.edit(cell_ids[place % count], source)
        case Delete(place):
            if count > 1:
                notebook.delete(cell_ids[place % count])
        case Move(place, target):
            notebook.move(cell_ids[place % count], target % count)
        case Switch(place):
            cell = notebook.cells[place % count]
            notebook.disable(cell.cell_id, not cell.is_disabled)
        case Run(place, mode):
            run(notebook, cell_ids[place % count], mode)
        case InterruptedRun(place, mode, step):
            notebook.run(cell_ids[place % count], mode=mode, interrupted_at=step)
        case RunStale():
            run_stale(notebook)
        case Restart():
            notebook.restart()
        case _:
            assert_never(operation)


def run(notebook: Notebook, cell_id: str, mode: Mode) -> None:
    graph = notebook.graph
    notebook.run(cell_id, mode=mode)
    ran = {cell_id} | (graph.descendants([cell_id]) if mode is Mode.AUTO else set())
    assert ran.isdisjoint(stale_cells(graph, notebook.state))


def run_stale(notebook: Notebook) -> None:
    notebook.run_stale()
    assert stale_cells(notebook.graph, notebook.state) == {}
    assert plan_stale(notebook.graph, notebook.state) == Plan(forget=[], steps=[], restores=[], skipped={})
    assert comparable(notebook.kernel.public) == comparable(notebook.clean_run().public)


def check_what_is_not_stale(notebook: Notebook) -> None:
    graph, clean_run = notebook.graph, notebook.clean_run()
    stale = stale_cells(graph, notebook.state)
    for cell_id in graph.cells.keys() - graph.obstacles.keys() - stale.keys():
        outcome, clean_outcome = (
            kernel.state.last_runs[cell_id].outcome for kernel in (notebook.kernel, clean_run)
        )
        assert (outcome, notebook.kernel.outputs[cell_id]) == (clean_outcome, clean_run.outputs[cell_id])
