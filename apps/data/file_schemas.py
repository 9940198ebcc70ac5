"""What tables there are in the database files of a notebook's folder: its kernel says it, which alone opens them
(kernels/kernel_file_schemas.py). What it says is text to be shown and nothing else: code in a cell can change it.
"""

import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from apps.base.errors import Invalid, Unavailable
from apps.data.models import Connection
from apps.data.one_query import OneQuery
from apps.data.small_answers import Row
from apps.execution.kernel_questions import ask_kernel
from apps.kernels.models import LIVING, Kernel

# The kernel says within a quarter of a second that it is not done yet, and gives up after 20 s.
ANSWER_S = 2.0
TIMEOUT_S = 25.0
ASK_AGAIN_S = 0.1

# The one that needs no name, in both kinds.
DEFAULT_SCHEMA = "main"

MAX_SAID_CHARS = 1_000

OFF = "Only the notebook's kernel opens this file, and it is off. Start the kernel to see its tables."
BUSY = "Only the notebook's kernel opens this file, and it is busy. Look again when it is idle."

# Which names need quotes: SQLite's keywords, and those that DuckDB does not take for names.
_RESERVED_WORDS = """
abort action add after all alter always analyse analyze and anti any array as asc asof asymmetric at attach
authorization autoincrement before begin between both by cascade case cast check collate collation column commit
concurrently conflict constraint create cross current current_catalog current_date current_role current_time
current_timestamp current_user database default deferrable deferred delete desc describe detach distinct do drop
each else end escape except exclude exclusive exists explain extract fail false fetch filter first following for
foreign freeze from full generated glob grant group grouping groups having if ignore ilike immediate in index
indexed initially inner insert instead intersect into is isnull join key lambda last lateral leading left like
limit localtime localtimestamp map match materialized national natural no not nothing notnull null nulls of offset
on only or order others out outer over overlaps overlay partition pivot pivot_longer pivot_wider placing plan
positional pragma preceding primary qualify query raise range recursive references regexp reindex release rename
replace restrict returning right rollback row rows savepoint select semi session_user set show similar some struct
summarize symmetric table tablesample temp temporary then ties to trailing transaction trigger true try_cast
unbounded union unique unpack unpivot update user using vacuum values variadic verbose view virtual when where
window with within without
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())


def file_rows(notebook_id: UUID, connection: Connection, query: OneQuery | None) -> tuple[list[Row], bool]:
    """Rows as `DatabaseKind.columns` gives them, and whether these are all; a table without columns has one whose
    column is None.

    Unavailable without an idle kernel; Invalid for a file that it cannot read. `query`: for whoever does not wait.
    """
    asked = {"kind": connection.kind, "path": connection.database}
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline and not (query and query.is_cancelled):
        reply = ask_kernel(notebook_id, "schema", asked, timeout_s=ANSWER_S)
        if reply is None:
            is_there = Kernel.objects.filter(pk=notebook_id, status__in=LIVING).exists()
            raise Unavailable(BUSY if is_there else OFF)
        match reply.get("state"):
            case "ok":
                return list(_rows(reply.get("tables"))), reply.get("is_complete") is True
            case "pending":
                time.sleep(ASK_AGAIN_S)
            case _:
                raise Invalid(str(reply.get("message") or "This file cannot be read.")[:MAX_SAID_CHARS])
    raise Unavailable(BUSY)


def _rows(tables: Any) -> Iterator[Row]:
    """Whatever has not the right form is left out."""
    for table in _lists(tables, 4):
        schema, name, is_view, columns = table
        if not (isinstance(schema, str) and isinstance(name, str)):
            continue
        known = [each for each in _lists(columns, 2) if all(isinstance(part, str) for part in each)]
        for column, kind in known or [[None, ""]]:
            is_default = schema == DEFAULT_SCHEMA
            names = (schema, name, column or "")
            yield schema, name, is_view is True, is_default, column, kind, *map(_written, names)


def _lists(value: Any, length: int) -> list[list[Any]]:
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, list) and len(each) == length]


def _written(name: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in _RESERVED:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
