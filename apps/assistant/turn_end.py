"""What ends a turn, or a worker's part in it."""


class TurnFailed(Exception):
    """The turn ends as failed. `code` is for programs, `message` for people: what happened, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class TurnCancelled(Exception):
    """Somebody stopped it."""


class WorkerStops(Exception):
    """The worker is told to stop: leave the turn to the next one."""
