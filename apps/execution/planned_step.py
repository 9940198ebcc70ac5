"""The turn of a cell in a plan, as a cell run's row holds it: all that its end needs to know of the graph of then."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from apps.dataflow.cell import Cell, CellId
from apps.dataflow.kernel_state import KernelState, Outcome, Restore, RunId
from apps.dataflow.names import Names
from apps.dataflow.plan import Step
from apps.dataflow.reasons import Asked
from apps.dataflow.walk import CellEdges


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """`inputs`, `binds`, `fresh` and `unbinds` are those of CellEdges; `clears` and `restores` of plan.Step."""

    inputs: Mapping[str, CellId] = field(default_factory=dict)
    binds: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    unbinds: list[str] = field(default_factory=list)
    clears: list[str] = field(default_factory=list)
    restores: list[str] = field(default_factory=list)
    timeout_s: int | None = None
    """How long it may run, if not as long as any in the notebook."""
    asks_nobody: bool = False
    """Nobody is there to answer `input()`."""
    is_reactive: bool = False
    """Nobody asked for this cell: the plan added it to what somebody asked for."""

    @classmethod
    def of(cls, step: Step, edges: CellEdges, forget: Iterable[str] = ()) -> "PlannedStep":
        """`forget`: names to remove besides those of the step."""
        return cls(
            inputs=dict(edges.inputs),
            binds=sorted(edges.binds),
            fresh=sorted(edges.fresh),
            unbinds=sorted(edges.unbinds),
            clears=sorted({*step.clears, *forget}),
            restores=[restore.name for restore in step.restores],
            is_reactive=not any(isinstance(reason, Asked) for reason in step.reasons),
        )

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "PlannedStep":
        return cls(**value)

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    def begin(self, state: KernelState, kept: Mapping[str, RunId]) -> None:
        """Tell the state what happens to names before the cell runs, or is found to be blocked."""
        state.restore(Restore(name, kept.get(name)) for name in self.restores)
        state.forget(self.clears)

    def end(self, state: KernelState, cell_id: CellId, source: str, run_id: RunId, outcome: Outcome) -> None:
        """Tell the state how the cell's turn ended."""
        edges = CellEdges(
            needs=frozenset(self.inputs),
            keeps=frozenset(),
            inputs=self.inputs,
            bases={},
            through={},
            binds=frozenset(self.binds),
            fresh=frozenset(self.fresh),
            unbinds=frozenset(self.unbinds),
        )
        state.end(Cell(cell_id, source, Names()), edges, run_id, outcome)
