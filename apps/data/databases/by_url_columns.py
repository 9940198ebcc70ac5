"""What there is in a database that only SQLAlchemy's inspection knows to list."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import sqlalchemy
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import SQLAlchemyError

# The databases' own, under the names that most have for them.
_SYSTEM = ("information_schema", "pg_catalog", "sys", "system", "mysql", "performance_schema")

# Of a database without schemas. No statement needs it.
_ONLY_SCHEMA = "default"

# As the rows of DatabaseKind: see Session.columns.
_SCHEMA = pa.schema(
    [
        *(
            ("schema", pa.string()),
            ("table", pa.string()),
            ("is_view", pa.bool_()),
            ("is_default", pa.bool_()),
        ),
        *(("column", pa.string()), ("type", pa.string())),
        *(("schema_written", pa.string()), ("table_written", pa.string()), ("column_written", pa.string())),
    ]
)


class ColumnsAnswer:
    def __init__(self, rows: Iterator[list[tuple[Any, ...]]]) -> None:
        self.schema = _SCHEMA
        self._rows = rows

    def batches(self) -> Iterator[Any]:
        for rows in self._rows:
            yield pa.record_batch(list(map(list, zip(*rows, strict=True))), schema=self.schema)


def columns_of(connection: Any) -> ColumnsAnswer:
    """All of it, schema by schema, the default one first. Raises whatever the driver does."""
    inspector = sqlalchemy.inspect(connection)
    default = inspector.default_schema_name
    found = [_rows(inspector, None, default or _ONLY_SCHEMA)]
    found += [_rows(inspector, name, name) for name in _others(inspector, default)]
    return ColumnsAnswer(iter([rows for rows in found if rows]))


def _others(inspector: Any, default: str | None) -> list[str]:
    try:
        names = inspector.get_schema_names()
    except NotImplementedError:
        return []
    return sorted(name for name in names if name and name != default and name.lower() not in _SYSTEM)


def _rows(inspector: Any, schema: str | None, shown: str) -> list[tuple[Any, ...]]:
    written = inspector.dialect.identifier_preparer.quote
    views = _views(inspector, schema)
    tables = inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY)
    return [
        (
            *(shown, table, table in views, schema is None, column["name"], _type(inspector, column["type"])),
            *(written(shown), written(table), written(column["name"])),
        )
        for (_, table), columns in sorted(tables.items(), key=lambda item: item[0][1])
        for column in columns
    ]


def _views(inspector: Any, schema: str | None) -> set[str]:
    try:
        return set(inspector.get_view_names(schema=schema))
    except NotImplementedError:
        return set()


def _type(inspector: Any, kind: Any) -> str:
    try:
        return str(kind.compile(dialect=inspector.dialect))
    except (SQLAlchemyError, NotImplementedError):
        return type(kind).__name__
