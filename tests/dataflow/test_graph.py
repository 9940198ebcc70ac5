"""Which cell gets which name from which, and in which order. Cells are "1", "2", ... in document order."""

from collections.abc import Set

import pytest

from apps.dataflow.cell import Cell, CellId
from apps.dataflow.graph import Cycle, Graph, Obstacle, ObstacleKind, build_graph
from apps.dataflow.names import names_of


def graph_of(*sources: str, disabled: tuple[CellId, ...] = ()) -> Graph:
    return build_graph(
        [
            Cell(str(number), source, names_of(source), is_disabled=str(number) in disabled)
            for number, source in enumerate(sources, start=1)
        ]
    )


class TestInputs:
    @pytest.mark.parametrize(
        ("sources", "inputs"),
        [
            pytest.param(["x = 1", "x"], {"2": {"x": "1"}}, id="the writer above"),
            pytest.param(["x", "x = 1"], {"1": {"x": "2"}}, id="the one below, if there is none above"),
            pytest.param(["x = 1", "x = 2", "x", "x = 3"], {"3": {"x": "2"}}, id="the nearest above"),
            pytest.param(["x", "x = 1", "x = 2"], {"1": {"x": "2"}}, id="the nearest below"),
            pytest.param(["x = 1", "x", "x = 2", "x"], {"2": {"x": "1"}, "4": {"x": "3"}}, id="each its own"),
            pytest.param(["x = 1", "x = x + 1", "x"], {"2": {"x": "1"}, "3": {"x": "2"}}, id="an update"),
            pytest.param(["x = x + 1"], {}, id="never the cell itself"),
            pytest.param(["x = x + 1", "x = 1"], {"1": {"x": "2"}}, id="an update above the only writer"),
            pytest.param(["x = 1", "x = 2; x"], {}, id="not what it has bound before"),
            pytest.param(["print(len([]))", "_x = 1", "_x"], {}, id="builtins and private names tie nobody"),
            pytest.param(
                ["print = 1", "print"], {"2": {"print": "1"}}, id="a builtin that a cell writes does"
            ),
            pytest.param(
                ["x = 1", "if y: x = 2", "x"],
                {"2": {"x": "1"}, "3": {"x": "2"}},
                id="what may stay as it was",
            ),
            pytest.param(
                ["if y: x = 1", "try: import x\nexcept E: 2", "x = 3"],
                {"2": {"x": "1"}},
                id="nothing from below for what is only kept",
            ),
            pytest.param(
                ["x = 1", "del x", "x"], {"2": {"x": "1"}, "3": {"x": "2"}}, id="a deletion is a change"
            ),
            pytest.param(
                ["try: 1\nexcept E as e: 2", "try: 1\nexcept E as e: 2"],
                {},
                id="names that are only ever deleted tie nobody",
            ),
            pytest.param(
                ["x = []", "x[0] = 1", "x.y = 2", "x"],
                {"2": {"x": "1"}, "3": {"x": "2"}, "4": {"x": "3"}},
                id="changes in place come one after the other",
            ),
            pytest.param(
                ["import plt", "plt.size = 1", "plt"],
                {"2": {"plt": "1"}, "3": {"plt": "2"}},
                id="those of modules, too",
            ),
            pytest.param(["x.y = 1", "x"], {"2": {"x": "1"}}, id="even if no cell binds the name"),
        ],
    )
    def test_come_from(self, sources: list[str], inputs: dict[CellId, dict[str, CellId]]) -> None:
        edges = graph_of(*sources).edges
        assert {cell_id: cell.inputs for cell_id, cell in edges.items() if cell.inputs} == inputs

    def test_have_dependents(self) -> None:
        graph = graph_of("a = 1", "b = a", "c = a", "d = b, c", "e = 1")
        assert graph.dependents == {"1": ["2", "3"], "2": ["4"], "3": ["4"], "4": [], "5": []}
        assert graph.descendants(["1"]) == {"2", "3", "4"}
        assert graph.descendants(["2", "5"]) == {"4"}


