from typing import Any, ClassVar

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.clipping import beginning
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.databases import CONNECTION, KnownTable, connection_meant, tables_in
from apps.assistant.tools.results import text_result
from apps.assistant.tools.validation import object_schema
from apps.base.errors import Invalid, NotFound

MAX_SHOWN = 300
MAX_NAME_CHARS = 200
MAX_NAMED = 10


class DescribeTable(Tool):
    """Shows the columns of a table or view of a database with their types, each name as it is written in SQL. What is
    in it is not looked at.
    """

    name: ClassVar = "describe_table"
    effect: ClassVar = Effect.READS
    input_schema: ClassVar = object_schema(
        {
            "table": {
                "type": "string",
                "description": "As list_tables shows it, such as orders or zoo.animals.",
            }
        },
        {"connection": CONNECTION},
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        tables, _ = tables_in(context, connection_meant(context, input))
        table = _meant(tables, input["table"])
        lines = [f"{beginning(table.written, MAX_NAME_CHARS)}, {table.kind}"]
        for column in table.columns[:MAX_SHOWN]:
            lines.append(f"{beginning(column['written'], MAX_NAME_CHARS)}: {column['type']}")
        if len(table.columns) > MAX_SHOWN:
            lines.append(f"… {len(table.columns) - MAX_SHOWN:,} more columns")
        return text_result(as_data("\n".join(lines), "a table of a database"))


def _meant(tables: list[KnownTable], named: str) -> KnownTable:
    """The one of that name, with or without its schema and quotes. NotFound or Invalid, with what may be meant."""
    meant = [each for each in tables if named in (each.written, each.name, f"{each.schema}.{each.name}")]
    # As databases do: without a schema it is that of the default one.
    meant = [each for each in meant if each.is_default] or meant
    if len(meant) == 1:
        return meant[0]
    if meant:
        names = ", ".join(each.written for each in meant[:MAX_NAMED])
        raise Invalid(f"There are several tables of that name. Say which, with its schema: {names}.")
    raise NotFound(f"There is no table {named[:100]!r} that can be read. list_tables shows those there are.")
