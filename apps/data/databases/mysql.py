"""MySQL and MariaDB, through MySQL's own driver in its Python form: prepared statements, whose values travel beside the
text. Rows are read off its socket as they are asked for (mysql_rows.py).

Only one statement can be prepared at a time, so nobody leaves the read-only transaction with COMMIT.
"""

import datetime
import decimal
import re
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import mysql.connector as driver
import pyarrow as pa
from mysql.connector import FieldType
from mysql.connector.constants import FieldFlag

from apps.data.databases.database import (
    CANCELLED,
    CONNECT_TIMEOUT_S,
    LOST,
    NO_STATEMENT,
    DatabaseError,
    Target,
)
from apps.data.databases.mysql_rows import RowReader
from apps.data.statements import Statement

FETCHED_ROWS = 5_000

# How much longer to listen than the database may take.
GRACE_S = 30

# MySQL does not say which of its many words need quotes, so all names have them.
COLUMNS = """
SELECT table_schema, table_name,
       (table_schema, table_name) IN (SELECT table_schema, table_name FROM information_schema.views),
       COALESCE(table_schema = DATABASE(), 0) AS is_default, column_name, column_type,
       CONCAT('`', REPLACE(table_schema, '`', '``'), '`'), CONCAT('`', REPLACE(table_name, '`', '``'), '`'),
       CONCAT('`', REPLACE(column_name, '`', '``'), '`')
FROM information_schema.columns
WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY is_default DESC, CAST(table_schema AS BINARY), CAST(table_name AS BINARY), ordinal_position
"""

_BINARY = 63  # the number of the character set that says: no text

# Of an error of syntax.
_NEAR = re.compile(r" near '(?P<rest>.*)' at line (?P<line>\d+)\Z", re.DOTALL)
_NEAR_CHARS = 40

_UNKNOWN_VARIABLE = 1193
_INTERRUPTED = (1317, 1969, 3024)
_TOO_LONG = (1969, 3024)
_GONE = (2006, 2013, 2055, 1927, 1053, 4031)
_NO_WAY_IN = (2003, 2005, 1044, 1045, 1049, 1130, 1129, 1040, 1698)

_WHOLE = (
    FieldType.TINY,
    FieldType.SHORT,
    FieldType.LONG,
    FieldType.INT24,
    FieldType.LONGLONG,
    FieldType.YEAR,
)
_TYPES = {
    FieldType.FLOAT: pa.float64(),
    FieldType.DOUBLE: pa.float64(),
    FieldType.DATE: pa.date32(),
    FieldType.DATETIME: pa.timestamp("us"),
    FieldType.TIMESTAMP: pa.timestamp("us"),
    FieldType.TIME: pa.duration("us"),
    FieldType.BIT: pa.uint64(),
}
_MADE = {FieldType.DECIMAL: b"decimal", FieldType.NEWDECIMAL: b"decimal", FieldType.JSON: b"json"}


def marker(_: int) -> str:
    return "?"


class MysqlSession:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._id: int | None = None
        self._is_cancelled = False

    def __enter__(self) -> Self:
        with told_to_people(self._target):
            self._connection = _connected(self._target)
        try:
            with told_to_people(self._target):
                self._limit_time()
                self._run("SET time_zone = '+00:00'")
                kind = "READ ONLY" if self._target.is_read_only else "READ WRITE"
                self._run(f"SET SESSION TRANSACTION {kind}")
                self._run(f"START TRANSACTION {kind}")
            with self._lock:
                self._id = self._connection.connection_id
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
                with told_to_people(self._target):
                    self._connection.commit()
        finally:
            self._close()

    def execute(self, statement: Statement) -> "MysqlAnswer":
        if not re.sub(r"\A(?:\s|;|#[^\n]*|--\s[^\n]*|/\*.*?\*/)+", "", statement.text, flags=re.DOTALL):
            raise DatabaseError(NO_STATEMENT)
        with self._lock:
            if self._is_cancelled:
                raise DatabaseError(CANCELLED)
        values = tuple(_value(value) for value in statement.values)
        with told_to_people(self._target, statement.text):
            cursor = self._connection.cursor(prepared=True)
            cursor.execute(statement.text, values)
        return MysqlAnswer(self._target, self._connection, cursor)

    def ping(self) -> "MysqlAnswer":
        return self.execute(Statement("SELECT 1"))

    def columns(self) -> "MysqlAnswer":
        return self.execute(Statement(COLUMNS))

    def cancel(self) -> None:
        """On a way of its own, as the other is busy."""
        with self._lock:
            self._is_cancelled = True
            running = self._id
        if running is not None:
            with told_to_people(self._target):
                connection = _connected(self._target)
                try:
                    connection.cmd_query(f"KILL QUERY {int(running)}")
                finally:
                    connection.close()

    def _limit_time(self) -> None:
        """MariaDB counts in seconds, MySQL in milliseconds, and each knows its own name for it."""
        try:
            self._run(f"SET max_statement_time = {self._target.timeout_s}")
        except driver.Error as error:
            if error.errno != _UNKNOWN_VARIABLE:
                raise
            self._run(f"SET max_execution_time = {self._target.timeout_s * 1000}")

    def _run(self, text: str) -> None:
        self._connection.cmd_query(text)

    def _close(self) -> None:
        with self._lock:
            self._id = None  # a number that may soon be another's
        # Not `close`, which would read to its end what nobody wants any more.
        with suppress(driver.Error, OSError):
            self._connection.shutdown()