class TestFunctions:
    """A function reads nothing until it is called, and every cell that has it may call it."""

    @pytest.mark.parametrize(
        ("sources", "cell_id", "inputs", "through"),
        [
            pytest.param(["def f(): return x", "x = 1"], "1", {}, {}, id="its own cell reads nothing"),
            pytest.param(
                ["x = 1", "def f(): return x\nf()"], "2", {"x": "1"}, {}, id="unless it calls the function"
            ),
            pytest.param(
                ["def f(): return x", "x = 1", "f()"],
                "3",
                {"f": "1", "x": "2"},
                {"x": "f"},
                id="who calls it reads",
            ),
            pytest.param(
                ["def f(): return x", "x = 1", "f()", "x = 2", "f()"],
                "5",
                {"f": "1", "x": "4"},
                {"x": "f"},
                id="what is there at the call",
            ),
            pytest.param(
                ["def f(): return x", "f()", "x = 1"],
                "2",
                {"f": "1", "x": "3"},
                {"x": "f"},
                id="or comes only below",
            ),
            pytest.param(
                ["def f(): return g()", "def g(): return x", "x = 1", "f()"],
                "4",
                {"f": "1", "g": "2", "x": "3"},
                {"g": "f", "x": "g"},
                id="functions call functions",
            ),
            pytest.param(
                ["def f(): return g()", "f()", "def g(): return x", "x = 1"],
                "2",
                {"f": "1", "g": "3", "x": "4"},
                {"g": "f", "x": "g"},
                id="which may be anywhere",
            ),
            pytest.param(
                ["class A:\n  def m(self): return x", "x = 1", "a = A()", "x = 2", "a.m()"],
                "5",
                {"a": "3", "x": "4"},
                {"x": "a"},
                id="instances have the methods of their class",
            ),
            pytest.param(
                ["def f(): return x", "g = [f]", "x = 1", "g[0]()", "x = 2", "g[0]()"],
                "6",
                {"g": "2", "x": "5"},
                {"x": "g"},
                id="a function under another name",
            ),
            pytest.param(
                ["x = 1", "def f(): return x\ng = f", "x = 2", "g()"],
                "4",
                {"g": "2", "x": "3"},
                {"x": "g"},
                id="given in its own cell",
            ),
            pytest.param(
                ["x = 1", "def f(): return x", "y = f()", "y"],
                "4",
                {"y": "3"},
                {},
                id="what the producer has read and nobody binds again is not carried on",
            ),
            pytest.param(
                ["x = 1", "def f(): return x\ny = 2", "y"],
                "3",
                {"y": "2"},
                {},
                id="nor by names beside a function that its cell does not use",
            ),
            pytest.param(
                ["def f(): return x\nimport m", "x = 1", "m"],
                "3",
                {"m": "1"},
                {},
                id="nor by modules",
            ),
        ],
    )
    def test_read_where_they_are_called(
        self, sources: list[str], cell_id: CellId, inputs: dict[str, CellId], through: dict[str, str]
    ) -> None:
        edges = graph_of(*sources).edges[cell_id]
        assert (edges.inputs, edges.through) == (inputs, through)


class TestOrder:
    @pytest.mark.parametrize(
        ("sources", "order"),
        [
            pytest.param(["a = 1", "b = 2", "c = a"], "123", id="that of the document"),
            pytest.param(["b", "a = 1", "b = a", "a"], "2314", id="producers first"),
            pytest.param(
                ["x = 1", "x, y", "x = 2", "y = 1"], "1423", id="nobody gets between x and its reader"
            ),
            pytest.param(["z = 0", "y", "z", "y = z = 1"], "1342", id="by coming earlier either"),
            pytest.param(["x", "x = 1", "x = 2"], "213", id="nor below"),
            pytest.param(
                ["x = 1", "x, y", "x = 2", "y = x"],
                "1342",
                id="if it can be helped: cell 2 gets its x from 3",
            ),
            pytest.param(
                ["f()", "def f(): return x", "x = y", "y = 1"], "2431", id="what functions read, too"
            ),
        ],
    )
    def test_is(self, sources: list[str], order: str) -> None:
        assert "".join(graph_of(*sources).edges) == order

    def test_decides_where_a_name_comes_from(self) -> None:
        graph = graph_of("x = 1", "x, y", "x = 2", "y = x")
        assert graph.edges["2"].inputs == {"x": "3", "y": "4"}

    def test_of_a_notebook_written_bottom_up(self) -> None:
        graph = graph_of(*(f"x{number} = x{number + 1}" for number in range(2000)))
        assert list(graph.edges) == [str(number) for number in range(2000, 0, -1)]


