"""What a kind of database is to the rest: open a session, ask it one thing, read the answer in batches, stop it.

One module for each kind beside this one. They get all they need as values: no rows, no settings of notebooks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

from apps.data.statements import Statement

# Until the server answers at all.
CONNECT_TIMEOUT_S = 10

CANCELLED = "The query was cancelled."
LOST = "The connection to the database was lost, so the result is unknown. Run the cell again."
NO_STATEMENT = "There is no statement. Write one, such as SELECT 1."


class DatabaseError(Exception):
    """What the database says, in words for the person who wrote the statement. It holds no secret.

    `place`: where in the statement's text that is, in characters from 0, as far as the database says it.
    """

    def __init__(self, said: str, place: int | None = None) -> None:
        super().__init__(said)
        self.place = place


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to go. `host` is the name, which certificates are compared with, `address` the place it was resolved to."""

    host: str
    address: str
    port: int
    database: str
    user: str
    options: dict[str, str]
    is_read_only: bool
    timeout_s: int
    secret: str = field(repr=False)

    @property
    def took_too_long(self) -> str:
        return f"The query took longer than {self.timeout_s} s, which is the limit of this connection."

    def without_secret(self, said: str) -> str:
        """What a database or its driver says, for people."""
        return said.replace(self.secret, "…") if self.secret else said


class Answer(Protocol):
    """`schema` is a pyarrow schema of types that the kernel can read (kernel_query.py); the batches have it."""

    schema: Any

    def batches(self) -> Iterator[Any]:
        """DatabaseError when it breaks off."""
        ...


class Session(Protocol):
    """One connection with at most one statement. All but `cancel` is for one thread."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes it. What was changed stays only if no exception leaves the block."""
        ...

    def execute(self, statement: Statement) -> Answer:
        """DatabaseError if the database refuses it, or does not answer in time."""
        ...

    def ping(self) -> Answer:
        """The answer to what any such database can answer. DatabaseError."""
        ...

    def columns(self) -> Answer:
        """What its user may read, a row for each column, in order, with the schema that a name alone means before
        others: schema, table, whether that is a view, whether the schema is that one, column, type; then schema, table
        and column as they stand in a statement. DatabaseError."""
        ...

    def cancel(self) -> None:
        """From any thread: stop what runs, in the database too."""
        ...
