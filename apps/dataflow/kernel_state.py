"""What is known of a kernel: how each cell last ran in it, and whose binding each name has.

The state of a kernel that was just started is empty. Whoever runs plans in it tells it by `forget`, `restore` and `end`
what happened, in the order in which it did.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from apps.dataflow.cell import Cell, CellId
from apps.dataflow.walk import CellEdges

RunId = str
"""Of one execution of one cell."""


class Outcome(StrEnum):
    OK = "ok"
    ERROR = "error"
    BLOCKED = "blocked"
    """It did not run, because a cell that it depends on did not end well."""
    INTERRUPTED = "interrupted"
    """It was stopped from outside, so that nobody knows how far it came."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last turn of a cell, with everything it depended on."""

    run_id: RunId
    source: str
    inputs: Mapping[str, RunId]
    """`{name: the last run, then, of the cell it is from}`."""
    outcome: Outcome

    def binds(self, edges: CellEdges) -> frozenset[str]:
        """The names that are the cell's after this. If it was blocked, what it needs itself stays as it was."""
        return edges.fresh if self.outcome is Outcome.BLOCKED else edges.binds

    def unbinds(self, edges: CellEdges) -> frozenset[str]:
        """Those of them that nothing is bound to after this."""
        match self.outcome:
            case Outcome.OK:
                return edges.unbinds
            case Outcome.BLOCKED:
                return edges.fresh
            case _:
                return frozenset()

    def binding(self, edges: CellEdges, name: str) -> RunId | None:
        """What `KernelState.bindings` says of one of these names until another cell binds it."""
        return None if name in self.unbinds(edges) else self.run_id


class Restore(NamedTuple):
    """A name gets back the value that it had when the plan began, from this run; None: it had none."""

    name: str
    run_id: RunId | None


@dataclass(slots=True)
class KernelState:
    """Not frozen, because it grows with every cell that ends, and a copy for each would be quadratic."""

    last_runs: dict[CellId, LastRun] = field(default_factory=dict)
    """Cells that are deleted now may be among them."""
    bindings: dict[str, RunId] = field(default_factory=dict)
    """`{name: the run that bound it last}`. A run that failed may not have come so far that it did."""

    def owners(self) -> dict[RunId, CellId]:
        """The cells by their last runs."""
        return {last.run_id: cell_id for cell_id, last in self.last_runs.items()}

    def forget(self, names: Iterable[str]) -> None:
        """The names were removed."""
        for name in names:
            self.bindings.pop(name, None)

    def restore(self, restores: Iterable[Restore]) -> None:
        for name, run_id in restores:
            self._bind(name, run_id)

    def end(self, cell: Cell, edges: CellEdges, run_id: RunId, outcome: Outcome) -> None:
        """A cell had its turn, as it was when that was planned; what a step clears was removed, even if it was blocked.

        A producer may have no run, if it was deleted meanwhile.
        """
        producers = edges.inputs.items()
        inputs = {
            name: self.last_runs[cell_id].run_id for name, cell_id in producers if cell_id in self.last_runs
        }
        last_run = LastRun(run_id, cell.source, inputs, outcome)
        self.last_runs[cell.cell_id] = last_run
        unbound = last_run.unbinds(edges)
        for name in last_run.binds(edges):
            self._bind(name, None if name in unbound else run_id)

    def _bind(self, name: str, run_id: RunId | None) -> None:
        if run_id is None:
            self.bindings.pop(name, None)
        else:
            self.bindings[name] = run_id
