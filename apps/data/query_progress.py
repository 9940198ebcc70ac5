"""How far the query of a running cell is, told to whoever watches the notebook. No row, and nothing outlives it."""

import threading
from collections.abc import Iterator
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from apps.data.databases.database import Answer
from apps.execution.outside_queries import Asked
from apps.journal.publish import publish

# So often it is told, and not before: what is answered by then tells for itself.
TELL_EVERY_S = 0.5


class QueryState(StrEnum):
    QUEUED = "queued"
    """Other queries of the connection take all the room that it allows."""
    WAITING = "waiting"
    """The database has not answered yet."""
    FETCHING = "fetching"


class QueryProgress:
    """Tells inside of a `with`, from a thread of its own. The one that queries sets `state` and reads `counted`."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._is_over = threading.Event()
        self._teller = threading.Thread(target=self._tell, name="query-progress", daemon=True)
        self.state = QueryState.QUEUED
        self._rows = self._bytes = 0

    def __enter__(self) -> Self:
        self._teller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is told any more."""
        self._is_over.set()
        self._teller.join()

    def counted(self, answer: Answer) -> Answer:
        """The same answer, whose rows count as they are read."""
        return _Counted(answer, self)

    def add(self, batch: Any) -> None:
        self.state = QueryState.FETCHING
        self._rows += batch.num_rows
        self._bytes += batch.nbytes

    def _tell(self) -> None:
        while not self._is_over.wait(TELL_EVERY_S):
            publish(
                self._asked.notebook_id,
                {
                    "type": "query_progress",
                    "cell_id": str(self._asked.cell_id),
                    "cell_run_id": self._asked.cell_run_id,
                    "state": self.state,
                    "rows": self._rows,
                    "bytes": self._bytes,
                },
            )


class _Counted:
    def __init__(self, answer: Answer, progress: QueryProgress) -> None:
        self.schema = answer.schema
        self._answer = answer
        self._progress = progress

    def batches(self) -> Iterator[Any]:
        for batch in self._answer.batches():
            self._progress.add(batch)
            yield batch
