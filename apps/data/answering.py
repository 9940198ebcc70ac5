"""What becomes of a question that an SQL cell asks a database: the worker's part, in a thread of its own beside the
lane (execution/outside_queries.py).
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.base.errors import DomainError, Unavailable
from apps.base.ids import parse_id
from apps.data.answer_store import answer_path
from apps.data.connections import usable_connection
from apps.data.databases.database import Answer, DatabaseError
from apps.data.databases.kinds import DatabaseKind, database_kind
from apps.data.kept_answers import Keeper, kept_answer
from apps.data.models import Connection
from apps.data.one_query import OneQuery
from apps.data.query_progress import QueryProgress, QueryState
from apps.data.query_slots import query_slot
from apps.data.result_file import result_file
from apps.data.statements import Statement, is_query, statement_of
from apps.data.targets import target_of
from apps.execution.models import Run
from apps.execution.outside_queries import Asked
from apps.notebooks.models import Cell

Json = dict[str, Any]

UNKNOWN = (
    "The worker that asked the database ended before the answer came, so nobody knows whether the statement was "
    "executed. Look before you run it again."
)


class AnsweringOutside:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._query = OneQuery()

    def answer(self) -> Json:
        try:
            connection = usable_connection(
                self._asked.notebook_id, parse_id(self._asked.query.connection_id, "connection_id")
            )
            if connection.is_file:
                return {"open": _file_of(connection)}
            return self._answered(connection)
        except DomainError as error:
            return {"error": error.message}
        except DatabaseError as error:
            return {"error": str(error)}

    def cancel(self) -> None:
        self._query.cancel()

    def _answered(self, connection: Connection) -> Json:
        """From what is kept, or by the database."""
        kind = database_kind(connection.kind)
        statement = statement_of(self._asked.query.pieces, self._asked.values, kind.marker)
        kept_at = None
        if max_age_s := _max_age_s(self._asked, connection, statement):
            kept_at = answer_path(self._asked.notebook_id, connection, statement.text, self._asked.values)
        if kept_at and not Run.objects.filter(id=self._asked.run_id, is_refresh=True).exists():
            with kept_answer(kept_at, max_age_s) as kept:
                if kept:
                    return {"file": self._handed_over(kept), "as_of": kept.as_of.isoformat()}
        if self._asked.is_again and not connection.is_read_only:
            raise Unavailable(UNKNOWN)
        try:
            with (
                QueryProgress(self._asked) as progress,
                query_slot(connection, lambda: not self._query.is_cancelled),
            ):
                return {"file": self._fetched(connection, kind, statement, kept_at, progress)}
        except DatabaseError as error:
            place = None if error.place is None else statement.place_in_cell(error.place)
            return {"error": str(error), "place": place}

    def _fetched(
        self,
        connection: Connection,
        kind: DatabaseKind,
        statement: Statement,
        kept_at: Path | None,
        progress: QueryProgress,
    ) -> str:
        """The name of the kernel's file with the database's answer, which is also kept if it is said where."""
        progress.state = QueryState.WAITING
        with ExitStack() as stack:
            keeper = stack.enter_context(Keeper(kept_at)) if kept_at else None
            asked = stack.enter_context(
                self._query.asked(kind, target_of(connection), lambda session: session.execute(statement))
            )
            answer = progress.counted(asked)
            return self._handed_over(keeper.take(answer) if keeper else answer)

    def _handed_over(self, answer: Answer) -> str:
        """The name of the kernel's file with an answer that is here already."""
        with result_file(self._asked.notebook_id, answer) as name:
            self._query.end()
            return name


def _max_age_s(asked: Asked, connection: Connection, statement: Statement) -> int:
    """How old an answer may be; 0 if it has to be the database's own, as always of what may write."""
    if not settings.QUERY_CACHE_BYTES or not (connection.is_read_only or is_query(statement.text)):
        return 0
    return Cell.objects.filter(id=asked.cell_id).values_list("cache_seconds", flat=True).first() or 0


def _file_of(connection: Connection) -> Json:
    return {
        "kind": connection.kind,
        "path": connection.database,
        "is_read_only": connection.is_read_only,
    }
