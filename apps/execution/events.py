"""The events of runs; docs/protocol.md says what a client does with each."""

from dataclasses import dataclass
from typing import Any, ClassVar

from apps.journal.events import Event
from apps.notebooks.models import Cell


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    type: ClassVar = "run_started"
    run: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RunFinished(Event):
    type: ClassVar = "run_finished"
    run_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class CellStatusChanged(Event):
    """`output_offset` is the number of output operations stored so far: the total, once the cell has ended."""

    type: ClassVar = "cell_status"
    cell_id: str
    cell_run_id: str | None
    status: str
    execution_count: int | None
    started_at: str | None
    elapsed_ms: int | None
    output_offset: int

    @classmethod
    def of(cls, cell: Cell) -> "CellStatusChanged":
        return cls(
            cell_id=str(cell.id),
            cell_run_id=str(cell.cell_run_id) if cell.cell_run_id else None,
            status=cell.status,
            execution_count=cell.execution_count,
            started_at=cell.started_at.isoformat() if cell.started_at else None,
            elapsed_ms=cell.elapsed_ms,
            output_offset=cell.output_offset,
        )
