"""SQL cells that ask a database elsewhere. Imported by kernel_main.py, and imports nothing of the server.

A kernel has neither the way to a database nor its password: the worker asks it. The kernel says which values stand in
the statement's braces, waits, and reads the answer from a file in its workspace:

`query_request` (IOPub, parent: the cell) is {id, fence, is_again, values}, one value for each placeholder; `fence` is
that of the lane's owner that shall answer. `query_withdrawn` (likewise) is {id}: nobody waits for the answer any more.
`query_reply` (control) is {id} with `error`, a sentence, and `place`, where in the cell's text that is, if known; or
`file`, an Arrow file in the workspace, which is removed, and `as_of`, an ISO time, if the database gave this answer to
somebody who asked it earlier; or `open`, the database's file in the workspace, {kind, path, is_read_only}, which is the
kernel's to open: a file may be made to attack whoever opens it, and the kernel is in a sandbox. One that nobody waits
for does nothing.

What is asked and not answered when the lane gets a new owner is asked again, with `is_again`.
"""

import base64
import datetime
import decimal
import json
import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import kernel_sql_files
from IPython.display import publish_display_data
from kernel_interrupts import wait_until
from kernel_sql import Placeholder, SqlError, parameter, written

Json = dict[str, Any]

AS_OF_TYPE = "application/vnd.tandem.as-of+json"

# What databases take at most; PostgreSQL takes 65,535.
MAX_VALUES = 30_000
MAX_CHARS = 4 * 2**20


