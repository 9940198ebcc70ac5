"""PostgreSQL, through ADBC: what a statement gives comes as Arrow, in batches of a few megabytes (COPY in binary form).

A statement with values is declared as a cursor and fetched, because the driver would keep the whole answer of it.
Every statement is prepared, so there can be only one in a text: nobody leaves the read-only transaction with COMMIT.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from psycopg.conninfo import make_conninfo

from apps.data.databases.adbc import AdbcCursor, AdbcWay, Error
from apps.data.databases.database import (
    CANCELLED,
    CONNECT_TIMEOUT_S,
    LOST,
    NO_STATEMENT,
    DatabaseError,
    Target,
)
from apps.data.statements import BEGINNING, Statement, is_query

BATCH_BYTES = 2 * 2**20
FETCHED_ROWS = 20_000

# What ADBC gives as people want it. Of any other type the text is asked for.
_PLAIN = {
    *("bool", "int2", "int4", "int8", "oid", "float4", "float8", "text", "varchar", "bpchar", "char", "name"),
    *("bytea", "date", "time", "timestamp", "timestamptz", "interval", "uuid", "json", "jsonb", "numeric"),
    *("_bool", "_int2", "_int4", "_int8", "_float4", "_float8", "_text", "_varchar", "_date", "_timestamp"),
    "_timestamptz",
}
# What the kernel makes of text (kernel_query.py).
_MADE = {"numeric": b"decimal", "json": b"json", "jsonb": b"json", "uuid": b"uuid"}

# Of a type that does not fit an operator, a function or a column.
_TYPE_STATES = ("42883", "42804")

_CURSOR = "tandem"
_DECLARE = f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR "
_NOTHING = "/nonexistent"

_NO_COPY = re.compile(rf"{BEGINNING}(show|explain|fetch|execute)\b", re.IGNORECASE | re.DOTALL)
_BEGINNING = re.compile(rf"\A{BEGINNING}", re.DOTALL)
_END = re.compile(r"[\s;]+\Z")

# Partitions are left out: their table is there, and they may be thousands.
COLUMNS = """
SELECT space.nspname, class.relname, class.relkind IN ('v', 'm'), COALESCE(space.nspname = current_schema(), false),
       attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
       quote_ident(space.nspname), quote_ident(class.relname), quote_ident(attribute.attname)
FROM pg_catalog.pg_class class
JOIN pg_catalog.pg_namespace space ON space.oid = class.relnamespace
JOIN pg_catalog.pg_attribute attribute ON attribute.attrelid = class.oid
WHERE class.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT class.relispartition
  AND space.nspname <> 'information_schema' AND left(space.nspname, 3) <> 'pg_'
  AND attribute.attnum > 0 AND NOT attribute.attisdropped
  AND has_schema_privilege(space.oid, 'USAGE') AND has_column_privilege(class.oid, attribute.attnum, 'SELECT')
