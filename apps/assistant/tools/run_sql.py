from typing import Any, ClassVar
from uuid import UUID

from apps.assistant.tools.base import Effect, Started, Tool, ToolContext, ToolResult
from apps.assistant.tools.clipping import beginning, clipped
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.databases import CONNECTION, connection_meant, waited_for
from apps.assistant.tools.results import text_block, text_result
from apps.assistant.tools.tables import joined
from apps.assistant.tools.validation import object_schema
from apps.data.databases.database import DatabaseError
from apps.data.first_rows import first_rows
from apps.data.one_query import OneQuery
from apps.data.small_answers import SmallAnswer
from apps.kernels.kernel_sql_text import line_at

MAX_ROWS = 50
MAX_VALUE_CHARS = 100
MAX_CHARS = 12_000
MAX_ERROR_CHARS = 2_000
MAX_PREVIEW_CHARS = 4_000


class RunSql(Tool):
    """Asks a database one SELECT and shows the first 50 rows of the answer: for looking around before you write SQL
    cells. Only connections that are read-only can be asked so, nothing can be changed, and the notebook keeps nothing
    of the answer. Aggregate, or add LIMIT, rather than asking for a whole table. What the notebook is to keep belongs
    into an SQL cell, and values of Python in braces can only be there.
    """

    name: ClassVar = "run_sql"
    effect: ClassVar = Effect.RUNS
    input_schema: ClassVar = object_schema(
        {"statement": {"type": "string", "description": "One statement, in the SQL of that database."}},
        {"connection": CONNECTION},
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> Started:
        connection = connection_meant(context, input)
        return Started({"connection_id": connection["id"], "statement": input["statement"]})

    def finish(self, context: ToolContext, state: dict[str, Any]) -> ToolResult:
        """Asked here, where no lock is held; it changes nothing, so it may be asked again."""

        def ask(query: OneQuery) -> SmallAnswer:
            return first_rows(
                actor=context.actor,
                notebook_id=context.notebook_id,
                connection_id=UUID(state["connection_id"]),
                text=state["statement"],
                max_rows=MAX_ROWS,
                query=query,
            )

        try:
            answer = waited_for(ask, context.should_stop)
        except DatabaseError as error:
            return _refused(error, state["statement"])
        return text_result(as_data(_told(answer), "rows of a database"))

    def preview(self, context: ToolContext, input: dict[str, Any]) -> dict[str, Any]:
        name = connection_meant(context, input)["name"]
        return {"kind": "sql", "connection": name, "statement": input["statement"][:MAX_PREVIEW_CHARS]}


def _refused(error: DatabaseError, statement: str) -> ToolResult:
    """It may quote what is in the database, which anybody may have written there."""
    said = str(error) if error.place is None else f"Line {line_at(statement, error.place)}: {error}"
    marked = as_data(clipped(said, MAX_ERROR_CHARS), "the database's words")
    return ToolResult([text_block(f"The database did not do it.\n{marked}")], is_error=True)


def _told(answer: SmallAnswer) -> str:
    header = joined([f"{beginning(each.name, MAX_VALUE_CHARS)}: {_type(each)}" for each in answer.columns])
    lines = [joined([_value(value) for value in row]) for row in answer.rows]
    count = f"{len(lines)} rows" if answer.is_complete else f"The first {len(lines)} rows of more"
    return clipped("\n".join([count, header, *lines]), MAX_CHARS)


def _type(column: Any) -> str:
    """What Arrow has no type for is text, with its own name beside it."""
    made = (column.metadata or {}).get(b"tandem")
    return made.decode() if made else str(column.type)


def _value(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bytes():
            return f"({len(value):,} bytes)"
        case _:
            return beginning(str(value), MAX_VALUE_CHARS)