@dataclass
class Query:
    """One that waits. `values` go out again if nobody has answered when the lane gets a new owner."""

    cell_id: str
    values: list[Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    is_over: threading.Event = field(default_factory=threading.Event)
    reply: Json | None = None


class Queries:
    """Code asks; the control thread answers. `publish` sends a message with the cell as its parent."""

    def __init__(self, publish: Callable[[str, Json, str], None], fence: Callable[[], int]) -> None:
        # Where this kernel begins. By descriptor: cells may change the folder, and that of a pooled kernel is renamed.
        self.workspace = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._publish = publish
        self._fence = fence
        self._lock = threading.Lock()
        self._cell_id = ""
        self._query: Query | None = None

    def begin(self, cell_id: str) -> None:
        """The code of this cell may ask from now on."""
        self._cell_id = cell_id

    def ask(self, values: list[Any]) -> Json:
        """Wait for the reply. An interrupt ends that."""
        query = Query(self._cell_id, values)
        with self._lock:
            if self._query is not None:
                raise SqlError("A cell asks one question at a time.")
            self._query = query
        try:
            # What is open when another owner takes over is asked again, so none can miss it.
            self._tell(query, is_again=False)
            wait_until(query.is_over.wait)
        finally:
            with self._lock:
                self._query = None
            if query.reply is None:
                self._publish("query_withdrawn", {"id": query.id}, query.cell_id)
        assert query.reply is not None
        return query.reply

    def ask_again(self) -> None:
        """The lane has a new owner, which knows nothing of what the last one did."""
        with self._lock:
            query = self._query
        if query is not None and not query.is_over.is_set():
            self._tell(query, is_again=True)

    def answer(self, reply: Json) -> None:
        with self._lock:
            query = self._query
            if query and query.id == reply.get("id") and not query.is_over.is_set():
                query.reply = reply
                query.is_over.set()

    def _tell(self, query: Query, *, is_again: bool) -> None:
        content = {"id": query.id, "fence": self._fence(), "is_again": is_again, "values": query.values}
        self._publish("query_request", content, query.cell_id)


asked: Queries | None = None
"""Of this kernel; kernel_main.py sets it."""


def run_sql(
    names: Mapping[str, Any], pieces: Sequence[str | Placeholder], connection_id: str, problem: str = ""
) -> Any:
    """The result as a pandas dataframe. Which statement that is, the worker reads in its own rows."""
    if problem:
        raise SqlError(problem)
    if asked is None:
        raise SqlError("This kernel cannot ask databases.")
    values = [parameter(names, piece) for piece in pieces if not isinstance(piece, str)]
    reply = asked.ask(_encoded(values))
    if "file" in reply:
        if "as_of" in reply:
            _show_age(reply["as_of"])
        return _read(asked.workspace, reply["file"])
    if "open" in reply:
        return kernel_sql_files.file_result(names, pieces, workspace=asked.workspace, **reply["open"])
    said = str(reply.get("error") or "The database's answer cannot be read. Run the cell again.")
    raise SqlError(said, written(pieces), reply.get("place"))


def _show_age(as_of: str) -> None:
    """Above the result: it is not of now. The text is for whoever does not know the type."""
    text = f"As of {as_of[:16].replace('T', ' ')} UTC"
    publish_display_data({AS_OF_TYPE: {"as_of": as_of}, "text/plain": text})


def _encoded(values: list[Any]) -> list[Any]:
    encoded = [_wire(value) for value in values]
    count = sum(len(value) if isinstance(value, list) else 1 for value in values)
    if count > MAX_VALUES or len(json.dumps(encoded)) > MAX_CHARS:
        raise SqlError(
            f"The statement has more than {MAX_VALUES:,} values in braces, or they are too long for a database. "
            "Query less with it, and join dataframes in a cell over dataframes and files."
        )
    return encoded


def _wire(value: Any) -> Any:
    """JSON of a value as `kernel_sql.parameter` gives it: [type, text], or a list of these."""
    match value:
        case None:
            return ["null", ""]
        case bool():
            return ["bool", "1" if value else ""]
        case int():
            return ["int", str(int(value))]
        case float():
            return ["float", repr(float(value))]
        case str():
            return ["text", str(value)]
        case bytes():
            return ["bytes", base64.b64encode(value).decode()]
        case decimal.Decimal():
            return ["decimal", str(value)]
        case uuid.UUID():
            return ["uuid", str(value)]
        case datetime.datetime():
            return ["datetime", value.isoformat()]
        case datetime.date():
            return ["date", value.isoformat()]
        case datetime.time():
            return ["time", value.isoformat()]
        case datetime.timedelta():
            return ["duration", str(value // datetime.timedelta(microseconds=1))]
        case list():
            return ["list", [_wire(each) for each in value]]
        case _:
            raise SqlError(f"A {type(value).__name__} cannot be in a statement.")


def _read(workspace: int, name: str) -> Any:
    """The dataframe in the Arrow file, which is nobody else's, and goes."""
    import pyarrow as pa  # noqa: PLC0415  (it takes 0.2 s, and few notebooks need it)

    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=workspace)
    try:
        os.unlink(name, dir_fd=workspace)
        with pa.memory_map(f"/proc/self/fd/{descriptor}") as file:
            return _dataframe(pa.ipc.open_file(file).read_all())
    finally:
        os.close(descriptor)


def _dataframe(table: Any) -> Any:
    """By position, as a database may give two columns one name."""
    names = table.schema.names
    table = table.rename_columns([str(number) for number in range(len(names))])
    table = _with_whole_texts(table)
    made = {name: values for name in table.schema.names if (values := _made(table, name)) is not None}
    frame = table.drop_columns(list(made)).to_pandas()
    for name, values in made.items():
        frame[name] = values
    if made:
        frame = frame[table.schema.names]
    frame.columns = names
    return frame


def _with_whole_texts(table: Any) -> Any:
    """pandas keeps texts as they come, and each take from many pieces, as for showing some rows, puts all together."""
    import pyarrow as pa  # noqa: PLC0415

    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type):
            whole = pa.table({column.name: table.column(place)}).combine_chunks()
            table = table.set_column(place, column, whole.column(0))
    return table


def _made(table: Any, name: str) -> Any:
    """The values of a column that Arrow itself would not make what people calculate with; None of others."""
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    column = table.column(name)
    make = _MAKERS.get((table.schema.field(name).metadata or {}).get(b"tandem", b""))
    if make:
        values = [None if value is None else make(value) for value in column.to_pylist()]
        return pd.Series(values, dtype=object)
    if column.null_count and pa.types.is_integer(column.type):
        # Else they would become floats, and large ones others.
        wide = "UInt64" if pa.types.is_uint64(column.type) else "Int64"
        return pd.Series(column.to_pandas(types_mapper=pd.ArrowDtype)).astype(wide)
    return None


# What Arrow has no type for, or not the one that people calculate with.
_MAKERS: Mapping[bytes, Callable[[str], Any]] = {
    b"decimal": decimal.Decimal,
    b"json": json.loads,
    b"uuid": uuid.UUID,
}
