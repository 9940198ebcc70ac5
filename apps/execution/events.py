"""The events of runs; docs/protocol.md says what a client does with each."""

from dataclasses import dataclass
from typing import Any, ClassVar

from apps.journal.events import Event


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
class CellStatusesChanged(Event):
    """`cells` are CellStatusJson, in the order in which it happened."""

    type: ClassVar = "cell_statuses"
    cells: list[dict[str, Any]]
