"""What becomes of a question that an SQL cell asks a database: the worker's part, in a thread of its own beside the
lane (execution/outside_queries.py).
"""

from typing import Any

from apps.base.errors import DomainError, Unavailable
from apps.base.ids import parse_id
from apps.data.connections import usable_connection
from apps.data.databases.database import DatabaseError
from apps.data.databases.kinds import database_kind
from apps.data.models import Connection
from apps.data.one_query import OneQuery
from apps.data.query_slots import query_slot
from apps.data.result_file import result_file
from apps.data.statements import statement_of
from apps.data.targets import target_of
from apps.execution.outside_queries import Asked

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
            if self._asked.is_again and not connection.is_read_only:
                raise Unavailable(UNKNOWN)
            with query_slot(connection, lambda: not self._query.is_cancelled):
                return {"file": self._answer_file(connection)}
        except DomainError as error:
            return {"error": error.message}
        except DatabaseError as error:
            return {"error": str(error)}

    def cancel(self) -> None:
        self._query.cancel()

    def _answer_file(self, connection: Connection) -> str:
        """Its name."""
        kind = database_kind(connection.kind)
        statement = statement_of(self._asked.query.pieces, self._asked.values, kind.marker)
        with (
            self._query.asked(kind, target_of(connection), statement) as answer,
            result_file(self._asked.notebook_id, answer) as name,
        ):
            self._query.end()
            return name


def _file_of(connection: Connection) -> Json:
    return {
        "kind": connection.kind,
        "path": connection.database,
        "is_read_only": connection.is_read_only,
    }
