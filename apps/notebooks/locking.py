"""The first step of every command: the actor's rights, then the lock on the notebook's row, then on the cell's.

Lock order: notebook (FOR NO KEY UPDATE), then the lane, then cells by id. No lock is held across kernel or file I/O.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import NotFound
from apps.notebooks.models import Cell, Notebook

Model = TypeVar("Model", bound=models.Model)

# In SQL, because every command begins with these, and the ORM takes ten times as long to build them as they run.
_LOCK_FOR = """
SELECT {columns} FROM notebooks_notebook notebook
JOIN accounts_membership member ON member.notebook_id = notebook.id
JOIN accounts_user person ON person.id = member.user_id AND person.is_active
WHERE notebook.id = %s AND notebook.deleted_at IS NULL AND person.id = %s AND member.role = ANY(%s)
FOR NO KEY UPDATE OF notebook
"""
_CELL = "SELECT {columns} FROM notebooks_cell cell WHERE id = %s AND notebook_id = %s AND deleted_at IS NULL"


def lock_notebook_for(actor: Actor, notebook_id: UUID, needed: Role) -> Notebook:
    """The locked notebook, in the caller's transaction. NotFound or Forbidden without the role."""
    allowed = [role.value for role in Role if role.allows(needed)]
    for notebook in _rows(Notebook, "notebook", _LOCK_FOR, [notebook_id, actor.user_id, allowed]):
        return notebook
    require_role(actor, notebook_id, needed)
    raise NotFound("This notebook was deleted.")


@dataclass
class LockedNotebook:
    """As much of the locked row as its events need; a lane locks it together with its lease."""

    id: UUID
    seq: int


def get_cell(notebook: Notebook, cell_id: UUID) -> Cell:
    """A live cell of a locked notebook: nobody else can change it until the transaction ends."""
    for cell in _rows(Cell, "cell", _CELL, [cell_id, notebook.id]):
        return cell
    raise no_such_cell(cell_id)


def no_such_cell(cell_id: UUID) -> NotFound:
    return NotFound("There is no such cell in this notebook, or it was deleted.", cell_id=str(cell_id))


def _rows(model: type[Model], table: str, statement: str, values: list[Any]) -> Iterator[Model]:
    """As Django's `raw`, which takes longer to find out which column is which field than the query takes."""
    fields = model._meta.concrete_fields
    with connection.cursor() as cursor:
        cursor.execute(_with_columns(statement, model, table), values)
        rows: list[Sequence[Any]] = cursor.fetchall()
    for row in rows:
        read = [_read(field, value) for field, value in zip(fields, row, strict=True)]
        yield model.from_db(connection.alias, [field.attname for field in fields], read)


@cache
def _with_columns(statement: str, model: type[models.Model], table: str) -> str:
    columns = (f'{table}."{field.column}"' for field in model._meta.concrete_fields)
    return statement.format(columns=", ".join(columns))


def _read(field: Any, value: Any) -> Any:
    return field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
