"""What a plan runs, why, and what it does besides. Cells are "1", "2", ... in document order."""

from collections.abc import Callable

import pytest

from apps.dataflow.blocking import blocked_by, failure_behind
from apps.dataflow.graph import Obstacle, ObstacleKind
from apps.dataflow.kernel_state import KernelState, Restore
from apps.dataflow.plan import Plan, plan, plan_stale
from apps.dataflow.reasons import Asked, InputOverwritten, ReadsFrom, StaleAncestor
from apps.dataflow.selection import Mode
from tests.dataflow.executor import Notebook


def ran(*sources: str) -> Notebook:
    """A notebook of which every cell ran."""
    notebook = Notebook.of(*sources)
    notebook.run_all()
    return notebook


def steps(plan: Plan) -> str:
    """The cells of a plan in the order in which they run."""
    return "".join(step.cell_id for step in plan.steps)


def test_an_empty_plan() -> None:
    notebook = ran("x = 1")
    nothing = Plan(forget=[], steps=[], restores=[], skipped={})
    assert notebook.plan() == plan_stale(notebook.graph, notebook.state) == nothing


class TestSteps:
    @pytest.mark.parametrize(
        ("sources", "roots", "auto", "lazy"),
        [
            pytest.param(["x = 1", "y = x", "y", "0"], "1", "123", "1", id="dependents"),
            pytest.param(["x = 1", "y = x", "y", "0"], "3", "3", "3", id="no producers that are not stale"),
            pytest.param(["a = 1", "b = a", "c = a", "b, c"], "1", "1234", "1", id="each cell once"),
            pytest.param(["b", "a = 1", "b = a"], "2", "231", "2", id="in plan order"),
            pytest.param(["x = 1", "x", "x = 2", "x"], "1", "12", "1", id="only who reads this binding"),
            pytest.param(["x = 1", "x", "x = 2", "x"], "3", "34", "3", id="the other binding"),
            pytest.param(["x = 1", "x", "x = 2", "x"], "2", "12", "12", id="what was overwritten"),
            pytest.param(["x = 1", "x = x + 1"], "2", "12", "12", id="by the cell itself, too"),
            pytest.param(
                ["x = 1", "x = x + 1", "x = x * 2", "x"], "3", "1234", "123", id="from the beginning"
            ),
            pytest.param(["x = [0]", "x[0] += 1", "x"], "2", "123", "12", id="a change in place alike"),
            pytest.param(
                ["x = [0]", "x", "x[0] = 1"], "2", "123", "12", id="who reads what was changed since"
            ),
            pytest.param(["import x", "x", "x.y = 1"], "2", "2", "2", id="but modules stay what they are"),
            pytest.param(["x = 1", "if x: x = 2", "x"], "2", "123", "12", id="what may have stayed"),
            pytest.param(["x = 1; y = 1", "x", "x = 2", "y"], "2", "124", "12", id="with what else it binds"),
            pytest.param(["x = 1", "y = x", "x = 2", "x, y"], "3", "34", "3", id="nothing for its own sake"),
            pytest.param(
                ["x = 1", "y = x", "x = x + y", "x"],
                "3",
                "1234",
                "123",
                id="cells between one that has to run again and one that was asked for",
            ),
            pytest.param(["def f(): return x", "x = 1", "f()"], "2", "23", "2", id="who calls a reader"),
            pytest.param(["x = 1", "x = 2"], "12", "12", "12", id="several roots"),
        ],
    )
    def test_when_nothing_is_stale(self, sources: list[str], roots: str, auto: str, lazy: str) -> None:
        notebook = ran(*sources)
        assert steps(notebook.plan(*roots, mode=Mode.AUTO)) == auto
        assert steps(notebook.plan(*roots, mode=Mode.LAZY)) == lazy

    def test_between_the_ends_of_a_long_chain(self) -> None:
        notebook = ran("x0 = 0", *(f"x{number} = x{number - 1}" for number in range(1, 500)))
        assert len(notebook.plan("1", "500", mode=Mode.LAZY).steps) == 500

    @pytest.mark.parametrize(
        ("sources", "root", "auto", "lazy"),
        [
            pytest.param(["x = 1", "y = x", "z = y", "0"], "3", "123", "123", id="ancestors"),
            pytest.param(
                ["x = 1", "y = x", "z = y", "x"], "3", "1234", "123", id="what depends on ancestors"
            ),
            pytest.param(["x = 1", "x", "x = 2"], "2", "12", "12", id="nobody else"),
        ],
    )
    def test_in_a_new_kernel(self, sources: list[str], root: str, auto: str, lazy: str) -> None:
        notebook = Notebook.of(*sources)
        assert steps(notebook.plan(root, mode=Mode.AUTO)) == auto
        assert steps(notebook.plan(root, mode=Mode.LAZY)) == lazy

    @pytest.mark.parametrize(
        ("sources", "change", "expected"),
        [
            pytest.param(["x = 1", "x", "0"], lambda n: n.edit("1", "x = 2"), "12", id="edited"),
            pytest.param(["x = 1", "x = 2", "x"], lambda n: n.delete("2"), "13", id="a writer deleted"),
            pytest.param(["x = 1", "x = 2"], lambda n: n.move("1", 1), "1", id="writers moved"),
            pytest.param(["x = 1", "y = x"], lambda n: n.run("1", mode=Mode.LAZY), "2", id="ran lazily"),
            pytest.param(
                ["x = 1", "x, y", "x = 2", "y = 1"],
                lambda n: n.edit("4", "y = 2"),
                "142",
                id="with what they need again",
            ),
        ],
    )
    def test_for_what_is_stale(
        self, sources: list[str], change: Callable[[Notebook], object], expected: str
    ) -> None:
        notebook = ran(*sources)
        change(notebook)
        assert steps(plan_stale(notebook.graph, notebook.state)) == expected


