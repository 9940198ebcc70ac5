import pytest

from apps.base.errors import Conflict, Forbidden, NotFound
from apps.notebooks.commands import delete_cell, edit_cell
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.replay import verified_replay
from tests.support.running import cells_of


def delete(person: Person, cell: Cell, version: int | None = None) -> None:
    delete_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, expected_version=version)


def test_works(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        delete(editor, cell, 0)
    assert cells_of(notebook) == []
    assert Cell.objects.get(id=cell.id).source == cell.source


def test_stale(owner: Person, notebook: Notebook, cell: Cell) -> None:
    edit_cell(
        actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id, source="precious", expected_version=0
    )
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict) as caught:
        delete(owner, cell, 0)
    assert caught.value.details == {"version": 1, "source": "precious"}
    with verified_replay(owner, notebook, events=1):
        delete(owner, cell)


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            delete(viewer, cell)
        with pytest.raises(NotFound):
            delete(stranger, cell)
    delete(owner, cell)
    with verified_replay(owner, notebook, events=0), pytest.raises(NotFound):
        delete(owner, cell)