class TestCycles:
    @pytest.mark.parametrize(
        ("sources", "cycles"),
        [
            (["a = b", "b = a"], [Cycle(("1", "2"), ("a", "b"))]),
            (["a = c", "b = a", "c = b", "d = a"], [Cycle(("1", "2", "3"), ("a", "b", "c"))]),
            (
                ["a = b", "b = a", "c = d", "d = c"],
                [Cycle(("1", "2"), ("a", "b")), Cycle(("3", "4"), ("c", "d"))],
            ),
            (["def f(): return x", "y = f()", "x = y"], [Cycle(("2", "3"), ("x", "y"))]),
            (["def f(): return g()", "def g(): return f()", "f()"], []),
            (["a = 1", "a = a + b", "b = a"], [Cycle(("2", "3"), ("a", "b"))]),
            (["b = 1", "a = b", "b = a"], []),
        ],
    )
    def test_are_found(self, sources: list[str], cycles: list[Cycle]) -> None:
        assert graph_of(*sources).cycles == cycles

    def test_as_long_as_the_notebook(self) -> None:
        count = 2000
        (cycle,) = graph_of(*(f"x{number} = x{(number + 1) % count}" for number in range(count))).cycles
        assert len(cycle.cell_ids) == len(cycle.names) == count


class TestObstacles:
    def test_stop_cells_and_all_that_depends_on_them(self) -> None:
        graph = graph_of("a = b", "b = a", "c = b", "d = 1", "e = d", "e", "d", disabled=("5",))
        assert graph.obstacles == {
            "1": Obstacle(ObstacleKind.CYCLE, "1"),
            "2": Obstacle(ObstacleKind.CYCLE, "2"),
            "3": Obstacle(ObstacleKind.CYCLE, "2"),
            "5": Obstacle(ObstacleKind.DISABLED, "5"),
            "6": Obstacle(ObstacleKind.DISABLED, "5"),
        }


class TestBindings:
    """Whose binding of what a cell needs, what it binds, and what is not bound before it."""

    @pytest.mark.parametrize(
        ("sources", "cell_id", "bases", "binds", "fresh"),
        [
            pytest.param(["x = y = 1"], "1", {}, {"x", "y"}, {"x", "y"}, id="fresh names"),
            pytest.param(
                ["x = 1", "x = x + 1"], "2", {"x": "1"}, {"x"}, set(), id="an update needs the old one"
            ),
            pytest.param(
                ["x = 1", "if y: x = 2"], "2", {"x": "1"}, {"x"}, set(), id="and so does what may stay"
            ),
            pytest.param(["if y: x = 2"], "1", {}, {"x"}, {"x"}, id="but not its own from the last time"),
            pytest.param(["x = 1", "del x"], "2", {"x": "1"}, {"x"}, set(), id="a deletion"),
            pytest.param(
                ["x = 1", "x[0] = 1", "x"], "3", {"x": "2"}, set(), set(), id="a change in place binds"
            ),
            pytest.param(
                ["import x", "x.y = 1"], "2", {"x": "1"}, set(), set(), id="but not that of a module"
            ),
            pytest.param(
                ["import x", "x.y = 1", "x"], "3", {"x": "1"}, set(), set(), id="which stays what it is"
            ),
            pytest.param(["from x import *", "y.z = 1"], "2", {}, set(), set(), id="or of what nobody knows"),
        ],
    )
    def test_of(
        self, sources: list[str], cell_id: CellId, bases: dict[str, CellId], binds: Set[str], fresh: Set[str]
    ) -> None:
        edges = graph_of(*sources).edges[cell_id]
        assert (edges.bases, edges.binds, edges.fresh) == (bases, binds, fresh)

    def test_binders_are_in_plan_order(self) -> None:
        graph = graph_of("x = y", "x = 1", "y = 1; x[0] = 1", "x")
        assert graph.binders("x") == ["2", "3", "1"]
        assert graph.binders("nobody's") == []
