"""A cell run on its way through a lane: claimed, running, ended. Values; nothing here reads or writes a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.actors import ActorKind
from apps.dataflow.kernel_state import Outcome
from apps.execution.models import CellRunStatus
from apps.execution.planned_step import PlannedStep

MAX_ELAPSED_MS = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A claimed cell run. `key` is the `cell_run_id` of docs/protocol.md."""

    id: int
    key: str
    run_id: UUID
    cell_id: UUID
    source: str
    step: PlannedStep
    cell_is_deleted: bool
    may_fail: bool
    """The cell has Jupyter's tag `raises-exception`: its failure blocks nothing."""
    actor_kind: ActorKind
    actor_label: str
    """Of the run: who asked for it."""

    @property
    def run_by(self) -> dict[str, Any]:
        """As in docs/protocol.md, "Snapshot"."""
        return {"kind": self.actor_kind, "label": self.actor_label, "is_reactive": self.step.is_reactive}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnd:
    """How a turn ended. `started_at` is None if the cell did not run."""

    turn: Turn
    status: CellRunStatus
    started_at: datetime | None = None
    elapsed_ms: int | None = None
    execution_count: int | None = None
    blocked_by: UUID | None = None
    """The failed cell because of which this one did not run."""
    is_interrupt: bool = False

    @property
    def outcome(self) -> Outcome | None:
        """What the end means for the cells that depend on this one; None if it was cancelled: nothing happened."""
        match self.status:
            case CellRunStatus.BLOCKED:
                return Outcome.BLOCKED
            case CellRunStatus.ERROR if self.is_interrupt:
                return Outcome.INTERRUPTED
            case CellRunStatus.ERROR if not self.turn.may_fail:
                return Outcome.ERROR
            case CellRunStatus.ERROR | CellRunStatus.OK:
                return Outcome.OK
            case _:
                return None
