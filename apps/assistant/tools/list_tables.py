from typing import Any, ClassVar

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.clipping import beginning
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.databases import (
    CONNECTION,
    NO_CONNECTION,
    KnownTable,
    connection_meant,
    connections_of,
    tables_in,
)
from apps.assistant.tools.results import text_result
from apps.assistant.tools.validation import object_schema
from apps.data.models import ConnectionKind

MAX_SHOWN = 300
MAX_NAME_CHARS = 200


class ListTables(Tool):
    """Lists the tables and views of a database that this notebook is connected to, as they are written in SQL. Without
    a connection it says which connections there are, and lists the tables if there is only one. SQL cells that ask a
    connection are written in the SQL of its database; which connection a cell asks is chosen by people, above the cell.
    """

    name: ClassVar = "list_tables"
    effect: ClassVar = Effect.READS
    input_schema: ClassVar = object_schema(
        {},
        {
            "connection": CONNECTION,
            "search": {"type": "string", "description": "A part of a table's name. Left out: all."},
        },
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        found = connections_of(context)
        if not found:
            return text_result(NO_CONNECTION)
        if len(found) > 1 and not input.get("connection"):
            lines = [_told(each) for each in found]
            return text_result("Say which connection:\n" + as_data("\n".join(lines), "connections"))
        connection = connection_meant(context, input)
        tables, are_all = tables_in(context, connection)
        lines = [_told(connection), *_lines(tables, input.get("search", ""), are_all=are_all)]
        return text_result(as_data("\n".join(lines), "tables of a database"))


def _told(connection: dict[str, Any]) -> str:
    kind = connection["dialect"] or ConnectionKind(connection["kind"]).label
    return f"Connection {connection['name']} ({connection['id']}): {kind}, of {connection['owner']}"


def _lines(tables: list[KnownTable], search: str, *, are_all: bool) -> list[str]:
    lines = [
        f"{beginning(table.written, MAX_NAME_CHARS)}, {table.kind}, {len(table.columns):,} columns"
        for table in tables
        if search.lower() in table.name.lower()
    ]
    if len(lines) > MAX_SHOWN or not are_all:
        return [*lines[:MAX_SHOWN], "… and more: search for a part of a name."]
    if not lines:
        return [
            "There is no such table that can be read." if search else "There is no table that can be read."
        ]
    return lines
