"""A plan that the kernel runs, as its lane sees it: which cells have begun, and how those ended that have."""

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from apps.dataflow.kernel_state import RunId
from apps.execution.lease import Claim
from apps.execution.models import CellRunStatus
from apps.execution.turn import MAX_ELAPSED_MS, Turn, TurnEnd
from apps.kernels.messages import Message, count_of, request_id_of, sent_at


class PlanInFlight:
    def __init__(self, claim: Claim, *, blocked: Mapping[str, UUID] = MappingProxyType({})) -> None:
        """`blocked`: `{key: failed cell}` of the turns that cells outside of the plan block."""
        self.run_id = claim.turns[0].run_id
        self.kept: Mapping[str, RunId] = claim.kept
        self.keeps = sorted({*claim.restores, *(name for turn in claim.turns for name in turn.step.restores)})
        """The names whose values the kernel keeps until they are restored."""
        self.waiting = {turn.key: turn for turn in claim.turns}
        """What has not begun, in order."""
        self.running: Turn | None = None
        self.started_at: datetime | None = None
        """Of `running`."""
        self.due = list(claim.restores)
        """The names that the kernel restores at the end, also of turns that do not begin."""
        self._turns = dict(self.waiting)
        self._blocked = blocked
        self._ended: list[TurnEnd] = []
        self._begun: Turn | None = None

    @property
    def is_over(self) -> bool:
        return not self.running and not self.waiting

    @property
    def first(self) -> str | None:
        """The key of the turn that runs as soon as the kernel has the plan."""
        return self.first_of(self.waiting)

    def first_of(self, keys: Container[str]) -> str | None:
        """Of these, without those that cannot run."""
        return next((key for key in self.waiting if key in keys and key not in self._blocked), None)

    @property
    def next_waiting(self) -> Turn | None:
        return next(iter(self.waiting.values()), None)

    def request(self, fence: int) -> dict[str, Any]:
        """The content of `execute_plan_request` (kernel_main.py)."""
        keys = {str(turn.cell_id): key for key, turn in self._turns.items()}
        cells = [
            {
                "id": key,
                "code": turn.source,
                "needs": [keys[cell_id] for cell_id in set(turn.step.inputs.values()) if cell_id in keys],
                "clears": turn.step.clears,
                "restores": turn.step.restores,
                "blocked_by": str(self._blocked[key]) if key in self._blocked else None,
                "may_fail": turn.may_fail,
                "asks_nobody": turn.step.asks_nobody,
            }
            for key, turn in self.waiting.items()
        ]
        return {
            "plan_id": str(self.run_id),
            "fence": fence,
            "keeps": self.keeps,
            "clears": [],
            "restores": self.due,
            "cells": cells,
        }

    def begin(self, key: str, started_at: datetime) -> Turn:
        """The cell runs now."""
        turn = self.running = self.waiting.pop(key)
        self.started_at = started_at
        return turn

    def found_begun(self, key: str, started_at: datetime) -> Turn:
        """The cell runs already, and nobody has been told."""
        self._begun = self.begin(key, started_at)
        return self._begun

    def take(self, message: Message) -> Turn | None:
        """Take in a `cell_reply`; the turn that it says begins now."""
        content = message["content"]
        key = request_id_of(message)
        # Code in a cell can publish anything; nothing ends twice, and what runs not before it began.
        if not isinstance(content, dict):
            return None
        if content.get("status") == "blocked" and key in self.waiting:
            blocked_by = self._failed_cell(content.get("blocked_by"))
            blocked = TurnEnd(turn=self.waiting.pop(key), status=CellRunStatus.BLOCKED, blocked_by=blocked_by)
            self._ended.append(blocked)
            return None
        if self.running is None or key != self.running.key:
            return None
        self._ended.append(self._end_of(self.running, content))
        self.running = None
        following = content.get("next")
        if not isinstance(following, str) or following not in self.waiting:
            return None
        # It does not count when we heard of it, which may be much later. Nothing begins before what came before it.
        begun_at = sent_at(message)
        return self.found_begun(following, max(self.started_at or begun_at, begun_at))

    def fail(self, turn: Turn, *, is_interrupt: bool = False) -> TurnEnd:
        """The turn ends now, from outside."""
        now = datetime.now(UTC)
        started_at = (self.started_at if turn is self.running else None) or now
        if turn is self.running:
            self.running = None
        self.waiting.pop(turn.key, None)
        return TurnEnd(
            turn=turn,
            status=CellRunStatus.ERROR,
            started_at=started_at,
            elapsed_ms=_elapsed_ms((now - started_at).total_seconds() * 1000),
            is_interrupt=is_interrupt,
        )

    def block(self, keys: Iterable[str], *, by: UUID) -> list[TurnEnd]:
        """These will not begin, because a cell failed."""
        return [
            TurnEnd(turn=self.waiting.pop(key), status=CellRunStatus.BLOCKED, blocked_by=by)
            for key in list(keys)
        ]

    def cancel(self, keys: Iterable[str]) -> list[TurnEnd]:
        """These will not begin, because somebody did not want that any more."""
        turns = [self.waiting.pop(key) for key in list(keys) if key in self.waiting]
        self.due += [name for turn in turns for name in turn.step.restores]
        return [TurnEnd(turn=turn, status=CellRunStatus.CANCELLED) for turn in turns]

    def take_begun(self) -> Turn | None:
        """The turn that runs, if it began since this was asked last."""
        begun, self._begun = self._begun, None
        return begun if begun is self.running else None

    def take_ended(self) -> list[TurnEnd]:
        """The turns that have ended since this was asked last."""
        ended, self._ended = self._ended, []
        return ended

    def _end_of(self, turn: Turn, content: dict[str, Any]) -> TurnEnd:
        return TurnEnd(
            turn=turn,
            status=CellRunStatus.OK if content.get("status") == "ok" else CellRunStatus.ERROR,
            started_at=self.started_at,
            elapsed_ms=_elapsed_ms(content.get("elapsed_ms")),
            # An empty cell does not count in Jupyter.
            execution_count=count_of(content) if turn.source.strip() else None,
            is_interrupt=content.get("is_interrupt") is True,
        )

    def _failed_cell(self, blocked_by: object) -> UUID | None:
        """By the key of a turn, or by the id that `request` named."""
        failed = self._turns.get(str(blocked_by))
        if failed:
            return failed.cell_id
        return next((cell_id for cell_id in self._blocked.values() if str(cell_id) == blocked_by), None)


def _elapsed_ms(value: object) -> int | None:
    """Within the column, also if the clock went back, the server was off for a month, or it is no number at all."""
    # In this order NaN becomes 0, and nothing is too large to be rounded.
    return round(max(0, min(value, MAX_ELAPSED_MS))) if isinstance(value, (int, float)) else None
