"""What the tools for databases have in common: which connection is meant, and how one waits for its answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection as database

from apps.assistant.tools.base import ToolContext
from apps.base.errors import Invalid, NotFound
from apps.data.connections import sources_of
from apps.data.one_query import OneQuery
from apps.data.schemas import schema_of

Json = dict[str, Any]
T = TypeVar("T")

# How often to see whether the turn was stopped.
LOOK_S = 0.2

CONNECTION = {
    "type": "string",
    "description": "The name or the id of a connection, as list_tables shows it. Left out: the only one.",
}

NO_CONNECTION = (
    "No database is connected to this notebook. A person can choose one above an SQL cell; dataframes and files need "
    "none."
)


@dataclass(frozen=True)
class KnownTable:
    """`written` is its name in a statement, with its schema unless it needs none."""

    name: str
    schema: str
    is_default: bool
    written: str
    kind: str
    columns: list[Json]


def connections_of(context: ToolContext) -> list[Json]:
    """Those that the notebook's SQL cells may use, as `sources_of`."""
    found = sources_of(actor=context.actor, notebook_id=context.notebook_id)
    return [each for each in found if each["is_shared"]]


def connection_meant(context: ToolContext, input: Json) -> Json:
    """The one that the input names. NotFound or Invalid, with those there are."""
    found = connections_of(context)
    named = input.get("connection", "").strip()
    meant = [each for each in found if named in ("", each["name"], each["id"])]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(f"{each['name']} ({each['id']})" for each in found)
    if not found:
        raise NotFound(NO_CONNECTION)
    if not meant:
        raise NotFound(f"There is no connection {named[:100]!r} here. There are: {names}.")
    raise Invalid(f"There are several connections. Say which, by name or id: {names}.")


def tables_in(context: ToolContext, connection: Json) -> tuple[list[KnownTable], bool]:
    """The tables that there are in it, and whether these are all."""

    def look(query: OneQuery) -> Json:
        return schema_of(
            actor=context.actor,
            notebook_id=context.notebook_id,
            connection_id=UUID(connection["id"]),
            query=query,
        )

    found = waited_for(look, context.should_stop)
    tables = [_known(schema, table) for schema in found["schemas"] for table in schema["tables"]]
    return tables, found["is_complete"]


def waited_for(action: Callable[[OneQuery], T], should_stop: Callable[[], bool]) -> T:
    """What it gives, in a thread of its own; its query is cancelled when the turn is stopped."""
    query = OneQuery()

    def act() -> T:
        try:
            return action(query)
        finally:
            database.close()

    with ThreadPoolExecutor(1, "database-tool") as threads:
        answer = threads.submit(act)
        while not wait([answer], timeout=LOOK_S).done:
            if should_stop():
                query.cancel()
        return answer.result()


def _known(schema: Json, table: Json) -> KnownTable:
    is_default, written = schema["is_default"], table["written"]
    return KnownTable(
        name=table["name"],
        schema=schema["name"],
        is_default=is_default,
        written=written if is_default else f"{schema['written']}.{written}",
        kind=table["kind"],
        columns=table["columns"],
    )
