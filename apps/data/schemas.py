"""What there is in the database of a connection: schemas, tables and columns, for those who may ask it.

Which those are is the database's to say, and looking takes it seconds: so it is kept for some minutes, in Redis, where
it may get lost. It holds names and types, and nothing of the connection.
"""

import logging
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
import redis
from django.utils import timezone

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Unavailable
from apps.base.wire import dumps
from apps.data.connections import usable_connection
from apps.data.databases.database import DatabaseError
from apps.data.file_schemas import file_rows
from apps.data.models import Connection
from apps.data.one_query import OneQuery
from apps.data.small_answers import Row, small_answer
from apps.journal.publish import connection as redis_connection

logger = logging.getLogger(__name__)

Json = dict[str, Any]

MAX_TABLES = 2_000
MAX_COLUMNS = 20_000
MAX_TYPE_CHARS = 100

TIMEOUT_S = 20
KEPT_S = 600


def schema_of(
    *,
    actor: Actor,
    notebook_id: UUID,
    connection_id: UUID,
    is_fresh: bool = False,
    query: OneQuery | None = None,
) -> Json:
    """`{kind, schemas: [{name, written, is_default, tables}], is_complete, as_of}`, for editors, of a connection that
    the notebook may use; `tables` are `[{name, written, kind, columns: [{name, written, type}]}]`.

    `written`: as the name stands in a statement, in quotes if need be. `is_default`: tables of the schema need none
    before their names. `kind` of a table is `table` or `view`. `is_fresh`: as it is now. `query`: for whoever
    wants to cancel it. Invalid, Unavailable or TooMany, and why. What is in a file only an idle kernel can tell.
    """
    require_role(actor, notebook_id, Role.EDITOR)
    connection = usable_connection(notebook_id, connection_id)
    key = _key(notebook_id, connection)
    kept = None if is_fresh else _kept(key)
    if kept is None:
        rows, is_complete = (
            file_rows(notebook_id, connection, query)
            if connection.is_file
            else _rows_elsewhere(connection, query)
        )
        kept = _schema_json(connection, rows, is_complete=is_complete)
        _keep(key, kept)
    return kept


def _rows_elsewhere(connection: Connection, query: OneQuery | None) -> tuple[list[Row], bool]:
    try:
        answer = small_answer(
            connection,
            lambda session: session.columns(),
            timeout_s=TIMEOUT_S,
            max_rows=MAX_COLUMNS,
            query=query,
        )
    except DatabaseError as error:
        raise Unavailable(str(error)) from None
    return answer.rows, answer.is_complete


def _schema_json(connection: Connection, rows: list[Row], *, is_complete: bool) -> Json:
    tables = [list(found) for _, found in groupby(rows, key=lambda row: row[:2])]
    schemas = groupby(tables[:MAX_TABLES], key=lambda rows: rows[0][0])
    return {
        "kind": connection.kind,
        "schemas": [_schema(list(found)) for _, found in schemas],
        "is_complete": is_complete and len(tables) <= MAX_TABLES,
        "as_of": timezone.now().isoformat(),
    }


def _schema(tables: list[list[Row]]) -> Json:
    name, _, _, is_default, _, _, written, _, _ = tables[0][0]
    return {
        "name": name,
        "written": written,
        "is_default": bool(is_default),
        "tables": [_table(rows) for rows in tables],
    }


def _table(columns: list[Row]) -> Json:
    _, name, is_view, _, _, _, _, written, _ = columns[0]
    return {
        "name": name,
        "written": written,
        "kind": "view" if is_view else "table",
        "columns": [
            {"name": column, "written": column_written, "type": kind[:MAX_TYPE_CHARS]}
            for _, _, _, _, column, kind, _, _, column_written in columns
            if column is not None
        ],
    }


def _kept(key: str) -> Json | None:
    try:
        text: Any = redis_connection().get(key)
    except redis.RedisError as error:
        logger.warning("Could not look for a schema at %s: %s", key, error)
        return None
    return orjson.loads(text) if text else None


def _keep(key: str, schema: Json) -> None:
    try:
        redis_connection().set(key, dumps(schema), ex=KEPT_S)
    except redis.RedisError as error:
        logger.warning("Could not keep a schema at %s: %s", key, error)


def _key(notebook_id: UUID, connection: Connection) -> str:
    """Another one once the connection leads elsewhere, or as somebody else. A file is another in each notebook."""
    place = f"{connection.id}:{notebook_id}" if connection.is_file else f"{connection.id}"
    return f"tandem:schema:{place}:{connection.changed_at.timestamp()}"