class MysqlAnswer:
    def __init__(self, target: Target, connection: Any, cursor: Any) -> None:
        self._target = target
        self._connection = connection
        self._cursor = cursor
        # The driver has read so far as to the columns, and nothing of what comes after them.
        sock = connection._socket.sock
        sock.settimeout(target.timeout_s + GRACE_S)
        self._reader = RowReader(sock, cursor.description or ())
        columns = [_column(*each[:2], *each[7:9]) for each in cursor.description or ()]
        self.schema = pa.schema(columns or [pa.field("Count", pa.int64())])

    def batches(self) -> Iterator[Any]:
        if self._cursor.description is None:
            count = max(self._cursor.rowcount, 0)
            yield pa.record_batch([pa.array([count], pa.int64())], schema=self.schema)
            return
        with told_to_people(self._target):
            count = FETCHED_ROWS
            while count == FETCHED_ROWS:
                rows = self._reader.rows(FETCHED_ROWS)
                count = len(rows)
                columns = zip(*rows, strict=True) if rows else ([] for _ in self.schema)
                arrays = [_array(values, column) for values, column in zip(columns, self.schema, strict=True)]
                yield pa.record_batch(arrays, schema=self.schema)
            # So that it can commit.
            self._connection.unread_result = False


@contextmanager
def told_to_people(target: Target, asked: str = "") -> Iterator[None]:
    """What MySQL or the driver says, as a DatabaseError; `asked` is the statement, if it may be about that."""
    try:
        yield
    except (driver.Error, OSError, pa.ArrowException) as error:
        raise DatabaseError(_worded(error, target), _place(error, asked)) from None


def _connected(target: Target) -> Any:
    """Nothing is read of this server's files, and nothing of them is sent."""
    return driver.connect(
        host=target.address,
        port=target.port,
        user=target.user,
        password=target.secret,
        database=target.database or None,
        use_pure=True,
        charset="utf8mb4",
        collation="utf8mb4_general_ci",
        autocommit=False,
        allow_local_infile=False,
        ssl_disabled=target.options.get("sslmode") == "disable",
        connection_timeout=CONNECT_TIMEOUT_S,
        read_timeout=target.timeout_s + GRACE_S,
        write_timeout=target.timeout_s + GRACE_S,
    )


def _column(name: str, kind: int, flags: int, charset: int) -> Any:
    if made := _MADE.get(kind):
        return pa.field(name, pa.string(), metadata={b"tandem": made})
    if kind in _WHOLE:
        return pa.field(name, pa.uint64() if flags & FieldFlag.UNSIGNED else pa.int64())
    return pa.field(name, _TYPES.get(kind) or (pa.binary() if charset == _BINARY else pa.string()))


def _array(values: Sequence[Any], column: Any) -> Any:
    """Of values as `RowReader` gives them: all that has its length before it, but dates and times, is bytes."""
    if pa.types.is_string(column.type):
        return _texts(values)
    if pa.types.is_uint64(column.type):
        return pa.array([_number(value) for value in values], column.type)
    return pa.array(values, column.type)


def _texts(values: Sequence[bytes | None]) -> Any:
    try:
        return pa.array(values, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if value is None else value.decode(errors="replace") for value in values])


def _number(value: Any) -> int | None:
    """Also of BIT."""
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value


def _value(value: Any) -> Any:
    """What MySQL can bind."""
    match value:
        case uuid.UUID():
            return str(value)
        case datetime.datetime() if value.tzinfo:
            return value.astimezone(datetime.UTC).replace(tzinfo=None)
        case list():
            raise DatabaseError(
                "MySQL has no lists. A list can stand after IN; use its values one by one elsewhere."
            )
        case decimal.Decimal() if not value.is_finite():
            raise DatabaseError("MySQL has no decimal number that is not finite.")
        case _:
            return value


def _worded(error: Exception, target: Target) -> str:
    number = getattr(error, "errno", None)
    said = target.without_secret(str(getattr(error, "msg", None) or error))
    if number in _TOO_LONG or isinstance(error, TimeoutError):
        return target.took_too_long
    if number in _INTERRUPTED:
        return CANCELLED
    if number in _NO_WAY_IN:
        return f"There is no way into the database: {said}"
    if number in _GONE or isinstance(error, OSError):
        return f"{LOST} ({said[-300:]})"
    return f"MySQL: {said}"


def _place(error: Exception, asked: str) -> int | None:
    """Of an error of syntax: MySQL says how the statement goes on there, and in which line that is."""
    said = _NEAR.search(str(getattr(error, "msg", None) or ""))
    if said is None:
        return None
    lines = asked.split("\n")
    line = min(int(said["line"]), len(lines))
    start = sum(len(each) + 1 for each in lines[: line - 1])
    # Cut by bytes, so its last letter may be half of one.
    rest = said["rest"][:_NEAR_CHARS]
    found = asked.find(rest, start) if rest else len(asked.rstrip())
    return found if 0 <= found - start <= len(lines[line - 1]) else start
