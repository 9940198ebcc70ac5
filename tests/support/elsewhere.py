"""A PostgreSQL that is not ours, as connections and cells use it."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.data.commands import choose_source, create_connection
from apps.data.connection_parts import Parts
from apps.data.models import Connection
from apps.notebooks.models import Cell
from tests.support.cast import Person
from tests.support.postgresql import SECRET, Elsewhere, running_postgresql

__all__ = ["SECRET", "Elsewhere", "ask", "connect"]


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    with running_postgresql() as there:
        yield there


def connect(person: Person, elsewhere: Elsewhere, *, name: str = "shop", **parts: Any) -> Connection:
    return create_connection(actor=person.actor, parts=Parts(name=name, url=elsewhere.url, **parts))


def ask(person: Person, cell: Cell, connection: Connection | None) -> None:
    """Make the connection the source of the SQL cell."""
    choose_source(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        cell_id=cell.id,
        connection_id=connection.id if connection else None,
    )
