"""A cell that goes on although it was interrupted: people are told that only a restart of the kernel ends it."""

import time

from apps.execution.hold import LaneHold
from apps.execution.turn import Turn

# For `finally` and `except KeyboardInterrupt`. With a tick of the lane before and after it, less than two seconds.
PATIENCE_S = 0.9

MESSAGE = "The cell goes on although it was interrupted. Restart the kernel to end it, or wait."


class Interruption:
    """Of the plan that runs. The kernel's message says it, so every page shows it."""

    def __init__(self, hold: LaneHold) -> None:
        self._hold = hold
        self._key = ""  # of the turn that was interrupted
        self._tell_at = 0.0  # on the monotonic clock
        self.is_unanswered = False
        """Whether the kernel has not said yet which cells have begun: then it has to be interrupted again."""

    def begin(self, turn: Turn | None) -> None:
        """The cell that runs was interrupted just now. Again, perhaps: each time it gets the signal anew."""
        if turn and turn.key != self._key:
            patience_s = 0 if self.is_unanswered else PATIENCE_S
            self._key, self._tell_at = turn.key, time.monotonic() + patience_s

    def look(self, running: Turn | None) -> None:
        """Tell people, once it is time; and that it is over, as soon as another cell runs."""
        if not self._key:
            return
        if running is None or running.key != self._key:
            self.end()
        elif time.monotonic() >= self._tell_at:
            self._hold.kernel.say(MESSAGE)

    def end(self) -> None:
        self._key, self.is_unanswered = "", False
        self._hold.kernel.say("")
