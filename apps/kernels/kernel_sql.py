"""Runs the statements of an SQL cell over the notebook's dataframes and files. Imported by kernel_main.py, and imports
nothing of the server.

DuckDB begins anew for each cell: what a cell can see are the names and files of the notebook, and nothing that another
SQL cell has left in a database of which the graph knows nothing.
"""

import datetime
import decimal
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import kernel_duckdb
from IPython import get_ipython
from kernel_errors import CellError
from kernel_sql_text import StatementText, line_at, pointed_at

Placeholder = tuple[str, Sequence[tuple[str, Any]], str, str]
"""As in sql_program.py."""
Class = tuple[str, str]
"""The package that it is from, and its name."""

MAX_VALUES = 100_000

_SCALARS = (
    *(bool, int, float, str, bytes, decimal.Decimal, uuid.UUID),
    *(datetime.date, datetime.time, datetime.timedelta),
)
_LISTS = (list, tuple, set, frozenset, range)


class SqlError(CellError):  # type: ignore[misc]
    """What is wrong with the statement, as the database says it, and at which place of the cell's text."""

    def __init__(self, said: str, cell_text: str = "", place: int | None = None) -> None:
        self._pointer: list[str] = []
        if place is not None:
            place = min(place, len(cell_text))
            said = f"Line {line_at(cell_text, place)}: {said}"
            # IPython counts before it runs.
            self._pointer = pointed_at(cell_text, place, get_ipython().execution_count - 1)
        super().__init__(said)

    def _render_traceback_(self) -> list[str]:
        return [*self._pointer, *super()._render_traceback_()]


def run_sql(names: Mapping[str, Any], pieces: Sequence[str | Placeholder], problem: str = "") -> Any:
    """The result of the last statement as a pandas dataframe.

    `pieces` are texts and the placeholders between them, whose values are bound to the statements as parameters.
    """
    if problem:
        raise SqlError(problem)
    statement, parameters = bound(names, pieces)

    def ask() -> Any:
        with _told_to_people(statement), kernel_duckdb.new_database() as database:
            _register(database, names, str(statement))
            return _executed(database, statement, parameters)

    return kernel_duckdb.interruptible(ask)


def duckdb_file_result(
    place: str, statement: StatementText, parameters: Mapping[str, Any], *, is_read_only: bool
) -> Any:
    """Of a database that is a file."""

    def ask() -> Any:
        with (
            _told_to_people(statement),
            kernel_duckdb.file_database(place, is_read_only=is_read_only) as database,
        ):
            return _executed(database, statement, parameters)

    return kernel_duckdb.interruptible(ask)


@contextmanager
def _told_to_people(statement: StatementText) -> Iterator[None]:
    """What DuckDB says, as an error of the cell."""
    import duckdb  # noqa: PLC0415  (as in kernel_duckdb.py)

    try:
        yield
    except duckdb.Error as error:
        said, place = _told(error, str(statement))
        in_cell = None if place is None else statement.place_in_cell(place)
        raise SqlError(said, statement.cell_text, in_cell) from None


def _executed(database: Any, statement: StatementText, parameters: Mapping[str, Any]) -> Any:
    statements = database.extract_statements(str(statement))
    if not statements:
        raise SqlError("There is no statement. Write one, such as SELECT 1.")
    for each in statements:
        wanted = {name: parameters[name] for name in each.named_parameters if name in parameters}
        database.execute(each, wanted or None)
    return database.df()


def bound(
    names: Mapping[str, Any], pieces: Sequence[str | Placeholder]
) -> tuple[StatementText, dict[str, Any]]:
    """The statement with a name for each value, and the values by these names."""
    text = StatementText()
    parameters: dict[str, Any] = {}
    for piece in pieces:
        if isinstance(piece, str):
            text.add(piece)
            continue
        name, _, lists, in_cell = piece
        value = parameter(names, piece)
        if lists and isinstance(value, list):
            # NOT IN of nothing is true of all, so it cannot be IN (NULL).
            added = [_add(parameters, name, each) for each in value]
            markers = ", ".join(added) if added else "SELECT NULL WHERE false"
        else:
            # With blanks around it: $a$ would begin a text.
            markers = f" {_add(parameters, name, value)} "
        text.put(f"({markers})" if lists == "beside in" else markers, instead_of=in_cell)
    return text, parameters


def written(pieces: Sequence[str | Placeholder]) -> str:
    """The cell's text."""
    return "".join(piece if isinstance(piece, str) else piece[3] for piece in pieces)


def _add(parameters: dict[str, Any], name: str, value: Any) -> str:
    unique = f"{re.sub(r'[^a-zA-Z0-9_]', '_', name)}_{len(parameters) + 1}"
    parameters[unique] = value
    return f"${unique}"


def parameter(names: Mapping[str, Any], placeholder: Placeholder) -> Any:
    """The value of a placeholder, as something that a database can bind."""
    name, steps, *_ = placeholder
    path = name
    if name not in names:
        raise SqlError(f"{{{name}}}: there is nothing called {name}. Run the cell that makes it.")
    value = names[name]
    for kind, step in steps:
        path += f".{step}" if kind == "." else f"[{step!r}]"
        try:
            value = getattr(value, step) if kind == "." else value[step]
        except Exception as error:
            raise SqlError(f"{{{path}}}: {type(error).__name__}: {error}") from None
    return _value(value, path)


def _value(value: Any, path: str) -> Any:
    """What DuckDB can bind."""
    if value is None or _is_missing(value):
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    if hasattr(value, "to_pytimedelta"):
        return value.to_pytimedelta()
    if isinstance(value, _SCALARS):
        return value
    if hasattr(value, "tolist"):  # of numpy, a number or many; of pandas, a column
        value = value.tolist()
        if not isinstance(value, list):
            return _value(value, path)
    if hasattr(value, "to_list"):  # of polars
        value = value.to_list()
    if isinstance(value, _LISTS):
        if len(value) > MAX_VALUES:
            raise SqlError(f"{{{path}}} has more than {MAX_VALUES:,} values. Join with a dataframe instead.")
        return [_value(each, path) for each in value]
    kind = type(value).__name__
    raise SqlError(f"{{{path}}} is a {kind}. Numbers, texts, dates and lists of them can be in a statement.")


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in ("NaTType", "NAType")


def _register(database: Any, names: Mapping[str, Any], statement: str) -> None:
    """The dataframes that the statement may mean, under their names. Names that begin with `_` are a cell's own."""
    for word in set(re.findall(r"\w+", statement)):
        value = names.get(word)
        if not word.startswith("_") and _is_dataframe(value):
            database.register(word, value)


def _is_dataframe(value: Any) -> bool:
    known = {("pandas", "DataFrame"), ("polars", "DataFrame"), ("polars", "LazyFrame"), ("pyarrow", "Table")}
    return bool(classes_of(value) & known)


def classes_of(value: Any) -> set[Class]:
    """What the value is an instance of, without asking it."""
    return {(each.__module__.partition(".")[0], each.__name__) for each in type(value).__mro__}


def _told(error: Exception, statement: str) -> tuple[str, int | None]:
    """DuckDB's words, and where in the statement that is, in characters from 0."""
    kind, _, content = str(error).partition(": ")
    try:
        told = json.loads(content)
        said = f"{kind}: {told['exception_message']}".strip()
    except (ValueError, TypeError, KeyError):
        return str(error).strip(), None
    position = str(told.get("position", ""))
    if not position.isdecimal():
        return said, None
    return said, len(statement.encode()[: int(position)].decode(errors="ignore"))
