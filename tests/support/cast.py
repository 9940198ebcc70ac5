"""The fixed cast: an owner, an editor, a viewer and a stranger, new for every test, and a notebook of the owner's."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from apps.accounts.actors import Actor, user_actor
from apps.accounts.models import ApiToken, Membership, Role, User
from apps.base.errors import DomainError
from apps.notebooks.commands import Push, create_cell, create_notebook, edit_cell, push_cells
from apps.notebooks.models import Cell, Notebook

_numbers = count(1)


@dataclass(frozen=True)
class Person:
    user: User
    actor: Actor
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def new_person(name: str) -> Person:
    # Without a password: hashing one takes a third of a second, on purpose.
    user = User.objects.create_user(f"{name}-{next(_numbers)}")
    _, token = ApiToken.objects.issue(user, "tests")
    return Person(user, user_actor(user), token)


@pytest.fixture
def owner(database: Any) -> Person:
    return new_person("owner")


@pytest.fixture
def editor(notebook: Notebook) -> Person:
    return _member(notebook, Role.EDITOR)


@pytest.fixture
def viewer(notebook: Notebook) -> Person:
    return _member(notebook, Role.VIEWER)


@pytest.fixture
def stranger(database: Any) -> Person:
    return new_person("stranger")


@pytest.fixture
def notebook(owner: Person) -> Notebook:
    return create_notebook(actor=owner.actor, title="A notebook")


@pytest.fixture
def cell(owner: Person, notebook: Notebook) -> Cell:
    return add_cell(owner, notebook, "x = 1")


def add_cell(person: Person, notebook: Notebook, source: str, *, kind: str = "python") -> Cell:
    return create_cell(actor=person.actor, notebook_id=notebook.id, kind=kind, source=source)


def write(person: Person, cell: Cell, source: str) -> None:
    """In place of the cell's text as it is now."""
    cell.refresh_from_db()
    edit_cell(
        actor=person.actor,
        notebook_id=cell.notebook_id,
        cell_id=cell.id,
        source=source,
        expected_version=cell.version,
    )


def _member(notebook: Notebook, role: Role) -> Person:
    person = new_person(role)
    Membership.objects.create(notebook=notebook, user=person.user, role=role)
    return person


def push(person: Person, cell: Cell, version: int, *changes: Any, client_id: str = "tab") -> int:
    """As an open editor does; the version after it."""
    pushed = Push(person.actor, cell.id, version, client_id, list(changes))
    (result,) = push_cells(notebook_id=cell.notebook_id, pushes=[pushed])
    if isinstance(result, DomainError):
        raise result
    return result