ORDER BY 4 DESC, 1, 2, attribute.attnum
"""

_TYPE_HINT = (
    "\nA value in braces has the type that it has in Python. Name another after it, such as {day}::date."
)


def marker(number: int) -> str:
    return f"${number}"


class PostgresqlSession:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._cursor: AdbcCursor | None = None
        self._is_cancelled = False

    def __enter__(self) -> Self:
        with told_to_people(self._target):
            self._way = AdbcWay(_conninfo(self._target))
        try:
            self._run(f"SET statement_timeout = {self._target.timeout_s * 1000}")
            self._run("SET timezone = 'UTC'")
            self._run("BEGIN READ ONLY" if self._target.is_read_only else "BEGIN READ WRITE")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None and not self._target.is_read_only:
                self._run("COMMIT")
        finally:
            self._close()

    def execute(self, statement: Statement) -> "PostgresqlAnswer":
        text = _END.sub("", statement.text)
        if not _BEGINNING.sub("", text, count=1):
            raise DatabaseError(NO_STATEMENT)
        if not is_query(text):
            return PostgresqlAnswer(self._target, iter([self._done(text, statement.values)]))
        schema = self._described(text, statement.values)
        text = _with_readable_types(text, schema)
        if statement.values:
            self._declare(text, statement.values)
            return PostgresqlAnswer(self._target, self._fetched())
        # In a line of its own, as the text may end with a comment.
        return PostgresqlAnswer(self._target, iter([self._reader(f"{text}\n")]))

    def ping(self) -> "PostgresqlAnswer":
        return self.execute(Statement("SELECT 1"))

    def columns(self) -> "PostgresqlAnswer":
        return self.execute(Statement(COLUMNS))

    def cancel(self) -> None:
        with self._lock:  # so that the cursor stays until the database has heard of it
            self._is_cancelled = True
            if self._cursor is not None:
                self._cursor.cancel()

    def _done(self, text: str, values: tuple[Any, ...]) -> Any:
        """What no cursor can be declared for: SHOW, INSERT, CREATE and the like."""
        cursor = self._new_cursor(is_copied=not _NO_COPY.match(text))
        with told_to_people(self._target, chars_before=0):
            reader = cursor.execute(f"{text}\n", values)
            if reader.schema.names:
                return reader
            changed = pa.array([cursor.changed_rows if cursor.changed_rows >= 0 else None], pa.int64())
            count = pa.record_batch({"Count": changed})
            return pa.RecordBatchReader.from_batches(count.schema, [count])

    def _described(self, text: str, values: tuple[Any, ...]) -> Any:
        """The schema of the answer. The driver describes no statement with values, so that begins."""
        if not values:
            with told_to_people(self._target, chars_before=0):
                return self._new_cursor().described(f"{text}\n")
        self._declare(text, values, chars_before=len(_DECLARE))
        schema = self._reader(f"FETCH 0 FROM {_CURSOR}", is_copied=False).schema
        self._run(f"CLOSE {_CURSOR}")
        return schema

    def _declare(self, text: str, values: tuple[Any, ...], chars_before: int | None = None) -> None:
        self._run(f"{_DECLARE}{text}\n", values, chars_before)

    def _fetched(self) -> Iterator[Any]:
        rows = FETCHED_ROWS
        while rows == FETCHED_ROWS:
            reader = self._reader(f"FETCH {FETCHED_ROWS} FROM {_CURSOR}", is_copied=False)
            batches = list(reader)
            rows = sum(batch.num_rows for batch in batches)
            yield pa.RecordBatchReader.from_batches(reader.schema, batches)

    def _reader(self, text: str, *, is_copied: bool = True) -> Any:
        cursor = self._new_cursor(is_copied=is_copied)
        with told_to_people(self._target):
            return cursor.execute(text)

    def _run(self, text: str, values: tuple[Any, ...] = (), chars_before: int | None = None) -> None:
        cursor = self._new_cursor()
        with told_to_people(self._target, chars_before):
            cursor.execute(text, values)

    def _new_cursor(self, *, is_copied: bool = True) -> AdbcCursor:
        """The one that `cancel` stops from now on."""
        self._close_cursor()
        with self._lock:
            if self._is_cancelled:
                raise DatabaseError(CANCELLED)
            options = {
                "adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES),
                "adbc.postgresql.use_copy": "true" if is_copied else "false",
            }
            self._cursor = self._way.cursor(**options)
            return self._cursor

    def _close_cursor(self) -> None:
        with self._lock:
            cursor, self._cursor = self._cursor, None
        if cursor is not None:
            cursor.close()

    def _close(self) -> None:
        # What the driver says now changes nothing: the server ends what is open when the connection is gone.
        with suppress(Error):
            self._close_cursor()
        with suppress(Error):
            self._way.close()


class PostgresqlAnswer:
    def __init__(self, target: Target, readers: Iterator[Any]) -> None:
        self._target = target
        self._first = next(readers)
        self._rest = readers
        columns = [_readable_column(column) for column in self._first.schema]
        self.schema = pa.schema(columns)

    def batches(self) -> Iterator[Any]:
        with told_to_people(self._target):
            for reader in chain([self._first], self._rest):
                for batch in reader:
                    yield self._readable(batch)

    def _readable(self, batch: Any) -> Any:
        columns = [
            _readable_values(values, column.type)
            for values, column in zip(batch.columns, self.schema, strict=True)
        ]
        return pa.record_batch(columns, schema=self.schema)


@contextmanager
def told_to_people(target: Target, chars_before: int | None = None) -> Iterator[None]:
    """What PostgreSQL or the driver says, as a DatabaseError.

    `chars_before`: so much is sent before the statement; None: something else, whose places mean nothing to people.
    """
    try:
        yield
    except (Error, pa.ArrowException, OSError) as error:
        place = None if chars_before is None else _place(error, chars_before)
        raise DatabaseError(_worded(str(error), target), place) from None


def _conninfo(target: Target) -> str:
    """All that libpq would else look for in this server's environment and home is said here."""
    mode = target.options.get("sslmode", "prefer")
    return make_conninfo(
        host=target.host,
        hostaddr=target.address,
        port=target.port,
        dbname=target.database or target.user,
        user=target.user,
        password=target.secret,
        sslmode=mode,
        sslrootcert="system" if mode == "verify-full" else _NOTHING,
        sslcert=_NOTHING,
        sslkey=_NOTHING,
        sslcrl=_NOTHING,
        passfile=_NOTHING,
        gssencmode="disable",
        client_encoding="utf8",
        connect_timeout=CONNECT_TIMEOUT_S,
        # A server that is gone without a word must not hold a thread for hours.
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=60_000,
        application_name="tandem",
    )


