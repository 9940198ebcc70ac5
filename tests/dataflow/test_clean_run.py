"""The law of reactive runs: what is not stale is as in a clean run, whatever was edited and run before."""

import itertools
import os
from collections.abc import Callable
from types import FunctionType
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.dataflow.cell import CellId
from apps.dataflow.plan import Plan, plan_stale
from apps.dataflow.selection import Mode
from apps.dataflow.staleness import stale_cells
from tests.dataflow.executor import Notebook

# bin/fuzz or a person who has time may want more.
EXAMPLES = int(os.environ.get("CLEAN_RUN_EXAMPLES", "2000"))

# No list ever has two names: a change by one of them would not show in the names of the other.
STATEMENTS = [
    "{value} = {number}",
    "{value} = [{number}]",
    "{value} = {other} + 1",
    "{value} = {value} + 1",
    "{value} += 1",
    "{value}[0] = {number}",
    "{value}[0] += 1",
    "print({value})",
    "print({value}, {other})",
    "if {number} < 2: {value} = {number}",
    "if {other}: {value} = {number}",
    "for i in range({number}): {value} = i",
    "del {value}",
    "if {number} < 2: del {value}",
    "1 / 0",
    "try: print({value})\nexcept NameError as error: {value} = {number}",
    "def {function}(): return repr({value})",
    "def {function}(): return {callee}()",
    "{function} = {callee}",
    "print({function}())",
    "{value} = len({function}())",
    "class {function}:\n    __call__ = __repr__ = lambda self: repr({value})",
    "instance = {function}()",
    "print(instance())",
    "functions = [{function}]",
    "print(functions[0]())",
]


def variants(statement: str) -> list[str]:
    choices = {"value": "xyz", "other": "xyz", "function": "fg", "callee": "fg", "number": range(4)}
    combinations = itertools.product(*choices.values())
    return sorted({statement.format(**dict(zip(choices, each, strict=True))) for each in combinations})


def sources() -> st.SearchStrategy[str]:
    statement = st.one_of(*(st.sampled_from(variants(statement)) for statement in STATEMENTS))
    return st.lists(statement, min_size=1, max_size=3).map("\n".join)


Action = Callable[[Notebook], None]


def insert(place: int, source: str) -> Action:
    return lambda notebook: notebook.insert(place % (len(notebook.cells) + 1), source)


def edit(place: int, source: str) -> Action:
    return lambda notebook: notebook.edit(at(notebook, place), source)


def delete(place: int) -> Action:
    return lambda notebook: notebook.delete(at(notebook, place)) if len(notebook.cells) > 1 else None


def move(place: int, target: int) -> Action:
    return lambda notebook: notebook.move(at(notebook, place), target % len(notebook.cells))


def switch(place: int) -> Action:
    def do(notebook: Notebook) -> None:
        cell_id = at(notebook, place)
        notebook.disable(cell_id, not notebook.graph.cells[cell_id].is_disabled)

    return do


def run(place: int, mode: Mode) -> Action:
    def do(notebook: Notebook) -> None:
        cell_id, graph = at(notebook, place), notebook.graph
        notebook.run(cell_id, mode=mode)
        ran = {cell_id} | (graph.descendants([cell_id]) if mode is Mode.AUTO else set())
        assert ran.isdisjoint(stale_cells(graph, notebook.state))

    return do


def interrupted_run(place: int, mode: Mode, interrupted_at: int) -> Action:
    return lambda notebook: notebook.run(at(notebook, place), mode=mode, interrupted_at=interrupted_at)


def run_stale(notebook: Notebook) -> None:
    notebook.run_stale()
    assert stale_cells(notebook.graph, notebook.state) == {}
    assert plan_stale(notebook.graph, notebook.state) == Plan(forget=[], steps=[], restores=[], skipped={})
    assert comparable(notebook.kernel.public) == comparable(notebook.clean_run().public)


def at(notebook: Notebook, place: int) -> CellId:
    return notebook.cells[place % len(notebook.cells)].cell_id


def actions() -> st.SearchStrategy[Action]:
    place, mode = st.integers(0, 6), st.sampled_from(Mode)
    return st.one_of(
        st.builds(insert, place, sources()),
        st.builds(edit, place, sources()),
        st.builds(delete, place),
        st.builds(move, place, place),
        st.builds(switch, place),
        st.builds(run, place, mode),
        st.builds(run, place, mode),
        st.builds(interrupted_run, place, mode, st.integers(0, 3)),
        st.just(run_stale),
        st.just(Notebook.restart),
    )


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(sources(), min_size=2, max_size=7), st.lists(actions(), min_size=3, max_size=8))
def test_what_is_not_stale_is_as_in_a_clean_run(cells: list[str], changes: list[Action]) -> None:
    notebook = Notebook.of(*cells)
    for change in [*changes, run_stale]:
        change(notebook)
        check_what_is_not_stale(notebook)


def check_what_is_not_stale(notebook: Notebook) -> None:
    graph, clean_run = notebook.graph, notebook.clean_run()
    stale = stale_cells(graph, notebook.state)
    for cell_id in graph.cells.keys() - graph.obstacles.keys() - stale.keys():
        outcome, clean_outcome = (
            kernel.state.last_runs[cell_id].outcome for kernel in (notebook.kernel, clean_run)
        )
        assert (outcome, notebook.kernel.outputs[cell_id]) == (clean_outcome, clean_run.outputs[cell_id])


def comparable(value: Any) -> Any:
    """The same for what is the same in two kernels."""
    match value:
        case dict():
            return {name: comparable(each) for name, each in value.items()}
        case list():
            return [comparable(each) for each in value]
        case int() | str():
            return value
        case FunctionType():
            return value.__code__.co_names
        case type():
            return ["class", comparable(value.__call__)]
        case _:
            return ["instance of", comparable(type(value))]
