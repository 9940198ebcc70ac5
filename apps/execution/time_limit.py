"""How long one cell may run: then it is interrupted, and if it ignores that, its kernel is ended."""

from datetime import UTC, datetime
from enum import Enum, auto
from uuid import UUID

from django.conf import settings

from apps.execution.turn import Turn
from apps.kernels.messages import Operation, error_output
from apps.kernels.models import KernelPolicy

# For `finally` and `except KeyboardInterrupt`.
GRACE_S = 5


class Verdict(Enum):
    FINE = auto()
    INTERRUPT = auto()
    END_KERNEL = auto()


class TimeLimit:
    """Of the cells of one notebook."""

    def __init__(self, notebook_id: UUID) -> None:
        policy = KernelPolicy.objects.filter(pk=notebook_id).first()
        own_s = policy.cell_timeout_s if policy else None
        self._seconds: int = settings.CELL_TIMEOUT_S if own_s is None else own_s
        self._interrupted = ""  # the key of the turn

    def judge(self, turn: Turn | None, started_at: datetime | None) -> Verdict:
        """Of the turn that runs. It is to be interrupted once."""
        if turn is None or started_at is None:
            return Verdict.FINE
        over_s = (datetime.now(UTC) - started_at).total_seconds() - self._seconds_of(turn)
        if over_s < 0:
            return Verdict.FINE
        if self._interrupted != turn.key:
            self._interrupted = turn.key
            return Verdict.INTERRUPT
        return Verdict.END_KERNEL if over_s > GRACE_S else Verdict.FINE

    def message(self, turn: Turn) -> str:
        return f"A cell may run for {self._seconds_of(turn):,} s. This one ran longer and was stopped."

    def error(self, turn: Turn) -> Operation:
        return error_output("TimeLimit", self.message(turn))

    def _seconds_of(self, turn: Turn) -> int:
        return self._seconds if turn.step.timeout_s is None else turn.step.timeout_s