def _with_readable_types(text: str, schema: Any) -> str:
    """The statement, with columns of types that Arrow does not know turned into text."""
    types = [(column.metadata or {}).get(b"POSTGRESQL:type", b"").decode() for column in schema]
    if all(each in _PLAIN for each in types):
        return text
    columns = ", ".join(
        f"c{number}{'' if each in _PLAIN else '::text'} AS {_quoted(column.name)}"
        for number, (each, column) in enumerate(zip(types, schema, strict=True), 1)
    )
    places = ", ".join(f"c{number}" for number in range(1, len(types) + 1))
    return f"SELECT {columns} FROM ({text}\n) AS asked ({places})"  # noqa: S608  (people write SQL here)


def _readable_column(column: Any) -> Any:
    kind = column.type.storage_type if isinstance(column.type, pa.BaseExtensionType) else column.type
    made = _MADE.get((column.metadata or {}).get(b"POSTGRESQL:type", b"").decode())
    if made:
        return pa.field(column.name, pa.string(), metadata={b"tandem": made})
    return pa.field(column.name, kind)


def _readable_values(values: Any, kind: Any) -> Any:
    if isinstance(values.type, pa.UuidType):
        return pa.array([None if value is None else str(value) for value in values.to_pylist()], kind)
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    return values if values.type == kind else values.cast(kind)


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _place(error: Exception, chars_before: int) -> int | None:
    details: dict[str | bytes, str | bytes] = dict(getattr(error, "details", None) or ())
    position = details.get(b"PG_DIAG_STATEMENT_POSITION")
    return None if position is None else max(0, int(position) - 1 - chars_before)


def _worded(said: str, target: Target) -> str:
    """What PostgreSQL says, without the statement."""
    said, _, state = target.without_secret(said).partition("\n\nQuery was:")
    state = (re.findall(r"SQLSTATE: (\w+)", state or said) or [""])[-1]
    message = re.sub(r"\.? ?SQLSTATE: \w*\s*\Z", "", said).strip()
    if "canceling statement due to statement timeout" in message:
        return target.took_too_long
    if "canceling statement due to user request" in message:
        return CANCELLED
    if "Failed to connect" in message:
        return f"There is no way into the database: {message.rpartition('failed: ')[2]}"
    if "ERROR:" not in message:
        return f"{LOST} ({message[-300:]})"
    message = message.partition("ERROR:")[2].strip()
    message = re.sub(r"^LINE \d+:.*\n.*\n?", "", message, count=1, flags=re.MULTILINE).strip()
    if "cannot insert multiple commands" in message:
        message = "there is more than one statement. Put each into a cell of its own."
    if state in _TYPE_STATES:
        message += _TYPE_HINT
    return f"PostgreSQL: {message}"