class TestReasons:
    def test_name_the_cells_concerned(self) -> None:
        notebook = ran("x = 1", "y = 1", "z = x + y", "x = 2", "z")
        notebook.edit("2", "y = 2")
        reasons = {step.cell_id: step.reasons for step in notebook.plan("3").steps}
        assert reasons == {
            "1": [InputOverwritten("x", by="4", reader="3")],
            "2": [StaleAncestor(of="3")],
            "3": [Asked()],
            "5": [ReadsFrom("z", "3")],
        }

    def test_know_of_cells_that_are_gone(self) -> None:
        notebook = ran("x = 1", "x", "x = 2")
        notebook.delete("3")
        assert notebook.plan("2", mode=Mode.LAZY).steps[0].reasons == [StaleAncestor(of="2")]

    def test_of_a_dependent_are_all_that_it_reads_from_the_plan(self) -> None:
        notebook = ran("x = y = 1", "z = x", "x, y, z")
        (dependent,) = (step for step in notebook.plan("1").steps if step.cell_id == "3")
        assert set(dependent.reasons) == {ReadsFrom("x", "1"), ReadsFrom("y", "1"), ReadsFrom("z", "2")}


class TestRestores:
    """A name that the plan binds only in passing gets back what it was bound to, without a run."""

    def test_at_the_end(self) -> None:
        notebook = ran("x = 1", "x = 2", "0")
        run_id = notebook.state.bindings["x"]
        assert notebook.plan("1").restores == [Restore("x", run_id)]
        notebook.run("1")
        assert notebook.kernel.public == {"x": 2}
        assert notebook.state.bindings["x"] == run_id

    def test_before_it_is_needed(self) -> None:
        notebook = ran("x = y = 1", "x = 2", "print(x, y)")
        run_id = notebook.state.bindings["x"]
        plan = notebook.plan("1")
        assert [(step.cell_id, step.restores) for step in plan.steps] == [
            ("1", []),
            ("3", [Restore("x", run_id)]),
        ]
        assert plan.restores == []

    def test_of_nothing(self) -> None:
        notebook = ran("x = 1", "del x")
        notebook.run("1", mode=Mode.LAZY)
        assert notebook.kernel.public == {"x": 1}  # now the deletion is stale
        notebook.run_stale()
        notebook.insert(0, "x = 0")
        notebook.run("3")
        assert notebook.kernel.public == {}

    def test_when_the_plan_is_cut_short(self) -> None:
        notebook = ran("y = 1", "x = y", "y, x", "x = 2")
        notebook.run("1", interrupted_at=2)
        assert notebook.kernel.public == {"x": 2, "y": 1}

    def test_not_of_what_has_the_last_word(self) -> None:
        notebook = ran("x = 1", "x = 2")
        assert notebook.plan("2").restores == []
        assert notebook.plan("1", "2").restores == []


