"""A kernel in a dict that does what a plan says, and a notebook that is edited and run in it."""

import ast
import itertools
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any

from apps.dataflow.blocking import blocked_by
from apps.dataflow.cell import Cell, CellId
from apps.dataflow.graph import Graph, build_graph
from apps.dataflow.kernel_state import KernelState, Outcome, Restore
from apps.dataflow.names import names_of
from apps.dataflow.plan import Plan, plan, plan_stale
from apps.dataflow.selection import Mode

_run_ids = itertools.count(1)


@dataclass
class Kernel:
    state: KernelState = field(default_factory=KernelState)
    outputs: dict[CellId, str] = field(default_factory=dict)
    """What each cell printed at its last turn; nothing if it was blocked."""
    namespace: dict[str, Any] = field(default_factory=dict)

    @property
    def public(self) -> dict[str, Any]:
        return {name: value for name, value in self.namespace.items() if not name.startswith("_")}

    def run(self, graph: Graph, plan: Plan, interrupted_at: int | None = None) -> None:
        """Runs a plan. It can be interrupted at a step, of which then only the first statement is executed."""
        self._remove(plan.forget)
        self.state.forget(plan.forget)
        kept = {name: self.namespace[name] for name in plan.keeps if name in self.namespace}
        is_over = False
        blocked = {step.cell_id for step in plan.steps if step.blocked_by}
        for number, step in enumerate(plan.steps):
            self._restore(step.restores, kept)
            if is_over:
                continue
            self._remove(step.clears)
            if step.cell_id in blocked:
                outcome = self._block(step.cell_id)
            else:
                outcome = self._execute(graph.cells[step.cell_id], is_interrupted=number == interrupted_at)
            self.state.end(graph.cells[step.cell_id], graph.edges[step.cell_id], str(next(_run_ids)), outcome)
            if outcome is Outcome.ERROR:
                blocked.update(blocked_by(graph, step.cell_id, (step.cell_id for step in plan.steps)))
            is_over = outcome is Outcome.INTERRUPTED
        self._restore(plan.restores, kept)

    def _block(self, cell_id: CellId) -> Outcome:
        self.outputs[cell_id] = ""
        return Outcome.BLOCKED

    def _execute(self, cell: Cell, *, is_interrupted: bool) -> Outcome:
        tree = ast.parse(cell.source)
        if is_interrupted:
            del tree.body[1:]
        with redirect_stdout(StringIO()) as printed:
            try:
                exec(compile(tree, cell.cell_id, "exec"), self.namespace)
                outcome = Outcome.OK
            except Exception as error:
                print(repr(error))
                outcome = Outcome.ERROR
        self.outputs[cell.cell_id] = printed.getvalue()
        return Outcome.INTERRUPTED if is_interrupted else outcome

    def _restore(self, restores: Iterable[Restore], kept: dict[str, Any]) -> None:
        for name, _ in restores:
            self._remove([name])
            if name in kept:
                self.namespace[name] = kept[name]
        self.state.restore(restores)

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self.namespace.pop(name, None)


@dataclass
class Notebook:
    """Cells by the ids "1", "2", ... and a kernel. `Notebook.of("x = 1", "print(x)")` makes one."""

    cells: list[Cell] = field(default_factory=list)
    kernel: Kernel = field(default_factory=Kernel)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, *sources: str) -> "Notebook":
        notebook = cls()
        for place, source in enumerate(sources):
            notebook.insert(place, source)
        return notebook

    @property
    def graph(self) -> Graph:
        return build_graph(self.cells)

    @property
    def state(self) -> KernelState:
        return self.kernel.state

    def insert(self, place: int, source: str) -> None:
        self.cells.insert(place, Cell(str(next(self._ids)), source, names_of(source)))

    def edit(self, cell_id: CellId, source: str) -> None:
        self._change(cell_id, source=source, names=names_of(source))

    def disable(self, cell_id: CellId, is_disabled: bool = True) -> None:
        self._change(cell_id, is_disabled=is_disabled)

    def delete(self, cell_id: CellId) -> None:
        del self.cells[self._place(cell_id)]

    def move(self, cell_id: CellId, place: int) -> None:
        self.cells.insert(place, self.cells.pop(self._place(cell_id)))

    def restart(self) -> None:
        self.kernel = Kernel()

    def plan(self, *roots: CellId, mode: Mode = Mode.AUTO) -> Plan:
        return plan(self.graph, self.state, roots, mode)

    def run(self, *roots: CellId, mode: Mode = Mode.AUTO, interrupted_at: int | None = None) -> None:
        self.kernel.run(self.graph, self.plan(*roots, mode=mode), interrupted_at)

    def run_all(self) -> None:
        self.run(*self.graph.cells)

    def run_stale(self) -> None:
        self.kernel.run(self.graph, plan_stale(self.graph, self.state))

    def clean_run(self) -> Kernel:
        """What a run of everything gives in a new kernel."""
        clean = Notebook(self.cells)
        clean.run_all()
        return clean.kernel

    def _change(self, cell_id: CellId, **changes: Any) -> None:
        place = self._place(cell_id)
        self.cells[place] = replace(self.cells[place], **changes)

    def _place(self, cell_id: CellId) -> int:
        return next(place for place, cell in enumerate(self.cells) if cell.cell_id == cell_id)
