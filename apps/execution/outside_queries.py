"""Questions of SQL cells to databases elsewhere: a lane's part. The kernel asks (kernels/kernel_query.py), a thread of
the worker does the query, and the lane hands the kernel the answer.

So a plan is one request to the kernel as ever, and knows nothing of databases. What the kernel says is only the values
for the statement's braces: the statement and the connection are those in the cell run's row, which code in a cell
cannot change. How a query is done is the business of a layer above, which calls `answer_with`.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from apps.dataflow.sql_program import OutsideQuery, outside_query
from apps.execution.turn import Turn
from apps.execution.wake import wake
from apps.kernels.connection import KernelConnection
from apps.kernels.messages import Message, request_id_of

logger = logging.getLogger(__name__)

Json = dict[str, Any]

FAILED = "The query failed in a way that nobody expected. Try again; the server's log says more."
NOBODY = "This server cannot ask databases."
NOT_ASKED = "Only an SQL cell whose source is a connection can ask a database."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a cell asks. `values` is whatever the kernel sent; `is_again`: a worker before this one was asked too, and
    may have done it.
    """

    notebook_id: UUID
    cell_id: UUID
    run_id: UUID
    cell_run_id: str
    query: OutsideQuery
    values: Any
    is_again: bool


class Answering(Protocol):
    """One query. `answer` may take long, in a thread of its own; `cancel` comes from another and returns at once."""

    def answer(self) -> Json:
        """The content of `query_reply` (kernel_query.py). What goes wrong is in it."""
        ...

    def cancel(self) -> None:
        """Nobody waits any more. What `answer` has made for the kernel by then goes."""
        ...


_answering: Callable[[Asked], Answering] | None = None


def answer_with(answering: Callable[[Asked], Answering]) -> None:
    """Called once, when the process starts."""
    globals()["_answering"] = answering


class OutsideQueries:
    """Of one lane, and not thread-safe, like it. One query at a time, as one cell runs at a time."""

    def __init__(self, notebook_id: UUID, fence: int) -> None:
        self._notebook_id = notebook_id
        self._fence = fence
        self._id = ""
        self._running: Answering | None = None
        self._answers: SimpleQueue[tuple[str, Json]] = SimpleQueue()

    def hear(self, message: Message, running: Turn | None) -> None:
        """A `query_request` or `query_withdrawn` of the kernel; code in a cell can publish anything."""
        content = message["content"]
        if not isinstance(content, dict) or not isinstance(content.get("id"), str):
            return
        if message["header"]["msg_type"] == "query_withdrawn":
            if content["id"] == self._id:
                self.cancel()
            return
        # An earlier owner of the lane has what came before; what it did not answer the kernel asks again.
        if content.get("fence") != self._fence or content["id"] == self._id:
            return
        self.cancel()
        self._id = content["id"]
        query = outside_query(running.source) if running and request_id_of(message) == running.key else None
        if running is None or query is None:
            self._answers.put((self._id, {"error": NOT_ASKED}))
        elif _answering is None:
            self._answers.put((self._id, {"error": NOBODY}))
        else:
            asked = Asked(
                notebook_id=self._notebook_id,
                cell_id=running.cell_id,
                run_id=running.run_id,
                cell_run_id=running.key,
                query=query,
                values=content.get("values"),
                is_again=content.get("is_again") is True,
            )
            self._begin(_answering(asked))

    def deliver(self, kernel: KernelConnection | None) -> None:
        """Hand the kernel what was answered meanwhile."""
        while True:
            try:
                query_id, reply = self._answers.get_nowait()
            except Empty:
                return
            if query_id == self._id:
                self._running = None
                if kernel:
                    kernel.answer_query(query_id, reply)

    def cancel(self) -> None:
        """Nobody waits for the answer any more."""
        if self._running:
            self._running.cancel()
        self._id, self._running = "", None

    def _begin(self, answering: Answering) -> None:
        self._running = answering
        arguments = (self._id, answering, self._answers, self._notebook_id)
        threading.Thread(target=_answer, args=arguments, name="query", daemon=True).start()


def _answer(
    query_id: str, answering: Answering, answers: "SimpleQueue[tuple[str, Json]]", notebook_id: UUID
) -> None:
    try:
        answers.put((query_id, answering.answer()))
    except Exception:
        logger.exception("A query of the notebook %s failed.", notebook_id)
        answers.put((query_id, {"error": FAILED}))
    finally:
        connection.close()
    wake(notebook_id)