class TestClears:
    """What a cell binds anew is removed before it runs."""

    def test_so_that_failed_cells_leave_what_they_leave_in_a_clean_run(self) -> None:
        notebook = ran("x = 1")
        notebook.edit("1", "1 / 0\nx = 2")
        assert notebook.plan("1").steps[0].clears == {"x"}
        notebook.run("1")
        assert notebook.kernel.public == {}

    def test_not_what_is_needed(self) -> None:
        notebook = ran("x = 1", "x = x + 1", "if len([]): x = 3")
        assert [step.clears for step in notebook.plan("1").steps] == [{"x"}, set(), set()]

    def test_unless_only_the_cell_itself_can_have_bound_it(self) -> None:
        notebook = ran("try: x += 1\nexcept NameError: x = 0")
        notebook.run("1")
        assert notebook.kernel.public == {"x": 0}

    def test_only_what_a_cell_has_bound(self) -> None:
        notebook = Notebook.of("x = x + 1")
        notebook.kernel.namespace["x"] = 1  # by `import *`, for example
        notebook.run("1")
        assert notebook.kernel.public == {"x": 2}


class TestForget:
    def test_what_a_deleted_cell_bound(self) -> None:
        notebook = ran("x = y = 1", "y = 2", "0")
        notebook.delete("1")
        assert notebook.plan().forget == ["x"]

    def test_what_a_cell_no_longer_binds_when_it_runs(self) -> None:
        notebook = ran("x = 1", "0")
        notebook.edit("1", "y = 1")
        assert notebook.plan("2").forget == []
        assert notebook.plan("1").forget == ["x"]
        assert plan_stale(notebook.graph, notebook.state).forget == ["x"]

    def test_what_a_step_would_not_find_in_a_clean_run(self) -> None:
        notebook = ran("x = 1", "print(x)")
        notebook.edit("1", "y = 1")
        assert notebook.plan("2").forget == ["x"]

    def test_what_disabled_cells_bound_once_nothing_is_stale(self) -> None:
        notebook = ran("x = 1", "0")
        notebook.disable("1")
        notebook.edit("2", "1")
        assert notebook.plan().forget == []
        assert notebook.plan("2").forget == ["x"]


class TestObstacles:
    def test_are_skipped(self) -> None:
        notebook = Notebook.of("x = 1", "y = x", "y", "a = b", "b = a")
        notebook.disable("2")
        plan = notebook.plan("1", "3", "4")
        assert steps(plan) == "1"
        assert plan.skipped == {
            "2": Obstacle(ObstacleKind.DISABLED, "2"),
            "3": Obstacle(ObstacleKind.DISABLED, "2"),
            "4": Obstacle(ObstacleKind.CYCLE, "4"),
        }


class TestFailures:
    def test_block_what_depends_on_them_and_nothing_else(self) -> None:
        notebook = Notebook.of("x = 1 / 0", "y = x", "z = 1", "y, z", "z")
        plan = notebook.plan(*notebook.graph.cells)
        assert blocked_by(notebook.graph, "1", (step.cell_id for step in plan.steps)) == ["2", "4"]
        notebook.run_all()
        assert notebook.kernel.public == {"z": 1}
        assert failure_behind(notebook.graph, notebook.state, "4") == "1"
        assert failure_behind(notebook.graph, notebook.state, "1") == "1"
        assert failure_behind(notebook.graph, notebook.state, "5") is None

    def test_of_before_block_too(self) -> None:
        notebook = ran("x = 1 / 0", "y = x", "z = 1", "y, z")
        assert [(step.cell_id, step.blocked_by) for step in notebook.plan("3").steps] == [
            ("3", None),
            ("4", "1"),
        ]
        assert [(step.cell_id, step.blocked_by) for step in notebook.plan("2").steps] == [
            ("2", "1"),
            ("4", "1"),
        ]

    def test_but_not_when_the_cell_runs_again(self) -> None:
        notebook = ran("x = 1 / 0", "y = x")
        notebook.edit("1", "x = 1")
        assert [(step.cell_id, step.blocked_by) for step in notebook.plan("2").steps] == [
            ("1", None),
            ("2", None),
        ]

    def test_of_long_chains(self) -> None:
        notebook = ran("x0 = 1 / 0", *(f"x{number} = x{number - 1}" for number in range(1, 2000)))
        assert failure_behind(notebook.graph, notebook.state, "2000") == "1"


def test_plans_do_not_touch_the_state() -> None:
    notebook = ran("x = 1", "x = x + 1", "x")
    before = (dict(notebook.state.last_runs), dict(notebook.state.bindings))
    plan(notebook.graph, notebook.state, ["2"], Mode.AUTO)
    assert (notebook.state.last_runs, notebook.state.bindings) == before
    assert notebook.state != KernelState()
