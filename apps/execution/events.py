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


@dataclass(frozen=True, kw_only=True)
class InputRequested(Event):
    """The running cell asks people; `input_request` is `{id, prompt, is_password}`."""

    type: ClassVar = "input_requested"
    cell_id: str
    input_request: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class InputClosed(Event):
    """Nobody is asked any more: somebody answered, or the code does not wait any longer. Never says the answer."""

    type: ClassVar = "input_closed"
    cell_id: str
    request_id: str
