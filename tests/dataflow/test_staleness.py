"""Which cells are stale and why. Cells are "1", "2", ... in document order."""

from collections.abc import Callable

import pytest

from apps.dataflow.cell import CellId
from apps.dataflow.kernel_state import KernelState, Outcome
from apps.dataflow.reasons import (
    BindingLost,
    InputChanged,
    Interrupted,
    NeverRan,
    ProducerStale,
    SourceChanged,
    StaleReason,
)
from apps.dataflow.selection import Mode
from apps.dataflow.staleness import holder, stale_cells
from tests.dataflow.executor import Notebook

Stale = dict[CellId, StaleReason]


def test_everything_is_stale_in_a_new_kernel() -> None:
    notebook = Notebook.of("x = 1", "x", "2")
    assert stale_cells(notebook.graph, KernelState()) == {
        "1": NeverRan(),
        "2": NeverRan(),
        "3": NeverRan(),
    }


def test_nothing_is_stale_when_everything_ran() -> None:
    notebook = Notebook.of(
        "x", "x = 1", "x = x + 1", "x[0] = 1", "x", "y = 1", "del y", "1 / 0", "try: 1\nfinally: 2"
    )
    notebook.run_all()
    assert stale_cells(notebook.graph, notebook.state) == {}


@pytest.mark.parametrize(
    ("sources", "change", "stale"),
    [
        pytest.param(
            ["x = 1", "y = x", "y", "0"],
            lambda notebook: notebook.edit("1", "x = 2"),
            {"1": SourceChanged(), "2": ProducerStale("x", "1"), "3": ProducerStale("y", "2")},
            id="an edit",
        ),
        pytest.param(
            ["x = 1", "x"],
            lambda notebook: (notebook.edit("1", "x = 2"), notebook.edit("1", "x = 1")),
            {},
            id="an edit that was taken back",
        ),
        pytest.param(
            ["x = 1", "x"],
            lambda notebook: notebook.insert(1, "x = 2"),
            {"3": NeverRan(), "2": InputChanged("x")},
            id="a new cell between a writer and a reader",
        ),
        pytest.param(
            ["x = 1", "x"], lambda notebook: notebook.insert(2, "x = 2"), {"3": NeverRan()}, id="below"
        ),
        pytest.param(
            ["x = 1", "x"],
            lambda notebook: notebook.delete("1"),
            {"2": InputChanged("x")},
            id="the only writer deleted",
        ),
        pytest.param(
            ["x = 1", "x = 2", "x"],
            lambda notebook: notebook.delete("2"),
            {"1": BindingLost("x"), "3": InputChanged("x")},
            id="one of two writers deleted: the other no longer has the last word in the kernel",
        ),
        pytest.param(
            ["x = 1", "x = 2"],
            lambda notebook: notebook.move("1", 1),
            {"1": BindingLost("x")},
            id="writers moved",
        ),
        pytest.param(["x = 1", "y = 2"], lambda notebook: notebook.move("1", 1), {}, id="others moved"),
        pytest.param(
            ["x = 1", "x = 2", "x"],
            lambda notebook: notebook.move("3", 1),
            {"3": InputChanged("x")},
            id="a reader moved",
        ),
        pytest.param(
            ["x = 1", "x = x + 1", "x"],
            lambda notebook: notebook.disable("2"),
            {"1": BindingLost("x")},
            id="an update disabled: who depends on it never runs, and is not stale",
        ),
        pytest.param(
            ["x = 1", "x"],
            lambda notebook: notebook.run("1", mode=Mode.LAZY),
            {"2": InputChanged("x")},
            id="a lazy run",
        ),
        pytest.param(["x = 1", "x"], lambda notebook: notebook.run("1"), {}, id="an automatic run"),
        pytest.param(
            ["x = []", "x[0:] = [1]", "x"],
            lambda notebook: notebook.edit("2", "x[0:] = [2]"),
            {"2": SourceChanged(), "3": ProducerStale("x", "2")},
            id="a change in place",
        ),
        pytest.param(
            ["def f(): return x", "x = 1", "f()"],
            lambda notebook: notebook.edit("2", "x = 2"),
            {"2": SourceChanged(), "3": ProducerStale("x", "2")},
            id="what a function reads",
        ),
        pytest.param(
            ["x = 1", "1 / x", "3"],
            lambda notebook: notebook.run("1", interrupted_at=0),
            {"1": Interrupted(), "2": InputChanged("x")},
            id="an interrupted run",
        ),
        pytest.param(
            ["1 / 0", "x = 1"],
            lambda notebook: notebook.restart(),
            {"1": NeverRan(), "2": NeverRan()},
            id="a restart",
        ),
    ],
)
def test_after(sources: list[str], change: Callable[[Notebook], object], stale: Stale) -> None:
    notebook = Notebook.of(*sources)
    notebook.run_all()
    change(notebook)
    assert stale_cells(notebook.graph, notebook.state) == stale


def test_failed_and_blocked_cells_are_not_stale_until_something_changes() -> None:
    notebook = Notebook.of("x = 1 / 0", "y = x", "y")
    notebook.run_all()
    assert [last.outcome for last in notebook.state.last_runs.values()] == [
        Outcome.ERROR,
        Outcome.BLOCKED,
        Outcome.BLOCKED,
    ]
    assert stale_cells(notebook.graph, notebook.state) == {}
    notebook.edit("1", "x = 1")
    assert stale_cells(notebook.graph, notebook.state).keys() == {"1", "2", "3"}


class TestHolder:
    def test_is_the_last_of_those_that_ran(self) -> None:
        notebook = Notebook.of("x = 1", "x = 2", "x = 3")
        assert holder(notebook.graph, notebook.state, "x") is None
        notebook.run("1", "2")
        assert holder(notebook.graph, notebook.state, "x") == "2"
        assert holder(notebook.graph, notebook.state, "x", planned=["3"]) == "3"
        assert holder(notebook.graph, notebook.state, "nobody's") is None

    def test_is_no_cell_that_was_blocked_and_left_the_name_as_it_was(self) -> None:
        notebook = Notebook.of("y = 1 / 0", "x = z = 1", "x = x + y", "z = y")
        notebook.run_all()
        assert holder(notebook.graph, notebook.state, "x") == "2"
        assert holder(notebook.graph, notebook.state, "z") == "4"
        assert notebook.kernel.public == {"x": 1}
